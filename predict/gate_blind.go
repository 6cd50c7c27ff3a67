package predict

import (
	"fmt"
	"time"
)

// lowLately is how long after signs of a low a meal is not dosed for without a
// glucose that can be trusted: a low that was treated needs about as long to be
// over, and one that nobody could see since may still be there.
const lowLately = time.Hour

// carbsOnlyGate judges what the gates of the quality stage left: a meal without a
// glucose. Carbs need their insulin whatever glucose is; a person without a sensor
// would count, inject and measure. It is refused only where a low was near.
var carbsOnlyGate = gate{Rule{
	ID: "carbs_only", Stage: "state", Hazards: []string{"H1", "H2", "H4", "H6", "H11"},
	Says: fmt.Sprintf("without a glucose that can be trusted a meal gets its carbs' part, less the insulin on board that carbs on board don't need; "+
		"none if in the %v min before glucose was below %v mg/dL, fell by %v mg/dL per min, was treated for a low, or was on its way below %v mg/dL within %v min",
		lowLately.Minutes(), nearLowUntil, fallSteep, nearLowUntil, insulinOnset),
	Source: "bolus calculators without a reading (Nightscout, AAPS); the hour and the way ahead are proposals, need clinical sign-off",
}, func(k *kernel) finding {
	g := &k.s.Glucose
	switch {
	case !k.blind:
		return pass("glucose can be trusted")
	case k.lately(g.LowAt):
		return block("glucose was below %s mg/dL %s min ago and can't be trusted now: measure with a meter first",
			nearLowUntil, k.s.Now.Sub(g.LowAt).Minutes())
	case k.lately(g.FellAt):
		return block("glucose fell steeply %s min ago and can't be trusted now: measure with a meter first", k.s.Now.Sub(g.FellAt).Minutes())
	case k.lately(g.Headed):
		return block("glucose was on its way below %s mg/dL %s min ago and can't be trusted now: measure with a meter first",
			nearLowUntil, k.s.Now.Sub(g.Headed).Minutes())
	case k.lately(k.s.Insulin.Rescued):
		return block("a low was treated %s min ago and glucose can't be trusted now: measure with a meter first",
			k.s.Now.Sub(k.s.Insulin.Rescued).Minutes())
	}
	return reduce("for the carbs alone; measure with a meter")
}}

func (k *kernel) lately(at time.Time) bool {
	return !at.IsZero() && k.s.Now.Sub(at) <= lowLately
}
