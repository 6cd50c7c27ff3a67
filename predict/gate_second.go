package predict

import (
	"fmt"
	"time"

	"github.com/titrate/titrate/cleanse"
)

// The cap of a single bolus (H9, H20) stands against a mistyped meal and wrong settings.
// What it cuts off the dose of a meal that really was that large may follow, once, as people
// split such doses by hand: after secondAfter, by when the first part would show if it had
// been too much, and while carbs are still to come. Chosen in the trial (decision 62).
const (
	secondAfter = 45 * time.Minute
	secondUntil = 150 * time.Minute // after the meal
	secondAbove = 30.0              // mg/dL above the target range
)

var secondPartGate = gate{Rule{
	ID: "second_part", Stage: "caps", Hazards: []string{"H7", "H9", "H12", "H20"},
	Says: fmt.Sprintf("what the cap of a bolus cut off a meal's dose may follow once, %v to %v min on: only if the first part was logged as taken, the meal is usual for the person, "+
		"and glucose is sure, more than %v mg/dL above the target range and not falling; at most what was cut off, with all insulin on board taken off the whole",
		secondAfter.Minutes(), secondUntil.Minutes(), secondAbove),
	Source: "decision 62; when and from where on are proposals, need clinical sign-off",
}, func(k *kernel) finding {
	g, from := &k.s.Glucose, k.high+secondAbove
	switch {
	case !k.second():
		return pass("not a second part")
	case k.blind || !g.OK || k.age > trendUntil || !g.SlopeOK || k.noTrend:
		return block("glucose or its trend is not sure: no second part")
	case k.bg <= from:
		return block("glucose %s mg/dL is not above %s: no second part", k.bg, from)
	case g.Slope < 0:
		return block("glucose is falling: no second part")
	}
	return k.cap(float64(k.s.Meal.Rest), "at most the %s U that were cut off", "at most the %s U that were cut off")
}}

// second tells whether the second part of a meal's dose is asked about.
func (k *kernel) second() bool { return k.s.Ask == AboutMeal && k.s.Meal.Rest > 0 }

// cutOff is what the cap of a bolus cut off the dose of a meal, in units, that may follow:
// nothing of a second part, nor of a meal that isn't known to be usual for the person.
func (k *kernel) cutOff() cleanse.Units {
	if k.s.Ask != AboutMeal || k.second() || k.s.Meal.UsualMost == 0 || k.unusual() {
		return 0
	}
	for i := range gates {
		if gates[i].rule.ID == "max_bolus" {
			return cleanse.Units(cents(k.rx.units(k.after[i-1]) - k.rx.units(k.after[i])))
		}
	}
	return 0
}

// await has a meal wait for the second part of its dose once the first was taken.
func (a *advice) await(first *promise, at time.Time) {
	if first.Rest > 0 {
		m := first.Meal
		m.Rest, m.Dosed = first.Rest, stampOf(at)
		a.hold(m)
	}
}
