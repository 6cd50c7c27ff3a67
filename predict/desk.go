package predict

import (
	"time"

	"github.com/titrate/titrate/cleanse/slab"
	"github.com/titrate/titrate/train"
	"github.com/titrate/titrate/train/feature"
)

// desk is where one decision at a time is worked on: a model, and room that is
// used again for each. The people of one Scorer share it.
type desk struct {
	model     *train.Model
	vector    feature.Vector
	learned   train.Correction  // of the person, at the moment of vector
	ahead     *train.Forecaster // of model, nil without one
	situation Situation
	kernel    kernel
	trace     trace
	ask       func(train.Plan) train.Forecast // forecast, bound once
	below     func(*train.Forecast, int, int) float64
	// calibrated is set if the model's spread was learned from data.
	calibrated bool
	unlike     int               // see Situation.Unlike, of the vector last looked at
	prior      *train.Forecaster // nil until something was unlike
	moments    *Moments          // nil: none are told
	noticed    []Moment
	occasion   occasion       // of the event under way,
	noticing   feature.Vector // and its vector, as the window has it
	noticingAt time.Time      // of what moment noticing is; zero: the window has changed since
	lowChance  float64        // see Situation.LowChance
	zones      map[string]*time.Location
	stopped    string   // why nothing may be advised; empty: it may
	books      books    // of the memory that is written,
	script     jsonText // and its text

	// The people, and what is remembered of them, lie here.
	places slab.Places[Person]
	room   feature.Room
	days   slab.Slab[hour]

	challenger *desk // weighs what this one weighed; nil: nobody does
	compared   []Comparison
}

// priorVersion is what train.Prior calls itself, the only model whose spread was
// not learned.
const priorVersion = "prior"

func newDesk(model *train.Model) *desk {
	d := &desk{zones: map[string]*time.Location{}}
	d.ask = d.forecast
	d.use(model)
	return d
}

// use puts a model in the place of the one before.
func (d *desk) use(model *train.Model) {
	d.model, d.ahead = model, nil
	if model != nil {
		d.ahead = model.Forecaster()
	}
	d.calibrated = model != nil && model.Version != priorVersion
	d.below = nil
	if d.calibrated {
		d.below = model.Weights.Below
	}
}

// look takes a person's features at a moment; false if no forecast can be made.
func (d *desk) look(w *feature.Window, now time.Time) bool {
	if d.model == nil || !w.Vector(now, &d.vector) {
		return false
	}
	if d.moments != nil {
		d.noticing, d.noticingAt = d.vector, now
	}
	if d.vector[feature.Age] > trendUntil.Minutes() {
		outdate(&d.vector)
	}
	d.ahead.See(&d.vector)
	if d.unlike = d.model.Weights.Unlike(&d.vector); d.unlike > 0 {
		d.priorOnce().See(&d.vector)
	}
	return true
}

// outdate makes the careful side of a reading older than trendUntil (H1): a rise is not
// extrapolated from it, a fall is; and what insulin on board has lowered glucose by
// since, beyond what carbs on board raised it by, is taken off.
func outdate(v *feature.Vector) {
	v[feature.Trend], v[feature.Drive] = min(v[feature.Trend], 0), min(v[feature.Drive], 0)
	fell := (v[feature.Activity]*v[feature.ISF] - v[feature.Uptake]*v[feature.CSF]) / 60 * v[feature.Age]
	v[feature.Glucose] = max(v[feature.Glucose]-max(fell, 0), min(v[feature.Glucose], sensorLow))
}

// meet is look, and recalls what was learned of the person.
func (d *desk) meet(p *Person, now time.Time) bool {
	if !d.look(&p.window, now) {
		return false
	}
	d.learned = d.model.Correction(p.patient, &d.vector)
	return true
}

// foresee gives s the forecast of a person, if one can be made.
func (d *desk) foresee(p *Person, s *Situation) {
	s.Forecast, s.Unlike, s.Raised = nil, 0, train.Correction{}
	s.Belief, s.Doubt = 0, train.Correction{}
	if !d.meet(p, s.Now) {
		return
	}
	s.Forecast, s.Unlike = d.ask, d.unlike
	for h, mgdl := range d.learned {
		s.Raised[h] = max(0, mgdl)
	}
	if !d.calibrated {
		s.Belief = p.day.belief(p.hours(), s.Now, p.facts.SettingsAt.time())
		s.Doubt = train.Doubt(&d.vector, s.Belief, p.pace(&d.vector))
	}
}

// pace is how fast glucose moves by a sensor that measures too seldom for a trend; 0 if the
// reading that v is of doesn't tell.
func (p *Person) pace(v *feature.Vector) float64 {
	if v[feature.Age] > trendUntil.Minutes() {
		return 0
	}
	pace, _ := p.window.Pace()
	return pace
}

// forecast is what the model says of the person last met.
func (d *desk) forecast(plan train.Plan) train.Forecast {
	var f train.Forecast
	d.ahead.Forecast(plan, &d.learned, &f)
	if d.unlike > 0 {
		var prior train.Forecast
		d.prior.Forecast(plan, &train.Correction{}, &prior)
		f.Widen(&prior)
	}
	return f
}

// priorOnce is the model that has learned nothing, made when it is asked for.
func (d *desk) priorOnce() *train.Forecaster {
	if d.prior == nil {
		d.prior = train.Prior().Forecaster()
	}
	return d.prior
}

func (d *desk) version() string {
	if d.model == nil {
		return ""
	}
	return d.model.Name()
}

// zone loads a time zone by name once. An unknown name, of a database newer than
// ours, is taken as UTC.
func (d *desk) zone(name string) *time.Location {
	zone, ok := d.zones[name]
	if !ok {
		var err error
		if zone, err = time.LoadLocation(name); err != nil {
			zone = time.UTC
		}
		d.zones[name] = zone
	}
	return zone
}
