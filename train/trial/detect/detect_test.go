package detect

import (
	"context"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/titrate/titrate/cleanse"
	"github.com/titrate/titrate/ingest/simulate"
)

func run(t *testing.T, o Options) *Result {
	t.Helper()
	r, err := Run(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func fault(t *testing.T, r *Result, name string) Fault {
	t.Helper()
	for _, f := range r.Faults {
		if f.Fault == name {
			return f
		}
	}
	t.Fatalf("nothing of %s", name)
	return Fault{}
}

func TestEveryFaultIsScored(t *testing.T) {
	r := run(t, Options{Patients: 4, Days: 7, Seed: 1})
	var table strings.Builder
	if err := r.Table(&table); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d readings\n%s%+v", r.Readings, table.String(), r.Rules)
	for _, name := range simulate.Faults() {
		if !strings.Contains(table.String(), "| `"+name+"` |") {
			t.Errorf("the table has nothing of %s", name)
		}
		f := fault(t, r, name)
		if name == "dropout" {
			if f.Readings != 0 {
				t.Errorf("%d readings that were never sent", f.Readings)
			}
			continue
		}
		if f.Readings == 0 || f.Episodes == 0 || f.Found > f.Readings || f.FoundEpisodes > f.Episodes || f.Right > f.Marked {
			t.Errorf("%+v", f)
		}
	}
}

func TestRepeatedBytesAreFoundWithoutFail(t *testing.T) {
	r := run(t, Options{Patients: 4, Days: 7, Seed: 1, Faults: []string{"duplicate"}})
	if d := fault(t, r, "duplicate"); d.Readings < 50 || d.Found != d.Readings || d.Right != d.Marked {
		t.Errorf("%+v", d)
	}
}

func TestTheSameSeedGivesTheSameScores(t *testing.T) {
	o := Options{Patients: 2, Days: 3, Seed: 5, Cohort: "adult"}
	if a, b := run(t, o), run(t, o); !reflect.DeepEqual(a, b) {
		t.Errorf("%+v, then %+v", a, b)
	}
}

func TestScoreTellsRightFromWrongMarks(t *testing.T) {
	at := time.Date(2026, 11, 2, 8, 0, 0, 0, time.UTC)
	truth := func(id, fault string, minute int) simulate.Truth {
		when := at.Add(time.Duration(minute) * time.Minute)
		return simulate.Truth{Patient: "p", ID: id, Fault: fault, At: when, Sent: when}
	}
	marked := func(id string, minute int, rules ...string) mark {
		return mark{key{"p", id, at.Add(time.Duration(minute) * time.Minute).UnixNano()}, rules}
	}
	r := score([]simulate.Truth{
		truth("a", "delay", 0), truth("b", "delay", 5), truth("c", "delay", 60), // two spells
		truth("d", "clock", 65), truth("never", "delay", 70), truth("", "dropout", 75),
	}, []mark{
		marked("a", 0), marked("b", 5, "late"), marked("c", 60), marked("d", 65, "late"), marked("e", 80, "late", "other"), marked("f", 85),
	})
	d := fault(t, r, "delay")
	if d.Readings != 3 || d.Found != 1 || d.Episodes != 2 || d.FoundEpisodes != 1 || d.Marked != 3 || d.Right != 2 || *d.Precision != 2.0/3 || *d.Recall != 1.0/3 {
		t.Errorf("%+v", d)
	}
	if c := fault(t, r, "clock"); c.Found != 1 || c.Right != 2 || *c.Recall != 1 {
		t.Errorf("%+v", c)
	}
	if f := fault(t, r, "dropout"); f.Recall != nil || f.Precision != nil || f.Readings != 0 {
		t.Errorf("%+v", f)
	}
	want := []Rule{{"late", 3, map[string]int{"delay": 1, "clock": 1, "none": 1}}, {"other", 1, map[string]int{"none": 1}}}
	if !reflect.DeepEqual(r.Rules, want) {
		t.Errorf("%+v, want %+v", r.Rules, want)
	}
}

// A rule that looks back marks what follows a fault, and is right to.
func TestMarksWithinARulesWindowAreRight(t *testing.T) {
	at := time.Date(2026, 11, 2, 8, 0, 0, 0, time.UTC)
	spike := simulate.Truth{Patient: "p", ID: "a", Fault: "spike", At: at, Sent: at}
	for minutes, want := range map[int]int{0: 1, 5: 1, 10: 1, 15: 0, -5: 0} {
		marks := []mark{{key{"p", "a", at.UnixNano()}, nil}, {key{"p", "b", at.Add(time.Duration(minutes) * time.Minute).UnixNano()}, []string{"rate_of_change"}}}
		if f := fault(t, score([]simulate.Truth{spike}, marks), "spike"); f.Marked != 1 || f.Right != want {
			t.Errorf("%d min after the spike: %+v, want %d right", minutes, f, want)
		}
	}
}

func TestMeantRulesExist(t *testing.T) {
	for id := range window {
		if !slices.ContainsFunc(cleanse.Rules(), func(r cleanse.Rule) bool { return r.ID == id }) {
			t.Errorf("a window for no rule: %s", id)
		}
	}
	for name, rules := range meant {
		if !slices.Contains(simulate.Faults(), name) {
			t.Errorf("unknown fault %s", name)
		}
		for _, id := range rules {
			if !slices.ContainsFunc(cleanse.Rules(), func(r cleanse.Rule) bool { return r.ID == id }) {
				t.Errorf("%s: no rule %s", name, id)
			}
		}
	}
}

func TestMistakesAreRefused(t *testing.T) {
	for want, o := range map[string]Options{
		"at least 1": {Patients: 1, Days: -1},
		"adolescent": {Patients: 1, Days: 1, Cohort: "elves"},
		"duplicate":  {Patients: 1, Days: 1, Faults: []string{"gremlins"}},
	} {
		if _, err := Run(context.Background(), o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want it to say %q", err, want)
		}
	}
}
