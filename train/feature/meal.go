package feature

import (
	"iter"
	"time"

	"github.com/titrate/titrate/cleanse"
)

// MealRef is a remembered meal. Carbs is absent where only a size was logged.
type MealRef struct {
	At    time.Time
	Carbs cleanse.Opt[cleanse.Grams]
}

// plate is a MealRef as it is kept; negative carbs mean unknown.
type plate struct {
	at    micros
	id    id
	carbs float64
}

func (p plate) when() micros { return p.at }

func (w *Window) addMeal(at micros, e *cleanse.Event) {
	m := &e.Meal
	if !w.within(at, mealReach) {
		return
	}
	p := plate{at, name(e.ID), -1}
	if m.Carbs.OK {
		p.carbs = float64(m.Carbs.V)
	}
	insert(&w.lists().meals, &w.meals, mostMeals, p)
}

// Meals yields the meals of the last eight hours, oldest first; the newest 24 if
// there were more.
func (w *Window) Meals() iter.Seq[MealRef] {
	return func(yield func(MealRef) bool) {
		plates := w.plates()
		for i := range plates {
			m := MealRef{At: instant(plates[i].at)}
			if plates[i].carbs >= 0 {
				m.Carbs = cleanse.Some(cleanse.Grams(plates[i].carbs))
			}
			if !yield(m) {
				return
			}
		}
	}
}

// COB is the carbohydrate on board: eaten, by the person's count, and not yet
// absorbed by the curve of Absorbed. Meals up to Ahead of at count in full.
func (w *Window) COB(at time.Time) cleanse.Grams {
	now, sum := at.UnixMicro(), 0.0
	plates := w.plates()
	for i := range plates {
		if p := &plates[i]; p.carbs > 0 && p.at <= now+span(Ahead) {
			sum += p.carbs * (1 - Absorbed(since(now, p.at)))
		}
	}
	return cleanse.Grams(sum)
}
