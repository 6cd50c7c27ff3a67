package device

import (
	"slices"
	"strings"
	"time"
)

// uomTypes are the wire types of each kind of file.
var uomTypes = map[string]string{"Basal": "insulin", "Bolus": "insulin", "Glucose": "glucose", "Nutrition": "meal"}

// uomFill writes a line's cells into its draft.
var uomFill = map[string]func(d *draft, cells []string){
	"Basal":     uomBasal,
	"Bolus":     uomBolus,
	"Glucose":   uomGlucose,
	"Nutrition": uomMeal,
}

func uomGlucose(d *draft, cells []string) {
	d.wire.Unit, d.wire.Source = "mmol/L", "cgm"
	if word := strings.ToUpper(cells[1]); word == "LOW" || word == "HIGH" {
		d.keep("value", word) // beyond the sensor's range: a limit in place of a number
		return
	}
	d.number("value", cells[1], &d.wire.Value)
}

func uomBolus(d *draft, cells []string) {
	d.wire.Kind = "rapid"
	d.number("units", cells[1], &d.wire.Units)
}

// rateField is the pump's rate as the source gives it, in U/h. The wire has
// doses only; spread turns one into the other.
const rateField = "rate_u_per_h"

func uomBasal(d *draft, cells []string) {
	d.wire.Reason = "basal"
	switch cells[2] {
	case "L":
		d.wire.Kind = "long"
		d.number("units", cells[1], &d.wire.Units)
	case "R":
		d.wire.Kind = "rapid"
		var rate *float64
		d.number(rateField, cells[1], &rate)
		if rate != nil {
			d.keep(rateField, *rate)
		}
	default:
		d.keep("basal_dose", cells[1])
		d.fault("insulin_kind %q is neither R (pump rate) nor L (long-acting)", cells[2])
	}
}

// uomMeals are the words of the study that the wire has its own for; all others
// are kept, in lower case.
var uomMeals = map[string]string{"snacks": "snack", "correction": "rescue", "not reported": ""}

func uomMeal(d *draft, cells []string) {
	word := strings.ToLower(cells[1])
	d.wire.Meal = word
	if other, ok := uomMeals[word]; ok {
		d.wire.Meal = other
		d.keep("meal_type", cells[1])
	}
	d.wire.Text = cells[2]
	d.number("carbs_g", cells[3], &d.wire.CarbsG)
	d.number("protein_g", cells[4], &d.wire.ProteinG)
	d.number("fat_g", cells[5], &d.wire.FatG)
	d.number("fibre_g", cells[6], &d.wire.FibreG)
}

// mealTimes are when a person ate, sorted.
type mealTimes []time.Time

// withMeal is how far from a meal a bolus may be and still be meant for it.
const withMeal = 15 * time.Minute

func (m *mealTimes) add(meals []draft) {
	for _, d := range meals {
		if !d.adrift {
			*m = append(*m, d.at)
		}
	}
	slices.SortFunc(*m, time.Time.Compare)
}

// explain gives a bolus near a meal that reason; the study doesn't say why the
// others were given.
func (m mealTimes) explain(boluses []draft) {
	for i := range boluses {
		d := &boluses[i]
		next, _ := slices.BinarySearchFunc(m, d.at.Add(-withMeal), time.Time.Compare)
		if next < len(m) && !m[next].After(d.at.Add(withMeal)) {
			d.wire.Reason = "meal"
		}
	}
}
