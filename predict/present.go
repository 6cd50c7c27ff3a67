package predict

import (
	"math"
	"time"

	"github.com/titrate/titrate/cleanse"
)

// FreshFor is how old an event may be, when the log takes it, to be answered.
// What is older is history and only builds state.
const FreshFor = 10 * time.Minute

// lateMeal is how long after a meal it may be logged and still gets its dose: while
// most of its carbs are to come. Who logs and injects only after eating is served, too.
const lateMeal = 45 * time.Minute

// askedMeal is the same for a meal that was asked about.
const askedMeal = time.Hour

// owed tells whether a meal is to be answered. One that was logged after it was
// eaten is, unless insulin was taken around it: then the person has decided.
func (p *Person) owed(e *cleanse.Event) bool {
	if fresh(e) {
		return true
	}
	late := lateMeal
	if !p.advice.lately(aboutMissed, e.Seen).IsZero() {
		late = askedMeal
	}
	if e.Backfill || e.Late || e.Seen.Sub(e.At) > late {
		return false
	}
	if e.Replaces != "" {
		return true // corrected after it was dosed for: what was taken is taken off
	}
	for d := range p.window.Doses() {
		if d.Reason != "correction" && d.At.After(e.At.Add(-mealInsulinWithin)) {
			return false
		}
	}
	return true
}

// fresh tells whether an event is of the present.
func fresh(e *cleanse.Event) bool {
	return !e.Backfill && !e.Late && e.Seen.Sub(e.At) <= FreshFor
}

// showsLow tells whether e is a low that a sensor shows now, although it says that it was
// long ago: by as much as its clock is known to be behind (H2).
func (p *Person) showsLow(e *cleanse.Event) bool {
	if e.Kind != cleanse.Glucose || e.Source != "cgm" || e.Backfill || math.Round(float64(e.Glucose.MgdL)) >= lowBelow {
		return false
	}
	return (e.Seen.Sub(e.At) - p.contact.clock(e.Seen)).Abs() <= FreshFor
}

// moment is when an event is answered: when the log took it, or when it happened
// if a device's clock is a little ahead.
func moment(e *cleanse.Event) time.Time {
	if e.At.After(e.Seen) {
		return e.At
	}
	return e.Seen
}
