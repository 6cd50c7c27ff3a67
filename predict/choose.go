package predict

import (
	"math"
	"slices"
	"sort"

	"github.com/titrate/titrate/cleanse"
	"github.com/titrate/titrate/train"
)

// The bounds within which the model may multiply the formula's dose (H15).
const (
	factorLeast = 0.8
	factorMost  = 1.2
	// togetherMost bounds what the model and the day's need together make of the
	// clinic's formula (H14).
	togetherMost = 1.3
)

// choose rounds the formula's dose down to the device's step and lets a calibrated
// model move it within its bounds, to the dose of least expected risk.
func (k *kernel) choose() {
	k.dose.factor = 1
	k.steps = k.rx.stepsIn(k.dose.formula)
	if k.s.Forecast == nil || !k.s.Calibrated || k.s.Unlike > 0 || k.dose.formula == 0 {
		return
	}
	least := k.rx.stepsIn(cents(factorLeast * k.dose.formula))
	most := k.rx.stepsIn(cents(min(factorMost, togetherMost/k.need) * k.dose.formula))
	// Expected risk is convex in the dose: the best dose is the first whose next
	// step is no better.
	best := least + sort.Search(most-least, func(i int) bool { return !k.pays(least + i) })
	if best != k.steps {
		k.dose.factor = k.factorFor(best)
		k.steps = best
	}
}

// pays tells whether a step more than steps is better: it lowers expected risk. At the end
// of a forecast's scale all doses look alike; more is better there, as just below it.
func (k *kernel) pays(steps int) bool {
	more, same := k.riskOf(steps+1), k.riskOf(steps)
	return more < same || more == same && k.offScale(steps)
}

// offScale tells whether a forecast, after a dose of so many steps, is for certain beyond
// what sensors show: each quantile of each horizon.
func (k *kernel) offScale(steps int) bool {
	for _, mgdl := range k.forecast(steps).P05 {
		if !(mgdl > sensorHigh) {
			return false
		}
	}
	return true
}

// riskOf is the expected risk after a dose of so many steps. A forecast that is
// not a number makes every dose equally bad, so that the least is chosen.
func (k *kernel) riskOf(steps int) float64 {
	r := expectedRisk(k.forecast(steps))
	if math.IsNaN(r) {
		return math.Inf(1)
	}
	return r
}

// factorFor is the number with the fewest decimals by which the formula's dose,
// multiplied and rounded down, gives so many steps.
func (k *kernel) factorFor(steps int) float64 {
	exact := k.rx.units(steps) / k.dose.formula
	for _, scale := range [...]float64{100, 1000, 10000} {
		factor := min(max(math.Ceil(exact*scale-1e-9)/scale, factorLeast), factorMost)
		if k.rx.stepsIn(cents(factor*k.dose.formula)) == steps {
			return factor
		}
	}
	return min(max(exact, factorLeast), factorMost)
}

// forecast is glucose ahead if a dose of so many steps were taken with the meal at
// hand.
func (k *kernel) forecast(steps int) *train.Forecast {
	return k.forecastOf(train.Plan{Carbs: k.planned(), Dose: cleanse.Units(k.rx.units(steps))})
}

// forecastOf is glucose ahead under a plan, until the next one is asked about, as doses
// and warnings are judged: at each horizon the lower of what holds for everybody and of
// that moved by what was learned of the person. The same plan is asked about by several
// gates in a row.
func (k *kernel) forecastOf(plan train.Plan) *train.Forecast {
	if !k.known || k.asked != plan {
		k.ahead, k.asked, k.known = k.s.Forecast(plan), plan, true
		k.ahead.Lower(&k.s.Raised)
	}
	return &k.ahead
}

// commonly says that a forecast is the one that holds for everybody, if what was learned
// of the person would be higher so many minutes ahead.
func (k *kernel) commonly(minutes int) string {
	if h := slices.Index(train.Horizons[:], minutes); h >= 0 && k.s.Raised[h] > 0 {
		return ", by what holds for everybody"
	}
	return ""
}

// planned is the carbs of the meal at hand: none if the forecast knows of them
// already, or if they can't be believed.
func (k *kernel) planned() cleanse.Grams {
	if k.s.Ask != AboutMeal || k.s.Meal.Eaten || !(k.s.Meal.Carbs.V <= carbsMost) {
		return 0
	}
	return cleanse.Grams(k.toCome())
}
