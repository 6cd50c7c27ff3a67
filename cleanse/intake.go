package cleanse

import "time"

var (
	carbsLimit = limit{rule: carbsRange, low: 0, high: 1000, unit: "g"}
	macroLimit = limit{rule: macroRange, low: 0, high: 1000, unit: "g"}
	kcalLimit  = limit{rule: kcalRange, low: 0, high: 10000, unit: "kcal"}

	sizes = vocabulary{unknown: sizeUnknown, words: []string{"usual", "more", "less"}}
)

// meal fills what was eaten. One logged without grams still says that something
// was eaten, if it says how it compares.
func (x *exam) meal() {
	m := &x.event.Meal
	m.Carbs = x.grams(fieldCarbs, carbsLimit)
	m.Kcal = x.number(fieldKcal, kcalLimit)
	m.Protein = x.grams(fieldProtein, macroLimit)
	m.Fat = x.grams(fieldFat, macroLimit)
	m.Fibre = x.grams(fieldFibre, macroLimit)
	m.Meal = x.text(fieldMeal)
	m.Size = x.oneOf(fieldSize, sizes)
	if !x.given(fieldCarbs) && (!x.given(fieldSize) || x.isEmpty(fieldSize)) {
		x.fault(fieldCarbs.String(), carbsMissing, "required where no size is given")
	}
}

var (
	unitsLimit    = limit{rule: unitsRange, low: 0, high: 100, unit: "U"}
	durationLimit = limit{rule: durationRange, low: 0, high: 10080, unit: "min"}

	actions = vocabulary{missing: kindMissing, unknown: kindUnknown,
		words: []string{"rapid", "short", "intermediate", "long", "mixed"}}
)

// insulin fills the dose.
func (x *exam) insulin() {
	d := &x.event.Insulin
	v := x.number(fieldUnits, unitsLimit)
	if !x.given(fieldUnits) {
		x.fault(fieldUnits.String(), unitsMissing, "required")
	}
	d.Units = Units(v.V)
	d.Action = x.requiredOneOf(fieldKind, actions)
	d.Reason = x.text(fieldReason)
	d.Product = x.text(fieldProduct)
	d.Duration = minutes(x.number(fieldDuration, durationLimit).V)
}

// minutes is a number of minutes, to the resolution of times.
func minutes(v float64) time.Duration {
	return time.Duration(v * float64(time.Minute)).Round(Resolution)
}
