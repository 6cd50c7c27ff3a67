package device

import (
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"
)

// basal reads rows like "01/01/2024 00:00,1.2,R" and gives each dose as
// "units/minutes", "-" where there is none.
func basal(t *testing.T, rows string) string {
	t.Helper()
	f := uomFile{kind: "Basal", name: "f"}
	for i, text := range strings.Fields(strings.ReplaceAll(rows, " ", "_")) {
		f.data = append(f.data, line{"01/01/2024 " + strings.ReplaceAll(text, "_", " "), i + 1})
	}
	drafts := uomDrafts("p", f, time.UTC)
	spread(drafts)
	var got []string
	for _, d := range drafts {
		switch {
		case d.wire.Units == nil:
			got = append(got, "-")
		case d.wire.DurationMin == nil:
			got = append(got, fmt.Sprint(*d.wire.Units))
		default:
			got = append(got, fmt.Sprintf("%v/%v", *d.wire.Units, *d.wire.DurationMin))
		}
	}
	return strings.Join(got, " ")
}

func TestARateRunsUntilTheNext(t *testing.T) {
	for _, c := range []struct{ name, rows, want string }{
		{"two", "00:00,1.2,R\n00:30,0.6,R", "0.6/30 0.3/30"},
		{"last runs for the median gap", "00:00,1,R\n00:05,1,R\n00:10,1,R\n01:10,1,R", "0.083333/5 0.083333/5 1/60 0.083333/5"},
		{"alone", "00:00,1,R", "0/0"},
		{"off", "00:00,0,R\n01:00,1,R", "0/60 1/60"},
		{"replaced within the minute", "00:00,1,R\n00:00,3,R\n00:20,3,R", "0/0 1/20 1/20"},
		{"repeated exactly", "00:00,3,R\n00:00,3,R\n00:20,3,R", "1/20 1/20 1/20"},
		{"out of order", "00:20,3,R\n00:00,6,R", "1/20 2/20"},
		{"unreadable rate still ends the one before", "00:00,3,R\n00:20,x,R\n00:40,3,R", "1/20 - 1/20"},
		{"no rate", "00:00,3,R\n00:20,,R\n00:40,3,R", "1/20 - 1/20"},
		{"unreadable time ends nothing", "00:00,3,R\n99:99,3,R\n00:20,3,R", "1/20 - 1/20"},
		{"long-acting ends nothing", "00:00,3,R\n00:10,14,L\n00:20,3,R", "1/20 14 1/20"},
	} {
		if got := basal(t, c.rows); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

func TestARateRunsForADayAtMost(t *testing.T) {
	drafts := uomDrafts("p", uomFile{kind: "Basal", name: "f", data: []line{{"01/01/2024 00:00,1,R", 1}, {"03/01/2024 00:00,1,R", 2}}}, time.UTC)
	spread(drafts)
	if *drafts[0].wire.DurationMin != 1440 || *drafts[0].wire.Units != 24 {
		t.Errorf("%v U over %v min", *drafts[0].wire.Units, *drafts[0].wire.DurationMin)
	}
}

func TestABolusNearAMealIsForIt(t *testing.T) {
	meals := uomDrafts("p", uomFile{kind: "Nutrition", name: "n", data: []line{
		{"01/01/2024 12:00,Lunch,,50,,,", 1}, {"02/01/2024,Lunch,,50,,,", 2}, {"01/01/2024 08:00,Breakfast,,50,,,", 3},
	}}, time.UTC)
	var m mealTimes
	m.add(meals)
	for clock, want := range map[string]string{"07:44": "", "07:45": "meal", "08:00": "meal", "08:15": "meal", "08:16": "", "12:10": "meal", "23:00": "", "x": ""} {
		boluses := uomDrafts("p", uomFile{kind: "Bolus", name: "b", data: []line{{"01/01/2024 " + clock + ",3", 1}}}, time.UTC)
		m.explain(boluses)
		if got := boluses[0].wire.Reason; got != want {
			t.Errorf("%s: reason %q, want %q", clock, got, want)
		}
	}
}

func TestSettingsFollowTheDailyDose(t *testing.T) {
	for _, c := range []struct {
		name        string
		need        need
		icr, isf, b float64 // NaN: not given
	}{
		{"both", need{basal: 20, bolus: 20}, 12.5, 45, 20},
		{"boluses only are taken for half", need{bolus: 20}, 12.5, 45, math.NaN()},
		{"basal only", need{basal: 20}, math.NaN(), math.NaN(), 20},
		{"nothing", need{}, math.NaN(), math.NaN(), math.NaN()},
		{"very little", need{basal: 1, bolus: 1}, 150, 500, 1},
		{"very much", need{basal: 200, bolus: 200}, 2, 10, 200},
	} {
		var d draft
		c.need.settings(&d)
		got := []float64{value(t, d.wire.ICR), value(t, d.wire.ISF), value(t, d.wire.BasalUPerDay)}
		if want := []float64{c.icr, c.isf, c.b}; !same(got, want) {
			t.Errorf("%s: %v, want %v", c.name, got, want)
		}
		if !strings.Contains(d.wire.Text, "estimates") {
			t.Errorf("%s: text %q doesn't say that they are estimates", c.name, d.wire.Text)
		}
	}
}

func value(t *testing.T, raw json.RawMessage) float64 {
	t.Helper()
	if raw == nil {
		return math.NaN()
	}
	var v float64
	if err := json.Unmarshal(raw, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func same(a, b []float64) bool {
	for i := range a {
		if a[i] != b[i] && !(math.IsNaN(a[i]) && math.IsNaN(b[i])) {
			return false
		}
	}
	return true
}

func TestCells(t *testing.T) {
	for text, want := range map[string][]string{
		"a,b":             {"a", "b"},
		" a , b ,":        {"a", "b", ""},
		`a,"b, c",d`:      {"a", "b, c", "d"},
		`a,"b ""c""",d`:   {"a", `b "c"`, "d"},
		"single":          {"single"},
		"a\tb,\u00a0c":    {"a\tb", "c"},
		`"whole, quoted"`: {"whole, quoted"},
	} {
		if got, err := cells(text); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%q: %q, %v", text, got, err)
		}
	}
	for _, text := range []string{`a,"b`, `a"b,c`, `a,"b"c`} {
		if got, err := cells(text); err == nil {
			t.Errorf("%q was read as %q", text, got)
		}
	}
}
