package cleanse

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
