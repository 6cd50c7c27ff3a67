package trial

import (
	"fmt"
	"math"
	"time"

	"github.com/titrate/titrate/ingest"
	"github.com/titrate/titrate/ingest/simulate"
	"github.com/titrate/titrate/train/feature"
)

// OnBoard says whether a calculator takes insulin on board off corrections.
type OnBoard bool

// The two kinds of calculator.
const (
	WithIOB    OnBoard = true
	WithoutIOB OnBoard = false
)

// correctFrom is the glucose in mg/dL from which a clinic has people correct
// between meals; recent is how old a reading may be for a calculator.
const (
	correctFrom = 200.0
	recent      = 15 * time.Minute
)

// Calculator is the clinic's bolus calculator with the clinic's settings: carbs
// over the ratio, plus the distance to the target over the sensitivity. People ask
// it at every meal they log, and when the sensor shows 200 mg/dL or more and no
// bolus was taken for a while.
type Calculator struct {
	rx     simulate.Therapy
	board  OnBoard
	gap    time.Duration
	curve  curve
	doses  bool // the person has rapid-acting insulin
	shown  []shown
	taken  []taken
	eaten  []taken // grams
	asked  int
	person string
}

// shown is what the sensor showed; taken is insulin in units, or carbs in grams.
type (
	shown struct {
		at   time.Time
		mgdl float64
	}
	taken struct {
		at     time.Time
		amount float64
	}
)

// NewCalculator is the calculator of one person. Corrections between meals come no
// sooner than gap after the last bolus.
func NewCalculator(p *simulate.Person, board OnBoard, gap time.Duration) *Calculator {
	w := p.Profile()
	return &Calculator{
		rx: p.Therapy(), board: board, gap: gap, doses: w.ICR != nil, person: p.Patient(),
		curve: feature.CurveFor(w.Insulin, 6*time.Hour, false),
	}
}

// Observe implements Policy.
func (c *Calculator) Observe(at time.Time, w ingest.Wire) ([]Message, error) {
	c.note(at, w)
	switch {
	case !c.doses:
		return nil, nil
	case w.Type == "meal" && w.Meal != "rescue" && w.CarbsG != nil:
		return c.meal(at, *w.CarbsG), nil
	case w.Type == "glucose" && *w.Value >= correctFrom && at.Sub(c.lastBolus()) >= c.gap:
		return c.correct(at), nil
	}
	return nil, nil
}

// note remembers what the formula needs: half an hour of readings, and insulin and
// carbs while they act.
func (c *Calculator) note(at time.Time, w ingest.Wire) {
	switch {
	case w.Type == "glucose" && w.Source == "cgm":
		c.shown = append(c.shown, shown{when(at, w), *w.Value})
		c.shown = c.shown[max(0, len(c.shown)-8):]
	case w.Type == "insulin" && w.Kind == "rapid" && w.Reason != "basal":
		c.taken = append(c.taken, taken{at, *w.Units})
		c.taken = c.taken[max(0, len(c.taken)-40):]
	case w.Type == "meal" && w.CarbsG != nil:
		c.eaten = append(c.eaten, taken{at, *w.CarbsG})
		c.eaten = c.eaten[max(0, len(c.eaten)-20):]
	}
}

// when is the time of an event, or of its transmission if a clock runs ahead.
func when(at time.Time, w ingest.Wire) time.Time {
	if t, err := time.Parse(time.RFC3339, w.Time); err == nil && t.Before(at) {
		return t
	}
	return at
}

func (c *Calculator) meal(at time.Time, carbs float64) []Message {
	units := carbs / c.rx.ICR
	text := fmt.Sprintf("%.0f g ÷ %v g/U = %.2f U", carbs, c.rx.ICR, units)
	correction, why := c.correction(at)
	return c.say(at, "bolus", units+correction, text+why)
}

func (c *Calculator) correct(at time.Time) []Message {
	units, why := c.correction(at)
	if units <= 0 {
		return nil
	}
	return c.say(at, "correction", units, "above 200 mg/dL"+why)
}

// correction is the correcting part of a dose, negative below the target, and its
// reason. Without a recent reading there is none.
func (c *Calculator) correction(at time.Time) (units float64, why string) {
	now, ok := c.latest(at)
	if !ok {
		return 0, "; no reading"
	}
	target := (c.rx.TargetLow + c.rx.TargetHigh) / 2
	units = (now - target) / c.rx.ISF
	why = fmt.Sprintf("; (%.0f − %.0f) ÷ %v = %.2f U", now, target, c.rx.ISF, units)
	if units > 0 && c.board == WithIOB {
		board := c.iob(at)
		units = math.Max(0, units-board)
		why += fmt.Sprintf(", less %.2f U still active = %.2f U", board, units)
	}
	return units, why
}

// say rounds to what the device delivers, and keeps to the person's limit, as
// calculators are set up to.
func (c *Calculator) say(at time.Time, kind string, units float64, why string) []Message {
	units = math.Min(units, c.rx.MaxBolus)
	units = math.Max(0, math.Floor(units/c.rx.DoseStep+0.5)*c.rx.DoseStep)
	if units == 0 {
		return nil
	}
	about := aboutMeal
	if kind == "correction" {
		about = aboutCorrection
	}
	return []Message{{Advice: c.advice(at, kind, units, 0), Because: why, About: about}}
}

func (c *Calculator) advice(at time.Time, kind string, units, carbs float64) simulate.Advice {
	c.asked++
	return simulate.Advice{ID: fmt.Sprintf("%s-%d", c.person, c.asked), Kind: kind, Units: units, CarbsG: carbs, At: at}
}

// latest is the newest reading, unless it is old.
func (c *Calculator) latest(at time.Time) (mgdl float64, ok bool) {
	if len(c.shown) == 0 {
		return 0, false
	}
	last := c.shown[len(c.shown)-1]
	return last.mgdl, at.Sub(last.at) <= recent
}

func (c *Calculator) lastBolus() time.Time {
	if len(c.taken) == 0 {
		return time.Time{}
	}
	return c.taken[len(c.taken)-1].at
}

// iob is the insulin still to act, in units.
func (c *Calculator) iob(at time.Time) (sum float64) {
	for _, d := range c.taken {
		sum += d.amount * c.curve.IOB(at.Sub(d.at).Minutes())
	}
	return sum
}
