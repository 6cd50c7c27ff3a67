package trial

import (
	"strings"
	"testing"

	"github.com/titrate/titrate/ingest/simulate"
)

func TestTheReportStandsAlone(t *testing.T) {
	o := Options{Patients: 10, Days: 1, Seed: 1, Cohort: "mixed"}
	o.Arms = []Arm{{"rogue", func(*simulate.Person) Policy { return rogue{simulate.Advice{Kind: "bolus", Units: -2}} }}}
	r := run(t, o, ClinicIOB, Titrate)
	html, err := r.HTML()
	if err != nil {
		t.Fatal(err)
	}
	page := string(html)
	for _, want := range []string{
		"rogue failed", "negative", "Time below 70", "All people (10)", "adult (", "fared worst with titrate",
		r.arm(Titrate).Verdict.Text, worstOf(r.arm(Titrate).Courses)[4].Course.Patient + " of seed 1",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the report doesn't say %q", want)
		}
	}
	for _, other := range []string{"<script", "http://", "https://", "NaN", "ZgotmplZ", "%!"} {
		if strings.Contains(page, other) {
			t.Errorf("the report has %q", other)
		}
	}
	if n := strings.Count(page, `aria-label="Glucose by time of day"`); n != 2 {
		t.Errorf("%d glucose profiles, want one for each arm that did not fail", n)
	}
	var said int
	for _, w := range worstOf(r.arm(Titrate).Courses) {
		for _, s := range w.Said {
			said++
			if s.Because == "" {
				t.Errorf("no reason for %+v", s)
			}
		}
	}
	if said == 0 {
		t.Error("the worst were told nothing")
	}
}

func TestTheWorstHaveTheLargestRisk(t *testing.T) {
	fine, high, low := &Course{MgdL: []float64{110, 120}}, &Course{MgdL: []float64{300, 120}}, &Course{MgdL: []float64{50, 50}}
	got := worstOf([]*Course{fine, high, low})
	if len(got) != 3 || got[0].Course != low || got[1].Course != high || got[2].Course != fine {
		t.Errorf("order %v", got)
	}
}
