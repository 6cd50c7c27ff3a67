package predict

import (
	"math"

	"github.com/titrate/titrate/cleanse"
)

var numbersGate = gate{Rule{
	ID: "numbers", Stage: "validate", Hazards: []string{"H13", "H15"},
	Says:   "no insulin if anything that a dose depends on is not a finite number, or is negative where it can't be",
	Source: "cleansing lets no such number pass; this is the second lock",
}, func(k *kernel) finding {
	if k.odd != "" {
		// The names are constants of this file and hold no verb.
		return block("not a usable number: " + k.odd)
	}
	return pass("all inputs are numbers")
}}

// mend replaces what is no number by nothing, so that the other gates can be asked
// all the same, and names it.
func (s *Situation) mend() (odd string) {
	if !usable(float64(s.Glucose.MgdL)) {
		odd = "glucose"
		s.Glucose = Sense{}
	}
	if carbs := float64(s.Meal.Carbs.V); !usable(carbs) {
		odd = "carbs"
		s.Meal.Carbs = cleanse.Opt[cleanse.Grams]{}
	}
	t := &s.Insulin
	for _, u := range [...]*cleanse.Units{&t.OnBoard, &t.Unconfirmed, &t.ForMeal, &t.Total24, &t.PerDay, &t.Long.Units, &t.LongPrev.Units, &s.Meal.Rest} {
		if !usable(float64(*u)) {
			odd, *u = "insulin taken", 0
		}
	}
	g := &s.Glucose
	for _, x := range [...]*float64{&g.Slope, &g.Noise, (*float64)(&g.Jump), (*float64)(&t.CarbsOnBoard), (*float64)(&t.CarbsJustEaten)} {
		if math.IsNaN(*x) || math.IsInf(*x, 0) {
			odd, *x = "trace", 0
		}
	}
	for h := range s.Raised {
		if !usable(s.Raised[h]) {
			odd, s.Raised[h] = "correction of the forecast", 0
		}
		if math.IsNaN(s.Doubt[h]) || math.IsInf(s.Doubt[h], 0) {
			odd, s.Doubt[h] = "doubt of the forecast", 0
		}
	}
	if !usable(s.Need) {
		odd, s.Need = "need of the day", 0
	}
	if !(s.Belief >= 0 && s.Belief <= 1) {
		odd, s.Belief = "belief in the log", 0
	}
	return odd
}

func usable(x float64) bool { return x >= 0 && !math.IsInf(x, 1) }
