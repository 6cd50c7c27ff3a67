package feature

import (
	"iter"
	"math"
	"time"

	"github.com/titrate/titrate/cleanse"
)

// Dose is a remembered dose of rapid or short-acting insulin.
type Dose struct {
	At       time.Time
	Units    cleanse.Units
	Kind     string // rapid, short or mixed
	Reason   string // meal, correction, or empty
	Duration time.Duration
}

// shot is a Dose as it is kept.
type shot struct {
	at      micros
	units   float64
	id      id
	minutes uint16 // of an extended bolus
	kind    uint8  // index into kinds
	reason  uint8  // index into reasons
	product class
	named   bool  // the product was given; else the person's usual one
	late    uint8 // minutes from the dose to the log that took it, at most 255
}

func (s shot) when() micros { return s.at }

var (
	kinds   = [...]string{"rapid", "short", "mixed"}
	reasons = [...]string{"", "meal", "correction"}
)

// fastPart is the share of a premix that acts fast: 70/30 is the common one.
const fastPart = 0.3

func (w *Window) addInsulin(at micros, e *cleanse.Event, as extent) {
	d := &e.Insulin
	r := w.lists()
	if as == summed {
		w.totals.add(&r.insulin, at, d.Duration, float64(d.Units))
	}
	switch d.Action {
	case "long", "intermediate":
		if at >= w.long.at {
			w.long = injection{at, name(e.ID), float64(d.Units)}
		}
	}
	if Bolus(d) && w.within(at, doseReach) {
		s := shotOf(at, d)
		s.id = name(e.ID)
		s.late = uint8(min(max(e.Seen.Sub(e.At).Minutes(), 0), math.MaxUint8))
		insert(&r.doses, &w.doses, mostDoses, s)
	}
}

// Bolus tells whether a dose counts as insulin on board: fast-acting, and not the
// basal rate of a pump.
func Bolus(d *cleanse.InsulinDose) bool {
	switch d.Action {
	case "rapid", "short", "mixed":
		return d.Reason != "basal"
	}
	return false
}

// Acted is how many units of a bolus will have acted so many minutes after its
// start, by the curves that hold for this person at the time.
func (w *Window) Acted(d *cleanse.InsulinDose, at time.Time, minutes float64) cleanse.Units {
	var curves curveSet
	w.curves(&curves, at)
	s := shotOf(at.UnixMicro(), d)
	return cleanse.Units(s.active() * (1 - s.left(curves.of(&s), minutes)))
}

func shotOf(at micros, d *cleanse.InsulinDose) shot {
	s := shot{
		at: at, units: float64(d.Units),
		minutes: uint16(min(d.Duration.Minutes(), 600)),
		kind:    indexOf(kinds[:], d.Action), reason: indexOf(reasons[:], d.Reason),
	}
	switch {
	case d.Product != "":
		s.product, s.named = classOf(d.Product), true
	case d.Action == "short":
		s.product, s.named = regular, true
	}
	return s
}

// active is the part of the dose that acts as a bolus.
func (s *shot) active() float64 {
	if kinds[s.kind] == "mixed" {
		return fastPart * s.units
	}
	return s.units
}

func (s *shot) dose() Dose {
	return Dose{
		At: instant(s.at), Units: cleanse.Units(s.units), Kind: kinds[s.kind],
		Reason: reasons[s.reason], Duration: time.Duration(s.minutes) * time.Minute,
	}
}

// Doses yields the boluses of the last eight hours, oldest first; the newest 48
// if there were more. Basal insulin, of a pen or a pump, is not among them.
func (w *Window) Doses() iter.Seq[Dose] {
	return func(yield func(Dose) bool) {
		shots := w.shots()
		for i := range shots {
			if !yield(shots[i].dose()) {
				return
			}
		}
	}
}

// LongActing is the newest dose of long or intermediate-acting insulin.
func (w *Window) LongActing() (at time.Time, units cleanse.Units, ok bool) {
	if w.long.at == 0 {
		return time.Time{}, 0, false
	}
	return instant(w.long.at), cleanse.Units(w.long.units), true
}

// IOB is the insulin on board: of each bolus of the last hours what its curve
// says is still to act. Basal insulin is excluded, of a premix the fast 30 %
// count. An extended bolus counts as delivered evenly, with what is still to
// come counted in full; so are doses logged up to Ahead of at.
func (w *Window) IOB(at time.Time) cleanse.Units { return w.IOBBehind(at, 0) }

// IOBBehind is IOB if the doses were logged by a clock that is so much behind: each acts
// so much later than it says, but none later than from when the log took it, nor from at
// on.
func (w *Window) IOBBehind(at time.Time, by time.Duration) cleanse.Units {
	var curves curveSet
	w.curves(&curves, at)
	now, sum := at.UnixMicro(), 0.0
	shots := w.shots()
	for i := range shots {
		s := &shots[i]
		if s.at > now+span(Ahead) {
			continue
		}
		ago := since(now, s.at)
		if by > 0 {
			ago = max(ago-min(by.Minutes(), float64(s.late)), min(ago, 0))
		}
		sum += s.active() * s.left(curves.of(s), ago)
	}
	return cleanse.Units(sum)
}

func indexOf(words []string, word string) uint8 {
	for i, w := range words {
		if w == word {
			return uint8(i)
		}
	}
	return 0
}
