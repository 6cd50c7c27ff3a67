package predict

import (
	"fmt"
	"time"
)

// Limits of a carb entry (H12), Loop's: above the first it is to be confirmed,
// above the second it is a slip of the finger.
const (
	carbsConfirm = 99.0
	carbsMost    = 250.0
)

// mealTwiceWithin is how close two meals of the same grams are taken for one that
// was logged twice (H12).
const mealTwiceWithin = 15 * time.Minute

var carbEntryGate = gate{Rule{
	ID: "carb_entry", Stage: "validate", Hazards: []string{"H12"},
	Says: fmt.Sprintf("a meal needs grams; more than %v g are to be confirmed, more than %v g refused",
		carbsConfirm, carbsMost),
	Source: "LoopConstants.swift",
}, func(k *kernel) finding {
	carbs := float64(k.s.Meal.Carbs.V)
	switch {
	case k.s.Ask != AboutMeal:
		return pass("no meal")
	case !k.s.Meal.Carbs.OK:
		return block("how many grams of carbs? A meal without them can't be dosed for")
	case !(carbs >= 0 && carbs <= carbsMost):
		return block("%s g of carbs in one meal: more than %s g is refused; check the entry", carbs, carbsMost)
	case carbs > carbsConfirm:
		return pass("%s g is a lot: confirm it (more than %s g)", carbs, carbsConfirm)
	}
	return pass("%s g", carbs)
}}

var rescueGate = gate{Rule{
	ID: "rescue_carbs", Stage: "validate", Hazards: []string{"H11"},
	Says:   "carbs eaten against a low get no insulin",
	Source: "purpose of the meal as logged",
}, func(k *kernel) finding {
	if k.s.Ask == AboutMeal && k.s.Meal.Rescue {
		return block("carbs against a low need no insulin")
	}
	return pass("no rescue carbs")
}}

var duplicateMealGate = gate{Rule{
	ID: "duplicate_meal", Stage: "validate", Hazards: []string{"H12"},
	Says: fmt.Sprintf("a meal of the same grams as one logged up to %v min before is asked about, not dosed for again",
		mealTwiceWithin.Minutes()),
	Source: "proposal, needs clinical sign-off",
}, func(k *kernel) finding {
	if k.s.Ask == AboutMeal && k.s.Meal.Twice {
		return block("%s g were logged less than %s min ago: is this the same meal? It was answered then",
			float64(k.s.Meal.Carbs.V), mealTwiceWithin.Minutes())
	}
	return pass("no such meal just before")
}}

// mealInsulinWithin is how long before a meal a bolus counts as given for it.
const mealInsulinWithin = 30 * time.Minute

var mealInsulinGate = gate{Rule{
	ID: "meal_insulin", Stage: "formula", Hazards: []string{"H7", "H17"},
	Says: fmt.Sprintf("insulin logged for a meal up to %v min before the meal itself is taken off the meal's dose; off a second part of it, all insulin on board",
		mealInsulinWithin.Minutes()),
	Source: "proposal, needs clinical sign-off",
}, func(k *kernel) finding {
	if k.second() {
		k.dose.given = k.iob()
		return reduce("%s U are still active", k.dose.given)
	}
	k.dose.given = cents(float64(k.s.Insulin.ForMeal))
	if k.s.Ask != AboutMeal || k.dose.given <= 0 {
		k.dose.given = 0
		return pass("none was taken for this meal yet")
	}
	return reduce("%s U were taken for this meal already", k.dose.given)
}}
