package feature

import (
	"fmt"
	"testing"
	"time"

	"github.com/titrate/titrate/cleanse"
)

// An edited or deleted event leaves the window: the vectors are those of a log that
// never had it.
func TestReplacedEventsLeaveTheWindow(t *testing.T) {
	events := days(5, 2)
	last := events[len(events)-1].At
	for _, kind := range []cleanse.Kind{cleanse.Glucose, cleanse.Meal, cleanse.Insulin, cleanse.Activity} {
		extra := cleanse.Event{
			Kind: kind, ID: "wrong", At: last.Add(-10*time.Minute - 3*time.Second), Source: "cgm",
			Glucose:  cleanse.GlucoseReading{MgdL: 300},
			Meal:     cleanse.MealEntry{Carbs: cleanse.Some(cleanse.Grams(80))},
			Insulin:  cleanse.InsulinDose{Units: 9, Action: "rapid", Duration: 90 * time.Minute},
			Activity: cleanse.Exercise{Duration: time.Hour},
		}
		var without, with Window
		for i := range events {
			e := events[i]
			e.ID = fmt.Sprint(i)
			// Readings closer than four minutes are thinned, and only the newest
			// exercise is remembered: such neighbours would not come back.
			if e.Kind == kind && (kind == cleanse.Activity || kind == cleanse.Glucose && last.Sub(e.At) > 5*time.Minute && last.Sub(e.At) < 15*time.Minute) {
				continue
			}
			without.Observe(&e)
			with.Observe(&e)
		}
		with.Observe(&extra)
		var before, after, want Vector
		with.Vector(last, &before)
		with.Observe(&cleanse.Event{Kind: cleanse.Retraction, ID: "undo", At: last, Replaces: "wrong"})
		okGot, okWant := with.Vector(last, &after), without.Vector(last, &want)
		if okGot != okWant || after != want {
			t.Errorf("kind %d: a retracted event still counts: %s", kind, difference(&after, &want))
		}
		if before == after {
			t.Errorf("kind %d: the event made no difference, so the test shows nothing", kind)
		}
	}
}

// A profile that was deleted gives no settings; one that was edited gives its own,
// whatever time it tells.
func TestReplacedProfiles(t *testing.T) {
	profile := func(id, replaces string, at time.Time, weight float64) *cleanse.Event {
		return &cleanse.Event{Kind: cleanse.Profile, ID: id, Replaces: replaces, At: at, Profile: &cleanse.Settings{WeightKg: weight, Zone: time.UTC}}
	}
	var w Window
	w.Observe(profile("a", "", monday, 60))
	w.Observe(profile("b", "", monday.Add(time.Hour), 70))
	w.Observe(&cleanse.Event{Kind: cleanse.Retraction, At: monday, Replaces: "a"})
	if s := w.Settings(); s == nil || s.WeightKg != 70 {
		t.Errorf("settings %+v: one that holds no longer was taken back", s)
	}
	w.Observe(profile("c", "b", monday.Add(time.Minute), 71))
	if s := w.Settings(); s == nil || s.WeightKg != 71 {
		t.Errorf("settings %+v, want the edited ones", s)
	}
	w.Observe(&cleanse.Event{Kind: cleanse.Retraction, At: monday, Replaces: "c"})
	if s := w.Settings(); s != nil {
		t.Errorf("settings %+v of a profile that was deleted", s)
	}
}

func TestAnEditedDoseCountsAsEdited(t *testing.T) {
	at := monday.Add(time.Hour)
	dose := func(id, replaces string, units cleanse.Units) *cleanse.Event {
		return &cleanse.Event{Kind: cleanse.Insulin, ID: id, Replaces: replaces, At: at, Insulin: cleanse.InsulinDose{Units: units, Action: "rapid"}}
	}
	var w Window
	w.Observe(dose("a", "", 8))
	w.Observe(dose("b", "a", 3))
	w.Observe(dose("c", "not-there", 1))
	if got := w.IOB(at); got != 4 {
		t.Errorf("IOB %v, want 4", got)
	}
	if got := w.Total24(at); got != 4 {
		t.Errorf("total of a day %v, want 4", got)
	}
}
