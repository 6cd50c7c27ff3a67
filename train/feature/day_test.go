package feature

import (
	"math/rand/v2"
	"sort"
	"time"

	"github.com/titrate/titrate/cleanse"
)

// monday is when the tests' people begin.
var monday = time.Date(2026, 11, 2, 0, 0, 0, 0, time.UTC)

// days is a made-up person's log, in order of time: a sensor every five minutes
// with gaps, meals, boluses, long-acting insulin, profiles, exercise and notes.
func days(seed uint64, n int) []cleanse.Event {
	r := rand.New(rand.NewPCG(seed, 1))
	var events []cleanse.Event
	add := func(minutes float64, e cleanse.Event) {
		e.At = monday.Add(time.Duration(minutes * float64(time.Minute))).Truncate(time.Microsecond)
		events = append(events, e)
	}
	for day := range n {
		base := float64(24 * 60 * day)
		if day%3 == 0 {
			add(base+1, cleanse.Event{Kind: cleanse.Profile, Profile: settings(40 + 10*r.Float64())})
		}
		add(base+480.1, dose("long", "", 18))
		for meal := range 4 {
			at := base + 420 + 240*float64(meal) + 60*r.Float64()
			add(at, meals(20+60*r.Float64()))
			add(at+3*r.Float64()+0.1, dose("rapid", "meal", 1+6*r.Float64()))
		}
		add(base+700, cleanse.Event{Kind: cleanse.Activity, Activity: cleanse.Exercise{Duration: 40 * time.Minute}})
		add(base+800.3, cleanse.Event{Kind: cleanse.Note, Note: cleanse.Remark{Code: "calibration"}})
		mgdl := 120.0
		for m := 0.0; m < 24*60; m += 5 {
			mgdl = min(max(mgdl+8*r.NormFloat64()+(140-mgdl)/40, 45), 350)
			if r.IntN(15) > 0 && (m < 600 || m > 660) {
				add(base+m+r.Float64()/3, glucose(mgdl))
			}
		}
	}
	sort.SliceStable(events, func(i, j int) bool { return events[i].At.Before(events[j].At) })
	return events
}

func settings(isf float64) *cleanse.Settings {
	return &cleanse.Settings{
		BirthYear: 1984, WeightKg: 72, Diabetes: "type1", Zone: time.UTC, Insulin: "lispro", DIA: 6 * time.Hour,
		ISF: cleanse.Schedule{{Start: 0, Value: isf}, {Start: 720, Value: isf + 5}}, ICR: cleanse.Schedule{{Value: 10}},
	}
}

func glucose(mgdl float64) cleanse.Event {
	return cleanse.Event{Kind: cleanse.Glucose, Source: "cgm", Glucose: cleanse.GlucoseReading{MgdL: cleanse.MgdL(mgdl)}}
}

func dose(action, reason string, units float64) cleanse.Event {
	return cleanse.Event{Kind: cleanse.Insulin,
		Insulin: cleanse.InsulinDose{Action: action, Reason: reason, Units: cleanse.Units(units)}}
}

func meals(carbs float64) cleanse.Event {
	return cleanse.Event{Kind: cleanse.Meal, Meal: cleanse.MealEntry{Carbs: cleanse.Some(cleanse.Grams(carbs))}}
}

// at is e at some minutes after monday.
func at(minutes float64, e cleanse.Event) cleanse.Event {
	e.At = monday.Add(time.Duration(minutes * float64(time.Minute)))
	return e
}

// observe folds events into a new window.
func observe(events ...cleanse.Event) *Window {
	w := new(Window)
	for i := range events {
		w.Observe(&events[i])
	}
	return w
}

// trace is the bars of glucose at even steps up to minute 0 of monday.
func trace(step float64, mgdl ...float64) []cleanse.Event {
	var events []cleanse.Event
	for i, m := range mgdl {
		events = append(events, at(-step*float64(len(mgdl)-1-i), glucose(m)))
	}
	return events
}
