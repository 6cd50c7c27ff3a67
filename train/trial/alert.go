package trial

import (
	"fmt"
	"time"

	"github.com/titrate/titrate/ingest"
	"github.com/titrate/titrate/predict"
)

// alarmed is the calculator with insulin on board, and a plain CGM's predicted-low
// alert: the line through the last 15 minutes of readings reaches 70 mg/dL within
// 20 minutes. It asks for 12 g of fast carbs and then is quiet for 20 minutes.
type alarmed struct {
	*Calculator
	told time.Time
}

const (
	alertOver   = 15 * time.Minute
	alertAhead  = 20.0 // minutes
	alertBelow  = 70.0 // mg/dL
	alertCarbs  = 12.0 // g
	alertSnooze = 20 * time.Minute
)

// Observe implements Policy.
func (a *alarmed) Observe(at time.Time, w ingest.Wire) ([]Message, error) {
	said, err := a.Calculator.Observe(at, w)
	if w.Type != "glucose" || w.Source != "cgm" || at.Sub(a.told) < alertSnooze {
		return said, err
	}
	now, ok := a.latest(at)
	slope, straight := a.slope(at)
	if !ok || !straight || now+alertAhead*slope >= alertBelow {
		return said, err
	}
	a.told = at
	return append(said, Message{
		Advice: a.advice(at, "carbs", 0, alertCarbs), Pushed: true, About: predict.AlertPredictedLow,
		Because: fmt.Sprintf("%.0f mg/dL and %+.1f mg/dL a minute: below %.0f in %.0f min", now, slope, alertBelow, alertAhead),
	}), err
}

// slope is that of the line of least squares through the last 15 minutes, in
// mg/dL a minute; it takes three readings.
func (c *Calculator) slope(at time.Time) (slope float64, ok bool) {
	var n, x, y, xx, xy float64
	for _, s := range c.shown {
		if age := at.Sub(s.at); age <= alertOver+time.Minute {
			minutes := -age.Minutes()
			n, x, y, xx, xy = n+1, x+minutes, y+s.mgdl, xx+minutes*minutes, xy+minutes*s.mgdl
		}
	}
	spread := n*xx - x*x
	if n < 3 || spread < 1 {
		return 0, false
	}
	return (n*xy - x*y) / spread, true
}
