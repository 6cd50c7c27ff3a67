package trial

import (
	"html/template"
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
	worst := worstOf(r.arm(Titrate).Courses, r.arm(ClinicIOB).Courses)
	for _, want := range []string{
		"rogue failed", "negative", "Time below 70", "All people (10)", "adult (", "fared worst with titrate",
		r.arm(Titrate).Verdict.Text, worst[4].Course.Patient + " of seed 1", about(Titrate), Nominal.About,
		zones(r.arm(Titrate).Courses), "carb ratio", "Differences in Time below 54",
	} {
		if !strings.Contains(page, template.HTMLEscapeString(want)) && !strings.Contains(page, want) {
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
	if n := strings.Count(page, `aria-label="Control variability grid"`); n != 2 {
		t.Errorf("%d grids, want one for each arm that did not fail", n)
	}
	everyReasonIsThere(t, page, worst)
	for _, kind := range []string{"no_data", "was_it_taken", "missed_bolus", "predicted_low"} {
		if strings.Contains(page, "<td>"+kind+"</td>") {
			t.Errorf("the kind of a message is called %s", kind)
		}
	}
}

// On paper nobody can scroll: every reading and every message of a person stands on one of
// the sheets, and on one only.
func TestSheetsHoldEverythingOnce(t *testing.T) {
	o := Options{Patients: 1, Days: 9, Seed: 1, Cohort: "adult"}
	course := run(t, o, ClinicIOB, Titrate).arm(Titrate).Courses[0]
	drawn := sheets(course, nil)
	if len(drawn) != 3 {
		t.Fatalf("%d sheets of 9 days, want 3", len(drawn))
	}
	points, said := 0, 0
	for _, s := range drawn {
		_, line, _ := strings.Cut(string(s), `class="median" points="`)
		line, _, _ = strings.Cut(line, `"`)
		points += len(strings.Fields(line))
		said += strings.Count(string(s), `<rect class="told `)
	}
	if points != len(course.MgdL) || said != len(course.Said) || said == 0 {
		t.Errorf("%d readings and %d messages are drawn, of %d and %d", points, said, len(course.MgdL), len(course.Said))
	}
}

func everyReasonIsThere(t *testing.T, page string, all []worst) {
	t.Helper()
	said := 0
	for _, w := range all {
		for _, s := range w.Course.Said {
			said++
			if s.Because == "" || !strings.Contains(page, ">"+template.HTMLEscapeString(s.Because)+"</td>") {
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
	all := []*Course{fine, high, low}
	got := worstOf(all, all)
	if len(got) != 3 || got[0].Course != low || got[1].Course != high || got[2].Course != fine {
		t.Errorf("order %v", got)
	}
}

func TestZonesOfTheControlVariabilityGrid(t *testing.T) {
	for _, c := range []struct {
		least, most float64
		zone        string
	}{
		{95, 170, "A"}, {90, 180, "A"}, {80, 170, "B"}, {95, 250, "B"}, {80, 250, "B"}, {60, 170, "C"}, {95, 320, "C"},
		{60, 250, "D"}, {80, 320, "D"}, {60, 320, "E"},
	} {
		if got := zoneOf(c.least, c.most); got != c.zone {
			t.Errorf("%v to %v mg/dL is in zone %s, want %s", c.least, c.most, got, c.zone)
		}
	}
}

func TestNumbersHaveTrueSigns(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{fixed(-0.04, 1), "0.0"}, {fixed(-1.25, 1), "−1.2"}, {signed(0.04, 1), "0.0"}, {signed(0.05, 2), "+0.05"}, {signed(-3, 0), "−3"},
		{difference(Difference{-1.26, -2, 0.5}, 1), "−1.3 (−2.0 to +0.5)"},
	} {
		if c.got != c.want {
			t.Errorf("%q, want %q", c.got, c.want)
		}
	}
}

func TestAReportWithoutOutcomes(t *testing.T) {
	o := Options{Patients: 1, Days: 1, Seed: 1, Cohort: "adult"}
	o.Arms = []Arm{{"rogue", func(*simulate.Person) Policy { return rogue{simulate.Advice{Kind: "bolus", Units: -2}} }}}
	page, err := run(t, o).HTML()
	if err != nil || !strings.Contains(string(page), "rogue failed") {
		t.Errorf("%v: %s", err, page)
	}
}
