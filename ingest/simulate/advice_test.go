package simulate

import (
	"math"
	"testing"
	"time"

	"github.com/titrate/titrate/ingest"
)

// obedient is a person who takes all advice.
func obedient(t *testing.T) *Person {
	p := people(t, Options{Patients: 1, Seed: 11, Cohort: "adult"})[0]
	p.habits.Accept, p.habits.Change = 1, 0
	p.habits.Missed, p.habits.Late, p.habits.Lead = 0, 0, 12
	return p
}

// untilMeal lives until a meal other than a snack was logged and waits for its bolus.
func untilMeal(t *testing.T, p *Person) {
	t.Helper()
	for d := time.Duration(0); d < 48*time.Hour; d += time.Minute {
		during(t, p, d)
		if p.d.Pending != nil && p.d.Pending.Meal.Name != "snack" {
			return
		}
	}
	t.Fatal("no meal in two days")
}

// after advises and returns what is sent in the next minutes.
func after(t *testing.T, p *Person, a Advice, minutes int) []ingest.Wire {
	t.Helper()
	p.Advise(a)
	var all []ingest.Wire
	for _, s := range during(t, p, p.d.Now.Sub(day1)+time.Duration(minutes)*time.Minute) {
		if s.Wire.Type == "response" || s.Wire.Type == "meal" || s.Wire.Type == "profile" || s.Wire.Source == "fingerstick" ||
			s.Wire.Type == "insulin" && s.Wire.Reason != "basal" {
			all = append(all, s.Wire)
		}
	}
	return all
}

func one(t *testing.T, all []ingest.Wire, kind string) ingest.Wire {
	t.Helper()
	var found []ingest.Wire
	for _, w := range all {
		if w.Type == kind {
			found = append(found, w)
		}
	}
	if len(found) != 1 {
		t.Fatalf("%d events of type %s, want 1: %+v", len(found), kind, all)
	}
	return found[0]
}

func TestAnAcceptedBolusReplacesTheirOwn(t *testing.T) {
	p := obedient(t)
	untilMeal(t, p)
	all := after(t, p, Advice{ID: "r1", Kind: "bolus", Units: 3.3, At: p.d.Now}, 30)
	dose, answer := one(t, all, "insulin"), one(t, all, "response")
	if *dose.Units != 3.3 || dose.Reason != "meal" {
		t.Errorf("took %+v, want 3.3 U for the meal", dose)
	}
	if answer.Recommendation != "r1" || answer.Action != "accepted" || *answer.Units != 3.3 {
		t.Errorf("answered %+v", answer)
	}
}

func TestWithoutAdviceTheyDoseThemselves(t *testing.T) {
	p := obedient(t)
	untilMeal(t, p)
	dose := one(t, after(t, p, Advice{Kind: "hold"}, 15), "insulin")
	if dose.Reason != "meal" || *dose.Units <= 0 {
		t.Errorf("took %+v", dose)
	}
}

func TestDecliningAdviceLeavesTheirOwnBolus(t *testing.T) {
	p := obedient(t)
	p.habits.Accept = 0
	untilMeal(t, p)
	all := after(t, p, Advice{ID: "r1", Kind: "bolus", Units: 3.3, At: p.d.Now}, 15)
	if answer := one(t, all, "response"); answer.Action != "declined" || answer.Units != nil || answer.Reason == "" {
		t.Errorf("answered %+v", answer)
	}
	if dose := one(t, all, "insulin"); dose.Reason != "meal" {
		t.Errorf("took %+v", dose)
	}
}

func TestChangedAdviceIsRoundedToTheDevice(t *testing.T) {
	p := obedient(t)
	p.habits.Accept, p.habits.Change = 0, 1
	untilMeal(t, p)
	all := after(t, p, Advice{ID: "r1", Kind: "bolus", Units: 5, At: p.d.Now}, 15)
	dose, answer := one(t, all, "insulin"), one(t, all, "response")
	if answer.Action != "changed" || math.Abs(*answer.Units-*dose.Units) > 1e-9 {
		t.Errorf("took %g U, answered %+v", *dose.Units, answer)
	}
	if steps := *dose.Units / p.therapy.DoseStep; math.Abs(steps-math.Round(steps)) > 1e-6 || *dose.Units < 3.5 || *dose.Units > 6.5 {
		t.Errorf("took %g U in steps of %g, want 4 to 6", *dose.Units, p.therapy.DoseStep)
	}
}

func TestAdvisedCarbsAreEatenAndLogged(t *testing.T) {
	p := obedient(t)
	during(t, p, 10*time.Hour)
	before := p.body.CarbsOnBoard()
	all := after(t, p, Advice{ID: "r2", Kind: "carbs", CarbsG: 12, At: p.d.Now}, 1)
	if food := one(t, all, "meal"); food.Meal != "rescue" || *food.CarbsG != 12 {
		t.Errorf("logged %+v", food)
	}
	if answer := one(t, all, "response"); answer.Action != "accepted" || *answer.CarbsG != 12 {
		t.Errorf("answered %+v", answer)
	}
	if got := p.body.CarbsOnBoard() - before; got < 8 {
		t.Errorf("%g g reached the gut", got)
	}
}

func TestABasalProposalBecomesAProfile(t *testing.T) {
	p := obedient(t)
	during(t, p, 10*time.Hour)
	old := p.Profile()
	was := p.therapy.BasalPerDay()
	all := after(t, p, Advice{ID: "r3", Kind: "basal", Units: 1.1 * was, At: p.d.Now}, 1)
	if w := one(t, all, "profile"); w.Time == old.Time || w.ID == old.ID || string(w.BasalUPerDay) == string(old.BasalUPerDay) {
		t.Errorf("profile after the change: %+v", w)
	}
	if in := p.surroundings(p.d.Now, p.d.Now.In(p.zone)); p.pump && in.BasalUPerMin <= p.therapy.Basal[p.d.Now.In(p.zone).Hour()]/60 {
		t.Error("the pump still runs at the old rate")
	}
}

func TestACheckIsAMeterReading(t *testing.T) {
	p := obedient(t)
	during(t, p, 10*time.Hour)
	all := after(t, p, Advice{ID: "r4", Kind: "check", At: p.d.Now}, 1)
	if stick := one(t, all, "glucose"); math.Abs(*stick.Value-p.Glucose()) > math.Max(20, 0.2*p.Glucose()) {
		t.Errorf("meter shows %g at %g mg/dL", *stick.Value, p.Glucose())
	}
	one(t, all, "response")
}

func TestTheSameAdviceTwiceIsOnce(t *testing.T) {
	p := obedient(t)
	during(t, p, 10*time.Hour)
	a := Advice{ID: "r2", Kind: "carbs", CarbsG: 12, At: p.d.Now}
	one(t, after(t, p, a, 14), "meal")
	a.At = p.d.Now
	if again := after(t, p, a, 1); len(again) != 0 {
		t.Errorf("heard again, did %+v", again)
	}
}

func TestASnapshotHoldsAnyAdvice(t *testing.T) {
	p := obedient(t)
	p.Advise(Advice{ID: "r1", Kind: "bolus", Units: math.NaN(), CarbsG: math.Inf(1), At: day1})
	if _, err := p.Snapshot(); err != nil {
		t.Error(err)
	}
}

func TestUnfitAdviceIsDeclined(t *testing.T) {
	at := func(p *Person) time.Time { return p.d.Now }
	for name, c := range map[string]struct {
		advice Advice
		given  func(*Person) time.Time
		reason string
	}{
		"stale":             {Advice{Kind: "bolus", Units: 2}, func(p *Person) time.Time { return p.d.Now.Add(-time.Hour) }, "too late"},
		"not a number":      {Advice{Kind: "bolus", Units: math.NaN()}, at, "not plausible"},
		"negative":          {Advice{Kind: "bolus", Units: -1}, at, "not plausible"},
		"absurd":            {Advice{Kind: "bolus", Units: 80}, at, "not plausible"},
		"infinite":          {Advice{Kind: "correction", Units: math.Inf(1)}, at, "not plausible"},
		"a mountain of tea": {Advice{Kind: "carbs", CarbsG: 500}, at, "not plausible"},
		"basal doubled":     {Advice{Kind: "basal", Units: 60}, at, "too large a change"},
	} {
		p := obedient(t)
		untilMeal(t, p)
		c.advice.ID, c.advice.At = name, c.given(p)
		p.Advise(c.advice)
		p.live()
		var answer ingest.Wire
		for _, posted := range p.d.Outbox {
			if posted.Wire.Recommendation == name {
				answer = posted.Wire
			}
		}
		if answer.Action != "declined" || answer.Reason != c.reason {
			t.Errorf("%s: answered %+v, want declined: %s", name, answer, c.reason)
		}
	}
}

func TestAdviceWithoutAMealToDoseForIsDeclined(t *testing.T) {
	p := obedient(t)
	untilMeal(t, p)
	first := after(t, p, Advice{ID: "r1", Kind: "bolus", Units: 2, At: p.d.Now}, 1)
	one(t, first, "insulin")
	again := after(t, p, Advice{ID: "r2", Kind: "bolus", Units: 2, At: p.d.Now}, 1)
	if answer := one(t, again, "response"); answer.Reason != "already dosed" {
		t.Errorf("answered %+v", answer)
	}
}

// Whatever is advised, the same meals and the same sensor noise befall a person.
func TestAdviceChangesNeitherMealsNorNoise(t *testing.T) {
	left, right := obedient(t), obedient(t)
	meals := func(p *Person) map[string]float64 {
		all := map[string]float64{}
		for range 5 * 24 * 12 {
			if p == right && p.d.Pending != nil {
				p.Advise(Advice{ID: p.d.Now.String(), Kind: "bolus", Units: 0.5, At: p.d.Now})
			}
			for _, s := range during(t, p, p.d.Now.Sub(day1)+5*time.Minute) {
				if s.Wire.Type == "meal" && s.Wire.Kcal != nil {
					all[s.Wire.Time] = *s.Wire.CarbsG
				}
			}
		}
		return all
	}
	a, b := meals(left), meals(right)
	if len(a) < 12 || len(a) != len(b) {
		t.Fatalf("%d and %d meals", len(a), len(b))
	}
	for at, grams := range a {
		if b[at] != grams {
			t.Errorf("at %s %g g and %g g", at, grams, b[at])
		}
	}
	if left.d.Sensor.Own != right.d.Sensor.Own || left.d.Sensor.Common != right.d.Sensor.Common {
		t.Error("the sensor's noise depends on the dose")
	}
	if left.Glucose() == right.Glucose() {
		t.Error("the dose made no difference")
	}
}

// TestAskedAboutADose: who never heard of it says no; who took it has answered.
func TestAskedAboutADose(t *testing.T) {
	p := obedient(t)
	untilMeal(t, p)
	during(t, p, p.d.Now.Sub(day1)+time.Minute) // the meal's own event
	if said := after(t, p, Advice{ID: "x", Kind: Ask, At: p.d.Now}, 2); len(said) != 1 || said[0].Type != "response" ||
		said[0].Action != "declined" || said[0].Recommendation != "x" {
		t.Errorf("never heard of: %+v", said)
	}
	after(t, p, Advice{ID: "y", Kind: "bolus", Units: 2, At: p.d.Now}, 1)
	if said := after(t, p, Advice{ID: "y", Kind: Ask, At: p.d.Now}, 2); len(said) != 0 {
		t.Errorf("took it, and says %+v", said)
	}
}

// TestAskedAboutAMeal: one that was eaten and not logged is logged then, with when it
// was eaten, once, and not after two hours.
func TestAskedAboutAMeal(t *testing.T) {
	p := obedient(t)
	untilMeal(t, p)
	during(t, p, p.d.Now.Sub(day1)+time.Minute) // the meal's own event
	eaten := p.d.Now.Add(-40 * time.Minute)
	p.d.Forgotten = &forgotten{meal{Name: "lunch", CountedG: 35}, eaten}
	said := after(t, p, Advice{Kind: AskMeal, At: p.d.Now}, 2)
	if len(said) != 1 || said[0].Type != "meal" || *said[0].CarbsG != 35 || said[0].Time != eaten.UTC().Format(time.RFC3339) {
		t.Fatalf("asked in time: %+v", said)
	}
	if said := after(t, p, Advice{Kind: AskMeal, At: p.d.Now}, 2); len(said) != 0 {
		t.Errorf("asked again: %+v", said)
	}
	p.d.Forgotten = &forgotten{meal{Name: "lunch", CountedG: 35}, p.d.Now.Add(-121 * time.Minute)}
	if said := after(t, p, Advice{Kind: AskMeal, At: p.d.Now}, 2); len(said) != 0 {
		t.Errorf("asked too late: %+v", said)
	}
}
