package predict

import (
	"encoding/json"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/titrate/titrate/cleanse"
	"pgregory.net/rapid"
)

func ate(grams ...cleanse.Grams) (p portions) {
	for _, x := range grams {
		p.observe(cleanse.Some(x))
	}
	return p
}

// TestPortions: what is the largest usual meal of whom.
func TestPortions(t *testing.T) {
	same := func(n int, grams cleanse.Grams) (out []cleanse.Grams) {
		for range n {
			out = append(out, grams)
		}
		return out
	}
	for name, c := range map[string]struct {
		meals []cleanse.Grams
		most  cleanse.Grams
	}{
		"nobody knows":               {nil, 0},
		"nine meals":                 {same(9, 40), 0},
		"ten of the same":            {same(10, 40), 80},
		"large and small":            {append(same(10, 20), same(10, 80)...), 116}, // larger ones count as the limit at first
		"one that was too large":     {append(same(10, 40), 200), 87},              // counts as 80
		"nothing eaten":              {append(same(10, 40), 0, -5, 251), 80},
		"the last thirty":            {append(same(50, 100), same(30, 20)...), 40},
		"a new habit, after a while": {append(same(10, 20), same(30, 90)...), 165},
	} {
		if got := ate(c.meals...).most(); got != c.most {
			t.Errorf("%s: up to %v g, want %v", name, got, c.most)
		}
	}
	if p := portions(nil); p.observe(cleanse.Opt[cleanse.Grams]{}) || len(p) > 0 {
		t.Error("a meal without grams counts")
	}
	if p := ate(same(100, 250)...); len(p) != portionsKept {
		t.Errorf("%d are kept", len(p))
	}
}

// TestPortionsAreRemembered in few bytes, and a rescue is none.
func TestPortionsAreRemembered(t *testing.T) {
	p := NewPerson("p", nil)
	e := cleanse.Event{Kind: cleanse.Meal, At: noon, Seen: noon, Meal: cleanse.MealEntry{Carbs: cleanse.Some(cleanse.Grams(40))}}
	for range 40 {
		e.At, e.Seen = e.At.Add(time.Hour), e.Seen.Add(time.Hour)
		p.Observe(&e)
	}
	e.Meal.Meal = "rescue"
	p.Observe(&e)
	before := p.facts.Portions
	text, err := json.Marshal(before)
	if err != nil || len(text) > 50 {
		t.Errorf("%d bytes: %v", len(text), err)
	}
	other := NewPerson("p", nil)
	if err := other.Restore(p.Memory()); err != nil || !reflect.DeepEqual(other.facts.Portions, before) {
		t.Errorf("restored %v, want %v: %v", other.facts.Portions, before, err)
	}
	other.Replay(&e)
	if !reflect.DeepEqual(other.facts.Portions, before) {
		t.Errorf("a replay makes %v of %v", other.facts.Portions, before)
	}
}

// TestUnusualMealIsAskedAbout, and dosed for no more than another.
func TestUnusualMealIsAskedAbout(t *testing.T) {
	s := usualMeal()
	s.Meal.UsualMost = 44
	if d := Decide(s); !strings.Contains(d.Because, "45 g is more than you usually eat (up to 44 g): is it right?") {
		t.Error(d.Because)
	}
	s.Meal.UsualMost = 45
	if d := Decide(s); strings.Contains(d.Because, "right?") {
		t.Error(d.Because)
	}
}

// TestCareOnlyTakesAway: a clock that is behind, a trend towards a low, and what is usual
// never make a dose larger.
func TestCareOnlyTakesAway(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawSituation(t)
		if rapid.Bool().Draw(t, "stale") {
			s.Glucose.At, s.Forecast, s.Modelled = s.Now.Add(-20*time.Minute), nil, true
		}
		care := s
		care.Glucose.Behind = time.Duration(rapid.IntRange(0, 90).Draw(t, "behind")) * time.Minute
		care.Meal.UsualMost = cleanse.Grams(rapid.IntRange(0, 100).Draw(t, "usual"))
		if ago := rapid.IntRange(0, 90).Draw(t, "headed"); ago > 0 {
			care.Glucose.Headed = s.Now.Add(-time.Duration(ago) * time.Minute)
		}
		care.Insulin.LongPrev = Injection{s.Now.Add(-time.Duration(rapid.IntRange(19, 60).Draw(t, "long")) * time.Hour), 18}
		care.Insulin.Long = Injection{care.Insulin.LongPrev.At.Add(24 * time.Hour), 18}
		a, b := Decide(s), Decide(care)
		if b.Units > a.Units && b.Kind != Basal {
			t.Fatalf("%v U, with care %v U\n%s\n%s", a.Units, b.Units, a.Because, b.Because)
		}
		if math.IsNaN(float64(b.Units)) {
			t.Fatal("no number")
		}
	})
}
