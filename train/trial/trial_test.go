package trial

import (
	"context"
	"encoding/json"
	"math"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/titrate/titrate/ingest"
	"github.com/titrate/titrate/ingest/simulate"
	"github.com/titrate/titrate/train"
)

// run runs a trial of named arms or ends the test.
func run(t *testing.T, o Options, names ...string) *Result {
	t.Helper()
	arms, err := Named(names, train.Prior())
	if err != nil {
		t.Fatal(err)
	}
	o.Arms = append(o.Arms, arms...)
	if o.Condition.Name == "" {
		o.Condition = Nominal
	}
	r, err := Run(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func means(t *testing.T, r *Result, arm string) map[string]float64 {
	t.Helper()
	a := r.arm(arm)
	if a == nil {
		t.Fatalf("arm %s failed: %+v", arm, r.Arms)
	}
	return a.Groups[0].Means
}

func TestSameOptionsSameResult(t *testing.T) {
	o := Options{Patients: 2, Days: 2, Seed: 4, Seeds: 2, Cohort: "adult", Condition: Stress}
	text := func(o Options) string {
		b, err := json.Marshal(run(t, o, ClinicIOB, Titrate))
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	a := text(o)
	cores := runtime.GOMAXPROCS(1)
	b := text(o)
	runtime.GOMAXPROCS(cores)
	if a != b {
		t.Errorf("on one core it differs:\n%s\n%s", a, b)
	}
	o.Seed = 9
	if text(o) == a {
		t.Error("another seed gives the same result")
	}
}

// remembers tells whether the meals of an arm are those of the first, but for such
// as were logged because the arm asked.
func remembers(meals, first []Meal) bool {
	for _, m := range meals {
		if len(first) > 0 && m == first[0] {
			first = first[1:]
		}
	}
	return len(first) == 0
}

func TestAPersonsCourseDoesNotDependOnTheOthers(t *testing.T) {
	o := Options{Patients: 4, Days: 2, Seed: 4, Cohort: "mixed", Condition: Stress}
	many := run(t, o, ClinicIOB, Titrate)
	o.Patients = 2
	few := run(t, o, Titrate, ClinicIOB) // arms in another order, too
	for _, arm := range []string{ClinicIOB, Titrate} {
		for i, c := range few.arm(arm).Courses {
			if !reflect.DeepEqual(c, many.arm(arm).Courses[i]) {
				t.Errorf("%s: %s fares otherwise among more people", arm, c.Patient)
			}
		}
	}
}

func TestTheFirstFailureByPersonIsTold(t *testing.T) {
	fails := func(number string) Arm {
		return Arm{"rogue", func(p *simulate.Person) Policy {
			if p.Patient() < number {
				return silent{}
			}
			return rogue{simulate.Advice{Kind: "bolus", Units: -2}}
		}}
	}
	o := Options{Patients: 8, Days: 1, Seed: 1, Cohort: "adult", Arms: []Arm{fails("p-0003")}}
	for range 3 {
		if r := run(t, o); !strings.Contains(r.Arms[0].Failed, "p-0003 of seed 1") {
			t.Errorf("told: %s", r.Arms[0].Failed)
		}
	}
}

func TestArmsMeetTheSameMeals(t *testing.T) {
	r := run(t, Options{Patients: 4, Days: 3, Seed: 2, Cohort: "adult", Condition: Stress}, NoBolus, ClinicIOB, Oref0, Titrate)
	for _, a := range r.Arms[1:] {
		for i, c := range a.Courses {
			first := r.Arms[0].Courses[i]
			if c.Patient != first.Patient || c.Seed != first.Seed {
				t.Fatalf("%s: person %d is %s, not %s", a.Arm, i, c.Patient, first.Patient)
			}
			if len(c.Meals) == 0 || !remembers(c.Meals, first.Meals) {
				t.Errorf("%s: %s ate %v, in the first arm %v", a.Arm, c.Patient, c.Meals, first.Meals)
			}
			if slices.Equal(c.MgdL, first.MgdL) && c.Boluses > 0 {
				t.Errorf("%s: %s had the same glucose as without bolus", a.Arm, c.Patient)
			}
		}
	}
}

// witness notes when readings come, and of what device, whatever they say.
type witness struct {
	Policy
	saw *[]string
}

func (n witness) Observe(at time.Time, w ingest.Wire) ([]Message, error) {
	if w.Type == "glucose" {
		*n.saw = append(*n.saw, w.Time+w.Device)
	}
	return n.Policy.Observe(at, w)
}

func TestArmsMeetTheSameSensorFaults(t *testing.T) {
	var with, without []string
	o := Options{Patients: 1, Days: 5, Seed: 2, Cohort: "adult", Condition: Stress}
	o.Arms = []Arm{
		{"a", func(*simulate.Person) Policy { return witness{silent{}, &without} }},
		{"b", func(p *simulate.Person) Policy { return witness{NewCalculator(p, WithIOB, correctionEvery), &with} }},
	}
	run(t, o)
	if !slices.Equal(with, without) {
		t.Errorf("%d and %d readings, at other times", len(with), len(without))
	}
	if once := len(slices.Compact(slices.Sorted(slices.Values(with)))); once < 100 || once == len(with) {
		t.Errorf("%d readings, %d of them once: no faults", len(with), once)
	}
}

// rogue says the same at every meal.
type rogue struct{ advice simulate.Advice }

func (r rogue) Observe(at time.Time, w ingest.Wire) ([]Message, error) {
	if w.Type != "meal" {
		return nil, nil
	}
	r.advice.At = at
	return []Message{{Advice: r.advice}}, nil
}

func TestAPolicyGoneWrongIsAFailedArm(t *testing.T) {
	for name, c := range map[string]struct {
		advice simulate.Advice
		says   string
	}{
		"not a number": {simulate.Advice{Kind: "bolus", Units: math.NaN()}, "NaN"},
		"infinite":     {simulate.Advice{Kind: "bolus", Units: math.Inf(1)}, "not a number"},
		"negative":     {simulate.Advice{Kind: "correction", Units: -1}, "negative"},
		"absurd":       {simulate.Advice{Kind: "bolus", Units: 40}, "40 U"},
		"carbs":        {simulate.Advice{Kind: "carbs", CarbsG: 300}, "300 g"},
	} {
		t.Run(name, func(t *testing.T) {
			o := Options{Patients: 1, Days: 1, Seed: 1, Cohort: "adult"}
			o.Arms = []Arm{{"rogue", func(*simulate.Person) Policy { return rogue{c.advice} }}}
			r := run(t, o, ClinicIOB)
			bad := r.Arms[0]
			if !strings.Contains(bad.Failed, c.says) || bad.Groups != nil || bad.Verdict != nil {
				t.Errorf("%+v, want a failure that says %q and no outcomes", bad, c.says)
			}
			if r.Arms[1].Failed != "" || r.Reference != ClinicIOB {
				t.Errorf("the other arm: %+v", r.Arms[1])
			}
		})
	}
}

func TestMistakesAreRefused(t *testing.T) {
	arms, err := Named([]string{NoBolus}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for want, o := range map[string]Options{
		"at least 1": {Patients: 1, Days: -1, Arms: arms},
		"adolescent": {Patients: 1, Days: 1, Cohort: "elves", Arms: arms},
		"no arms":    {Patients: 1, Days: 1},
	} {
		if _, err := Run(context.Background(), o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want it to say %q", err, want)
		}
	}
	if _, err := Named([]string{"pray"}, nil); err == nil || !strings.Contains(err.Error(), Oref0) {
		t.Errorf("unknown arm: %v", err)
	}
	if _, err := Named([]string{NoBolus, NoBolus}, nil); err == nil {
		t.Error("an arm may be named twice")
	}
	if _, err := ConditionNamed("war"); err == nil || !strings.Contains(err.Error(), "stress") {
		t.Errorf("unknown condition: %v", err)
	}
}

// Insulin on board keeps corrections from stacking on what still acts, and so does
// waiting for three hours, in every cohort that takes boluses.
func TestStackingCostsLows(t *testing.T) {
	for _, cohort := range []string{"adult", "adolescent", "child", "type2-mdi"} {
		r := run(t, Options{Patients: 20, Days: 5, Seed: 1, Cohort: cohort, Condition: Stress}, ClinicHourly, ClinicPlain, ClinicIOB)
		hourly, rare, board := means(t, r, ClinicHourly)[below70], means(t, r, ClinicPlain)[below70], means(t, r, ClinicIOB)[below70]
		t.Logf("%-10s below 70: corrections hourly %.2f %%, every 3 h %.2f %%, and less insulin on board %.2f %%", cohort, hourly, rare, board)
		if board >= rare {
			t.Errorf("%s: below 70 %.2f %% with insulin on board, %.2f %% without", cohort, board, rare)
		}
		if rare >= hourly {
			t.Errorf("%s: below 70 %.2f %% with corrections every 3 h, %.2f %% hourly", cohort, rare, hourly)
		}
	}
}

// Without rapid-acting insulin there is nothing on board: both calculators are
// silent, and everybody lives the same life.
func TestWithoutBolusesCalculatorsAreOne(t *testing.T) {
	r := run(t, Options{Patients: 3, Days: 2, Seed: 1, Cohort: "type2", Condition: Stress}, ClinicHourly, ClinicPlain, ClinicIOB)
	for _, a := range r.Arms {
		for i, c := range a.Courses {
			if !slices.Equal(c.MgdL, r.Arms[0].Courses[i].MgdL) || c.Boluses != 0 {
				t.Errorf("%s: %s took %d boluses and lived another life than with %s", a.Arm, c.Patient, c.Boluses, r.Arms[0].Arm)
			}
		}
	}
}

func TestBolusesHelpAndAreCounted(t *testing.T) {
	r := run(t, Options{Patients: 4, Days: 2, Seed: 1, Cohort: "adult"}, NoBolus, ClinicIOB, ClinicAlert, Oref0, Titrate)
	none := means(t, r, NoBolus)
	if none["boluses"] != 0 || none["messages"] != 0 || none["treatments"] != 0 {
		t.Errorf("no bolus: %v", none)
	}
	for _, arm := range []string{ClinicIOB, ClinicAlert, Oref0, Titrate} {
		m := means(t, r, arm)
		t.Logf("%s: %v", arm, m)
		if m[inRange] <= none[inRange] || m["boluses"] < 2 || m["tdd"] <= none["tdd"] {
			t.Errorf("%s: %v, without bolus %v", arm, m, none)
		}
	}
	if m := means(t, r, ClinicIOB); m["messages"] != 0 {
		t.Errorf("a calculator speaks unasked: %v", m)
	}
	if m := means(t, r, ClinicAlert); m["messages"] == 0 || m["treatments"] == 0 {
		t.Errorf("no alerts: %v", m)
	}
}

// BenchmarkTrial treats ten people for a week in the arms of a usual trial; the
// result is person-days a second and core.
func BenchmarkTrial(b *testing.B) {
	for _, name := range []string{NoBolus, ClinicIOB, ClinicAlert, Oref0, Titrate} {
		b.Run(name, func(b *testing.B) {
			arms, err := Named([]string{name}, train.Prior())
			if err != nil {
				b.Fatal(err)
			}
			days := 0
			for b.Loop() {
				o := Options{Patients: 10, Days: 7, Seed: 1, Cohort: "mixed", Condition: Stress, Arms: arms}
				if _, err := Run(context.Background(), o); err != nil {
					b.Fatal(err)
				}
				days += o.Patients * (o.Days + 1)
			}
			b.ReportMetric(float64(days)/b.Elapsed().Seconds(), "person-days/s")
		})
	}
}
