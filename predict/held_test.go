package predict

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/titrate/titrate/cleanse"
	"github.com/titrate/titrate/train"
)

// TestMealsWaitBesideEachOther: each until its own time is over, the oldest first; one that
// was logged twice waits once; more than four are no meals.
func TestMealsWaitBesideEachOther(t *testing.T) {
	meal := func(minute int, carbs cleanse.Grams) heldMeal {
		return heldMeal{At: noon.Add(time.Duration(minute) * time.Minute), Carbs: carbs}
	}
	for name, c := range map[string]struct {
		held []heldMeal
		at   int // minutes past noon
		want []heldMeal
	}{
		"two":                         {[]heldMeal{meal(0, 40), meal(30, 20)}, 60, []heldMeal{meal(0, 40), meal(30, 20)}},
		"two, told in another order":  {[]heldMeal{meal(30, 20), meal(0, 40)}, 60, []heldMeal{meal(0, 40), meal(30, 20)}},
		"the first no longer":         {[]heldMeal{meal(0, 40), meal(30, 20)}, 91, []heldMeal{meal(30, 20)}},
		"logged twice":                {[]heldMeal{meal(0, 40), meal(14, 40)}, 60, []heldMeal{meal(14, 40)}},
		"the same grams, later":       {[]heldMeal{meal(0, 40), meal(15, 40)}, 60, []heldMeal{meal(0, 40), meal(15, 40)}},
		"five":                        {[]heldMeal{meal(0, 1), meal(1, 2), meal(2, 3), meal(3, 4), meal(4, 5)}, 60, []heldMeal{meal(1, 2), meal(2, 3), meal(3, 4), meal(4, 5)}},
		"a dose that was for no meal": {[]heldMeal{meal(0, 40), {}}, 60, []heldMeal{meal(0, 40)}},
	} {
		var a advice
		for _, m := range c.held {
			a.hold(m)
		}
		now := noon.Add(time.Duration(c.at) * time.Minute)
		for _, want := range c.want {
			if got, ok := a.held(now); !ok || got != want {
				t.Errorf("%s: %v waits (%v), want %v", name, got, ok, want)
			}
			a.release(want.again)
		}
		if m, ok := a.held(now); ok {
			t.Errorf("%s: %v waits, too", name, m)
		}
	}
}

// TestAnOldMemoryHoldsItsMeal: one that was written when a single meal could wait is read,
// and one meal is written as it was then.
func TestAnOldMemoryHoldsItsMeal(t *testing.T) {
	const text = `{"Held":{"At":"2026-11-20T12:00:00Z","Carbs":40,"ID":"m-1"}}`
	var a advice
	if err := json.Unmarshal([]byte(text), &a); err != nil {
		t.Fatal(err)
	}
	if m, ok := a.held(noon); !ok || m.ID != "m-1" || m.Carbs != 40 {
		t.Errorf("held: %+v (%v)", m, ok)
	}
	if again, err := json.Marshal(advice{Held: a.Held}); err != nil || string(again) != text {
		t.Errorf("remembered as %s (%v)", again, err)
	}
	a.hold(heldMeal{At: noon.Add(time.Hour), Carbs: 20, ID: "m-2"})
	both, _ := json.Marshal(a)
	var b advice
	if err := json.Unmarshal(both, &b); err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"m-1", "m-2"} {
		m, _ := b.held(noon.Add(time.Hour))
		if b.release(m.again); m.ID != id {
			t.Errorf("held: %+v, want %s (of %s)", m, id, both)
		}
	}
}

// TestUndosedMealsTakeNoInsulin: of what was injected for the first of two meals nothing
// counts as needed by the second, while that waits; once it has its dose, its part does.
func TestUndosedMealsTakeNoInsulin(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*Person)
		want   cleanse.Units
	}{
		"the other had its dose": {func(*Person) {}, 2},
		"the other waits":        {func(p *Person) { p.advice.hold(heldMeal{At: noon.Add(20 * time.Minute), Carbs: 30, ID: "m-2"}) }, 5},
		"nobody knows of the other's": {func(p *Person) {
			p.advice.Open = []promise{{Meal: heldMeal{At: noon.Add(20 * time.Minute), Carbs: 30, ID: "m-2"}}}
		}, 5},
		"a later one waits": {func(p *Person) { p.advice.hold(heldMeal{At: noon.Add(31 * time.Minute), Carbs: 30, ID: "m-3"}) }, 2},
	} {
		p := NewPerson("p-1", train.Prior())
		p.see(&cleanse.Event{Kind: cleanse.Profile, Profile: usualSettings()})
		p.see(&cleanse.Event{Kind: cleanse.Insulin, At: noon, Seen: noon, Insulin: cleanse.InsulinDose{Units: 5, Action: "rapid", Reason: "meal"}})
		at := noon.Add(20 * time.Minute)
		p.see(&cleanse.Event{Kind: cleanse.Meal, At: at, Seen: at, Meal: cleanse.MealEntry{Carbs: cleanse.Some(cleanse.Grams(30))}})
		c.change(p)
		s := p.situation(noon.Add(40 * time.Minute))
		p.announce(s, cleanse.Some(cleanse.Grams(60)), noon)
		if got := s.Insulin.ForMeal; got != c.want {
			t.Errorf("%s: %v U were for the first, want %v", name, got, c.want)
		}
	}
}

// TestTreatingALowKeepsTheMealWaiting: carbs against the low that a meal was refused for
// are no other meal. What waits goes on waiting; the meal itself, logged again, waits once.
func TestTreatingALowKeepsTheMealWaiting(t *testing.T) {
	p := NewPerson("p-1", train.Prior())
	p.Observe(&cleanse.Event{Kind: cleanse.Profile, Profile: usualSettings()})
	minute := func(m int) time.Time { return noon.Add(time.Duration(m) * time.Minute) }
	eat := func(m int, carbs cleanse.Grams, name string) {
		p.Observe(&cleanse.Event{Kind: cleanse.Meal, At: minute(m), Seen: minute(m), Meal: cleanse.MealEntry{Carbs: cleanse.Some(carbs), Meal: name}, Offset: int64(m)})
	}
	p.Observe(&cleanse.Event{Kind: cleanse.Glucose, At: noon, Seen: noon, Source: "cgm", Glucose: cleanse.GlucoseReading{MgdL: 65}})
	eat(0, 15, "")
	if eat(1, 15, "rescue"); !p.advice.holds(heldMeal{At: noon, Carbs: 15}, minute(1)) {
		t.Error("carbs against the low have taken the meal's place")
	}
	eat(2, 15, "")
	if m, ok := p.advice.held(minute(5)); !ok || m.Carbs != 15 || !m.At.Equal(minute(2)) || p.advice.Held.Before != nil {
		t.Errorf("held: %+v", p.advice.Held)
	}
	eat(20, 40, "") // too low still
	if m, _ := p.advice.held(minute(20)); m.Carbs != 15 || p.advice.Held.Carbs != 40 {
		t.Errorf("held, after another meal: %+v", p.advice.Held)
	}
}

// TestALaterMealsDoseIsNotTheWaitingMeals: a meal waits, another comes an hour later and has
// its dose; of that nothing was for the first.
func TestALaterMealsDoseIsNotTheWaitingMeals(t *testing.T) {
	p := NewPerson("p-1", train.Prior())
	p.see(&cleanse.Event{Kind: cleanse.Profile, Profile: usualSettings()})
	later := noon.Add(time.Hour)
	for at, carbs := range map[time.Time]cleanse.Grams{noon: 40, later: 30} {
		p.see(&cleanse.Event{Kind: cleanse.Meal, At: at, Seen: at, Meal: cleanse.MealEntry{Carbs: cleanse.Some(carbs)}})
	}
	p.see(&cleanse.Event{Kind: cleanse.Insulin, At: later, Seen: later, Insulin: cleanse.InsulinDose{Units: 4, Action: "rapid", Reason: "meal"}})
	p.advice.hold(heldMeal{At: noon, Carbs: 40})
	s := p.situation(later.Add(10 * time.Minute))
	if p.announce(s, cleanse.Some(cleanse.Grams(40)), noon); s.Insulin.ForMeal != 1 {
		t.Errorf("%v U were for the meal that waits, want the one that the other didn't need", s.Insulin.ForMeal)
	}
}
