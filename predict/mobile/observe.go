package mobile

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/titrate/titrate/cleanse"
	"github.com/titrate/titrate/ingest"
	"github.com/titrate/titrate/predict"
)

// Observe takes the next record of the topic events. What cleansing refuses is
// not shown; the lake keeps it with its reasons.
func (s *Server) Observe(rec ingest.Record) {
	v := s.clean(rec)
	switch {
	case v.Ahead != nil:
		s.sight(v.Ahead)
		return
	case v.Outcome != cleanse.Accepted && v.Outcome != cleanse.Late:
		return
	}
	event := &v.Event
	c := s.open(event.Patient)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.remembered && !s.ready.Load() {
		c.person.Replay(event) // memory may know what it changed
	} else {
		c.person.Observe(event)
	}
	gone := c.forget(event.Replaces)
	c.observe(event)
	if gone && len(c.feed.clients) > 0 {
		c.feed.publish("hello", c.hello(s.latency.summary())) // pages draw themselves anew
	}
}

// observe puts e on the chart and tells the open streams what changed.
func (c *chart) observe(e *cleanse.Event) {
	switch e.Kind {
	case cleanse.Glucose:
		c.read(e)
	case cleanse.Meal:
		m := Meal{Time: e.At, CarbsG: e.Meal.Carbs.V, Size: e.Meal.Size, Meal: e.Meal.Meal,
			Event: predict.EventRef{Partition: e.Partition, Offset: e.Offset}, id: e.ID}
		c.meals = insert(c.meals, m)
		c.feed.publish("meal", m)
	case cleanse.Insulin:
		d := Dose{Time: e.At, Units: e.Insulin.Units, Kind: e.Insulin.Action, Reason: e.Insulin.Reason, id: e.ID}
		c.insulin = insert(c.insulin, d)
		c.feed.publish("insulin", d)
	case cleanse.Profile:
		if !e.At.Before(c.zoned) {
			c.zone, c.zoned = e.Profile.Zone.String(), e.At
		}
	case cleanse.Response:
		for _, a := range c.answered(e.At, e.Response) {
			c.feed.publish("response", a)
		}
		return
	}
	// A forecast costs more than all of the above; nobody looks at most of them.
	if len(c.feed.clients) > 0 {
		c.feed.publish("forecast", c.forecast())
	}
}

// read adds a reading. A late one takes its place in the curve, but is not news:
// neither the current value nor an alert.
func (c *chart) read(e *cleanse.Event) {
	r := Reading{Time: e.At, MgdL: e.Glucose.MgdL, Trend: e.Glucose.Trend, Special: special(e.Glucose.Special), id: e.ID}
	c.glucose = insert(c.glucose, r)
	newest := len(c.glucose) - 1
	if c.glucose[newest].Time.Equal(r.Time) {
		c.glucose[newest].Trend = trend(c.glucose)
		r = c.glucose[newest]
		c.raise(r)
	}
	c.feed.publish("glucose", r)
}

func special(s cleanse.Special) string {
	switch s {
	case cleanse.Low:
		return "low"
	case cleanse.High:
		return "high"
	}
	return ""
}

// Ahead is a forecast and the moment that it was made for.
type Ahead struct {
	From   time.Time               `json:"from"`
	Now    time.Time               `json:"now"` // the patient's clock, so that the page's follows it
	Points []predict.ForecastPoint `json:"points"`
}

func (c *chart) forecast() Ahead {
	now := c.now()
	points := []predict.ForecastPoint{}
	if len(c.glucose) > 0 {
		points = append(points, c.person.Forecast(now)...)
	}
	return Ahead{From: now, Now: now, Points: points}
}

// Recommended takes the next record of the topic recommendations. Advice that has
// expired by the patient's clock goes to the history and is not announced: a
// replay can't push. The error says why a record is not a recommendation.
func (s *Server) Recommended(rec ingest.Record) error {
	a, err := decode(rec)
	if err != nil {
		return fmt.Errorf("recommendation at %s/%d/%d: %w", rec.Topic, rec.Partition, rec.Offset, err)
	}
	c := s.open(a.Patient)
	c.mu.Lock()
	defer c.mu.Unlock()
	expired := !c.now().Before(a.Expires)
	if !expired && s.ready.Load() {
		a.LatencyMs = s.measure(rec)
	}
	a.withdrawn = c.stopped != "" && (a.Units > 0 || a.CarbsG > 0) && !expired
	if fresh := c.add(a); fresh && !expired {
		c.feed.publish("recommendation", c.state(len(c.advices)-1))
	}
	return nil
}

// measure is the milliseconds since the event that caused rec was produced, or 0
// where the record doesn't say.
func (s *Server) measure(rec ingest.Record) float64 {
	for _, h := range rec.Headers {
		if h.Key != "produced" {
			continue
		}
		ns, err := strconv.ParseInt(string(h.Value), 10, 64)
		if err != nil {
			return 0
		}
		return s.latency.add(max(0, s.options.Wall().Sub(time.Unix(0, ns))))
	}
	return 0
}

// decode is the advice in rec. Other programs may write to the topic, so it is
// checked for what the page would trip over, or show to the wrong person.
func decode(rec ingest.Record) (Advice, error) {
	var a Advice
	if err := json.Unmarshal(rec.Value, &a.Recommendation); err != nil {
		return a, fmt.Errorf("not the JSON of a recommendation: %w", err)
	}
	switch {
	case a.ID == "" || a.Patient == "":
		return a, fmt.Errorf("it has no id or no patient")
	case string(rec.Key) != a.Patient:
		return a, fmt.Errorf("its key is %q but its patient is %q", rec.Key, a.Patient)
	case a.Time.IsZero() || !a.Expires.After(a.Time):
		return a, fmt.Errorf("it expires %v, not after its time %v", a.Expires, a.Time)
	case a.Units < 0 || a.CarbsG < 0 || math.IsNaN(float64(a.Units)):
		return a, fmt.Errorf("it advises %v U and %v g", a.Units, a.CarbsG)
	}
	return a, nil
}
