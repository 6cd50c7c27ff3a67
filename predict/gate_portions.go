package predict

import (
	"fmt"
	"math"

	"github.com/titrate/titrate/cleanse"
)

// A meal is unusual for somebody if it lies more than unusualSpread standard deviations
// above the mean of their latest meals, and above unusualTimes the mean, since who
// always eats the same has no spread (H12). Fewer than portionsLeast meals tell nothing.
const (
	unusualSpread = 3.0
	unusualTimes  = 2.0
	portionsLeast = 10
	portionsKept  = 30 // a week's, or more
)

// portions are the grams of somebody's latest meals, oldest first, a byte each. A
// replay doesn't rebuild them: memory has them.
type portions []byte

// observe takes a meal in, and tells whether it counts. One that was unusual counts as
// the largest that wouldn't have been: a slip of the finger hardly makes the next one
// usual, and a new habit is one after a few meals.
func (p *portions) observe(carbs cleanse.Opt[cleanse.Grams]) bool {
	if !carbs.OK || !(carbs.V > 0 && carbs.V <= carbsMost) {
		return false
	}
	grams := math.Round(float64(carbs.V))
	if most := p.most(); most > 0 {
		grams = min(grams, float64(most))
	}
	if len(*p) == portionsKept {
		copy(*p, (*p)[1:])
		*p = (*p)[:portionsKept-1]
	}
	*p = append(*p, byte(grams))
	return true
}

// most is the largest meal that is not unusual, in whole grams; 0 if too few are known.
func (p portions) most() cleanse.Grams {
	if len(p) < portionsLeast {
		return 0
	}
	var sum, squares float64
	for _, grams := range p {
		x := float64(grams)
		sum, squares = sum+x, squares+x*x
	}
	n := float64(len(p))
	mean := sum / n
	spread := math.Sqrt(max(0, squares/n-mean*mean))
	return cleanse.Grams(math.Floor(max(mean+unusualSpread*spread, unusualTimes*mean)))
}

var unusualMealGate = gate{Rule{
	ID: "unusual_meal", Stage: "validate", Hazards: []string{"H12"},
	Says: fmt.Sprintf("a meal above the mean of the person's last %v meals by more than %v standard deviations, and above %v× the mean, is to be confirmed; from %v meals on",
		portionsKept, unusualSpread, unusualTimes, portionsLeast),
	Source: "H12's 3 σ; how many meals, and the double, are proposals, need clinical sign-off",
}, func(k *kernel) finding {
	most := float64(k.s.Meal.UsualMost)
	switch {
	case k.s.Ask != AboutMeal:
		return pass("no meal")
	case most == 0:
		return pass("too few meals are known to tell what is usual")
	case k.unusual():
		return pass("%s g is unusual: confirm it (so far up to %s g)", float64(k.s.Meal.Carbs.V), most)
	}
	return pass("%s g is usual (up to %s g)", float64(k.s.Meal.Carbs.V), most)
}}

// unusual tells whether the meal at hand is larger than what the person eats.
func (k *kernel) unusual() bool {
	most := k.s.Meal.UsualMost
	return k.s.Ask == AboutMeal && most > 0 && k.s.Meal.Carbs.V > most
}
