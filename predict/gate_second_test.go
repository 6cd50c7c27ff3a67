package predict

import (
	"testing"
	"time"

	"github.com/titrate/titrate/cleanse"
	"github.com/titrate/titrate/train"
)

// TestWhatACapCutsOffMayFollow: of a meal that is known to be usual, once.
func TestWhatACapCutsOffMayFollow(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*Situation)
		want   cleanse.Units
	}{
		"not cut":                      {func(s *Situation) { s.Settings.MaxBolus = 6 }, 0},
		"1.5 U":                        {func(s *Situation) { s.Settings.MaxBolus = 4 }, 1.5},
		"a forecast cut as well":       {func(s *Situation) { s.Settings.MaxBolus, s.Forecast = 4, above80For(5) }, 1},
		"what is usual isn't known":    {func(s *Situation) { s.Settings.MaxBolus, s.Meal.UsualMost = 4, 0 }, 0},
		"unusual":                      {func(s *Situation) { s.Settings.MaxBolus, s.Meal.UsualMost = 4, 44 }, 0},
		"the second part":              {func(s *Situation) { s.Settings.MaxBolus, s.Meal.Rest = 1, 2 }, 0},
		"a correction":                 {func(s *Situation) { s.Settings.MaxBolus, s.Ask = 1, AboutReading; set(s, 236) }, 0},
		"insulin on board leaves less": {func(s *Situation) { s.Settings.MaxBolus, s.Insulin.OnBoard = 4, 7 }, 0.5},
	} {
		s := usualMeal()
		s.Meal.UsualMost = 45
		c.change(&s)
		var k kernel
		if k.weigh(&s); k.cutOff() != c.want {
			t.Errorf("%s: %v U may follow, want %v", name, k.cutOff(), c.want)
		}
	}
}

// above80For is a forecast whose median stays at 80 mg/dL with so many units at most.
func above80For(units cleanse.Units) func(train.Plan) train.Forecast {
	return func(plan train.Plan) train.Forecast {
		mgdl := 80 + cleanse.MgdL(units-plan.Dose)
		return level(mgdl, mgdl)(plan)
	}
}

// TestTheSecondPartWaitsForTheFirst: it may follow from 45 minutes after the first part was
// logged to two and a half hours after the meal, and once. A first part that was not
// taken, or taken by somebody who decides by themselves, leaves nothing to follow.
func TestTheSecondPartWaitsForTheFirst(t *testing.T) {
	minute := func(m int) time.Time { return noon.Add(time.Duration(m) * time.Minute) }
	begin := func() *advice {
		return &advice{Open: []promise{{ID: "r-1", At: noon, Kind: Bolus, Units: 10, Meal: heldMeal{At: noon, Carbs: 120, ID: "m-1"}, Rest: 3}}}
	}
	a := begin()
	if _, ok := a.held(minute(60)); ok {
		t.Error("it waits before the first part was taken")
	}
	a.observe(bolus(minute(5), "rapid", "meal"))
	for m, want := range map[int]bool{49: false, 50: true, 150: true, 151: false} {
		if got, ok := a.held(minute(m)); ok != want || ok && got.Rest != 3 {
			t.Errorf("after %d min: %v, waits %v", m, got, ok)
		}
	}
	if a.undosed(noon.Add(-time.Hour), minute(60)) != 0 {
		t.Error("a meal that had its first part counts as one without insulin")
	}
	if a.observe(bolus(minute(60), "rapid", "")); a.Held != nil {
		t.Error("it waits although somebody has corrected by themselves")
	}

	a = begin()
	a.Open[0].Heard = true
	a.observe(reply("r-1", "declined", cleanse.Opt[cleanse.Units]{}))
	if got, ok := a.held(minute(60)); !ok || got.Rest != 0 {
		t.Errorf("not taken: %v waits (%v), want the whole meal", got, ok)
	}

	a = begin()
	a.Open[0].Second, a.Open[0].Heard, a.Open[0].Rest = true, true, 0
	a.observe(reply("r-1", "declined", cleanse.Opt[cleanse.Units]{}))
	if a.Held != nil {
		t.Error("a second part that was not taken is advised again")
	}
}
