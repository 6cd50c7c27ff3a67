package predict

import (
	"fmt"
	"time"
)

// lowLately is how long after signs of a low a meal is not dosed for without a
// glucose that can be trusted: a low that was treated needs about as long to be
// over. lowUnseen is how long if nothing was seen since: nobody knows that it is over,
// until what was seen says as little of now as no reading would. It is as far as
// forecasts reach.
const (
	lowLately = time.Hour
	lowUnseen = 4 * time.Hour
)

// carbsOnlyGate judges what the gates of the quality stage left: a meal without a
// glucose. Carbs need their insulin whatever glucose is; a person without a sensor
// would count, inject and measure. It is refused only where a low was near, or may be:
// a low-normal glucose says for an hour that it isn't high, and then that nobody has
// looked (decision 64).
var carbsOnlyGate = gate{Rule{
	ID: "carbs_only", Stage: "state", Hazards: []string{"H1", "H2", "H4", "H6", "H11"},
	Says: fmt.Sprintf("without a glucose that can be trusted a meal gets its carbs' part, less the insulin on board that carbs on board don't need; "+
		"none if in the %v min before glucose was below %v mg/dL, fell by %v mg/dL per min, was treated for a low, or was on its way below %v mg/dL within %v min; "+
		"none for %v h if that, or a glucose below the target range, is the last that was seen; where nothing else stands against insulin the answer is to measure",
		lowLately.Minutes(), nearLowUntil, fallSteep, nearLowUntil, insulinOnset, lowUnseen.Hours()),
	Source: "bolus calculators without a reading (Nightscout, AAPS); the hours and the way ahead are proposals, need clinical sign-off",
}, func(k *kernel) finding {
	g := &k.s.Glucose
	switch {
	case !k.blind:
		return pass("glucose can be trusted")
	case k.lately(g.LowAt):
		return block("glucose was below %s mg/dL %s min ago and can't be trusted now: measure with a meter first",
			nearLowUntil, k.s.Now.Sub(g.LowAt).Minutes())
	case k.feared(g.FellAt):
		return block("glucose fell steeply %s min ago and can't be trusted now: measure with a meter first", k.s.Now.Sub(g.FellAt).Minutes())
	case k.feared(g.Headed):
		return block("glucose was on its way below %s mg/dL %s min ago and can't be trusted now: measure with a meter first",
			nearLowUntil, k.s.Now.Sub(g.Headed).Minutes())
	case k.feared(k.s.Insulin.Rescued):
		return block("a low was treated %s min ago and glucose can't be trusted now: measure with a meter first",
			k.s.Now.Sub(k.s.Insulin.Rescued).Minutes())
	case g.OK && k.bg < k.rx.low && !k.lately(g.At) && k.age <= lowUnseen:
		return block("the last glucose, %s mg/dL, is below the target range and %s min old: measure with a meter first", k.bg, k.age.Minutes())
	}
	return reduce("for the carbs alone; measure with a meter")
}}

func (k *kernel) lately(at time.Time) bool {
	return !at.IsZero() && k.s.Now.Sub(at) <= lowLately
}

// feared tells whether a sign of a low still counts: it is recent, or nothing was seen
// since that another trend could be told from.
func (k *kernel) feared(at time.Time) bool {
	return k.lately(at) || !at.IsZero() && k.s.Now.Sub(at) <= lowUnseen && !at.Add(trendBack).Before(k.s.Glucose.At)
}
