package lake

import (
	"time"

	"github.com/titrate/titrate/cleanse"
)

// ThroughRows puts v through a row of meals and of profiles.
func ThroughRows(v float64) float64 {
	e := cleanse.Event{Meal: cleanse.MealEntry{Kcal: cleanse.Some(v)}}
	meal := mealRowOf(&e)
	back, _ := meal.decode()
	constant, text := encodeSchedule(cleanse.Schedule{{Value: back.Meal.Kcal.V}, {Start: 61, Value: 1}})
	steps, err := decodeSchedule(constant, said(text))
	if err != nil {
		panic(err)
	}
	return steps[0].Value
}

// DurationThroughRows puts d through a row of insulin.
func DurationThroughRows(d time.Duration) time.Duration {
	e := cleanse.Event{Insulin: cleanse.InsulinDose{Duration: d}}
	insulin := insulinRowOf(&e)
	back, _ := insulin.decode()
	return back.Insulin.Duration
}

// Held is how much of its budget w uses, and how much of that is in flight.
func (w *Writer) Held() (all, flying int64) {
	_, held := w.holdings()
	return held + w.flight.flying(), w.flight.flying()
}
