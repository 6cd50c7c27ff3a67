package cleanse

import (
	"fmt"
	"strings"
	"testing"

	"github.com/titrate/titrate/ingest"
)

func book(t *testing.T, text string) *Book {
	t.Helper()
	b, err := ReadBook([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestAnEmptyFileChangesNothing(t *testing.T) {
	for _, text := range []string{"", "rules:\n", "rules: {carbs_range: {high: 1000, severity: info}}"} {
		if b := book(t, text); b.Hash() != "" || len(b.Rules()) != len(Rules()) {
			t.Errorf("%q: hash %q, %d rules", text, b.Hash(), len(b.Rules()))
		}
	}
}

// Each change of a rule does what it says to one event and leaves the other alone.
func TestChangesOfRules(t *testing.T) {
	tests := []struct {
		file, base, old, new string
		outcome              Outcome
		says                 string // code of the reason, or flags
		spared               string // a mutation that the standard's verdict stays for
	}{
		{"rules: {carbs_range: {high: 200}}", "meal", "45", "201", Quarantined, carbsRange, "200"},
		{"rules: {carbs_range: {low: 5}}", "meal", "45", "4", Quarantined, carbsRange, "5"},
		{"rules: {trend_unknown: {action: quarantine}}", "glucose", `"flat"`, `"odd"`, Quarantined, trendUnknown, `"Flat"`},
		{"rules: {field_unknown: {action: quarantine}}", "note", `"shaky"`, `"shaky","mood":1`, Quarantined, fieldUnknown, `"x"`},
		{"rules: {field_unknown: {action: ignore}}", "note", `"shaky"`, `"shaky","mood":1`, Accepted, "", `"x"`},
		{"rules: {unit_slip: {action: fail}}", "glucose", "143", "5.4", Quarantined, unitSlip, "54"},
		{"add: [{id: child_bolus, on: insulin, broken_if: 'units > 3.0 && kind == \"rapid\"', action: quarantine}]", "insulin", "4.5", "3.5", Quarantined, "child_bolus", "3"},
		{"add: [{id: child_bolus, on: insulin, broken_if: 'units > 3.0'}]", "insulin", "4.5", "3.5", Accepted, "child_bolus", "3"},
		{"add: [{id: much_fat, on: meal, broken_if: 'fat_g > carbs_g'}]", "meal", `"fat_g":18`, `"fat_g":46`, Accepted, "much_fat", `"brand":0`},
		{"add: [{id: old_firmware, on: glucose, broken_if: 'extra.firmware == \"1.0\"'}]", "glucose", `"trend":"flat"`, `"firmware":"1.0"`, Accepted, "field_unknown,old_firmware", `"trend":"flat"`},
		{"add: [{id: future_zone, on: profile, broken_if: 'timezone == \"UTC\" || target_low_mgdl[0] < 90.0'}]", "profile", "Europe/Berlin", "UTC", Accepted, "future_zone", "Asia/Tokyo"},
		{"add: [{id: short_id, on: retraction, broken_if: 'size(replaces) < 3'}]", "retraction", `"replaces":"m-1"`, `"replaces":"m1"`, Accepted, "short_id", `"replaces":"m-7"`},
		{"add: [{id: odd_name, on: note, broken_if: 'text.matches(\"^[0-9]+$\") && time < received'}]", "note", "shaky", "17", Accepted, "odd_name", "x17"},
		{"add: [{id: divided, on: glucose, broken_if: '1 / (int(mgdl) - 100) > 0'}]", "glucose", "143", "100", Accepted, "divided", "300"},
	}
	for _, test := range tests {
		b := book(t, test.file)
		if b.Hash() == "" {
			t.Errorf("%s: no hash", test.file)
		}
		v := b.Check(record(mutated(t, test.base, test.old, test.new)))
		says := string(v.Event.Flags)
		if v.Outcome == Quarantined {
			says = v.Reasons[0].Code
		}
		if v.Outcome != test.outcome || says != test.says || len(v.Reasons) > 1 {
			t.Errorf("%s: outcome %s, %q %v, want %s, %q", test.file, v.Outcome.Word(), says, v.Reasons, test.outcome.Word(), test.says)
		}
		spared := record(mutated(t, test.base, test.old, test.spared))
		if got, want := b.Check(spared), Check(spared); got.Outcome != want.Outcome || got.Event.Flags != want.Event.Flags {
			t.Errorf("%s: %s has outcome %s %v, flags %q; by the standard %s, %q", test.file, spared.Value, got.Outcome.Word(), got.Reasons, got.Event.Flags, want.Outcome.Word(), want.Event.Flags)
		}
		if (v.Fails != "") != strings.Contains(test.file, "fail") {
			t.Errorf("%s: fails %q", test.file, v.Fails)
		}
	}
}

func TestChangesOfSequenceRules(t *testing.T) {
	records := story("0 cgm 120\n5 cgm 145").records(t, midday)
	flags := func(b *Book) Flags {
		c := b.Cleaner()
		c.Clean(records[0])
		return c.Clean(records[1]).Event.Flags
	}
	for file, want := range map[string]Flags{
		"": "", "rules: {rate_of_change: {per_min: 4}}": rateOfChange,
		"rules: {rate_of_change: {per_min: 4, action: ignore, because: the sensor is a prototype}}": "",
	} {
		if got := flags(book(t, file)); got != want {
			t.Errorf("%s: flags %q, want %q", file, got, want)
		}
	}
}

// Every mistake is told, with its line and what to do.
func TestMistakesInAFileOfRules(t *testing.T) {
	for file, want := range map[string]string{
		"rules: [":                                                        "yaml",
		"rule:\n  x: 1":                                                   "line 1: \"rule\" isn't known; there are rules, add and error_if",
		"rules:\n  carb_range: {high: 1}":                                 "line 2: there is no rule carb_range",
		"rules:\n  unit_sli: {}":                                          "unit_slip",
		"rules:\n  carbs_range: {hi: 1}":                                  "line 2: carbs_range has no hi; there are action, severity, because, low, high",
		"rules:\n  carbs_range: {high: 2000}":                             "line 2: high of carbs_range is \"2000\"; it may be 0 to 1000",
		"rules:\n  carbs_range: {high: x}":                                "high of carbs_range is \"x\"",
		"rules:\n  carbs_range: {low: 9, high: 8}":                        "low of carbs_range is above high",
		"rules:\n  cgm_low: {action: ignore}":                             "line 2: \"ignore\" isn't possible here; permitted: flag",
		"rules:\n  unit_slip: {action: flag}":                             "permitted: quarantine, fail",
		"rules:\n  flat_line: {action: ignore}":                           "flat_line stands against hazard H4",
		"rules:\n  flat_line: {because: x}":                               "because goes with action: ignore",
		"rules:\n  flat_line: {minutes: 5}":                               "it may be 20 to 120",
		"rules:\n  late: {action: flag}":                                  "permitted: late",
		"rules:\n  late: {severity: bad}":                                 "permitted: error, warning, info",
		"rules:\n  late: 7":                                               "line 2: expected names with values",
		"rules:\n  late: {}\n  late: {}":                                  "line 3",
		"add: {}":                                                         "line 1: expected a list",
		"add:\n  - {id: x}":                                               "can't be a rule's id",
		"add:\n  - {id: late, on: meal, broken_if: 'true'}":               "no rule's so far",
		"add:\n  - {id: abc, on: food, broken_if: 'true'}":                "permitted: glucose, meal",
		"add:\n  - id: abc\n    on: meal\n    broken_if: units > 3.0":     "line 4: \"units > 3.0\" isn't a CEL expression over patient",
		"add:\n  - {id: abc, on: meal, broken_if: carbs_g}":               "yields double",
		"add:\n  - {id: abc, on: meal}":                                   "needs id, on and broken_if",
		"add:\n  - {id: abc, on: meal, broken_if: 'true', if: 1}":         "\"if\" isn't known",
		"add:\n  - {id: abc, on: meal, broken_if: 'true', action: clean}": "permitted: flag, quarantine, fail",
		"error_if:\n  - {outcome: bad, above: 0.1}":                       "permitted: accepted, quarantined, duplicate, late",
		"error_if:\n  - {outcome: late}":                                  "needs either outcome or rule, and above",
		"error_if:\n  - {rule: nothing, above: 0.1}":                      "there is no rule nothing",
		"error_if:\n  - {rule: late, above: 20}":                          "it is a share",
		"error_if:\n  - {rule: late, above: 0.2, last: 3}":                "100 to 1000000",
	} {
		_, err := ReadBook([]byte(file))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, want one with %q", file, err, want)
		}
	}
	_, err := ReadBook([]byte("rules:\n  nothing: {}\n  late: {severity: bad}\nad: 1\nadd:\n  - {id: abc}"))
	for _, line := range []string{"line 2", "line 3", "line 4", "line 6"} {
		if err == nil || !strings.Contains(err.Error(), line) {
			t.Errorf("%v doesn't tell of %s", err, line)
		}
	}
}

// The hash is of what decides, not of how it is written.
func TestHashIsOfWhatDecides(t *testing.T) {
	a := book(t, "rules: {carbs_range: {high: 200}, flat_line: {minutes: 60}}")
	same := book(t, "# a comment\nrules:\n  flat_line: {minutes: 60.0, severity: info}\n  carbs_range: {high: 200}\nerror_if: [{outcome: late, above: 0.1}]")
	other := book(t, "rules: {carbs_range: {high: 201}, flat_line: {minutes: 60}}")
	if a.Hash() != same.Hash() || a.Hash() == other.Hash() || len(a.Hash()) != 16 {
		t.Errorf("hashes %q, %q and %q", a.Hash(), same.Hash(), other.Hash())
	}
}

func TestTheStandardIsNotChangedByABook(t *testing.T) {
	before := fmt.Sprint(Rules())
	book(t, "rules: {carbs_range: {high: 200, severity: info}, flat_line: {minutes: 60}, trend_unknown: {action: fail}}\nadd: [{id: abc, on: meal, broken_if: 'true'}]")
	if after := fmt.Sprint(Rules()); after != before || fmt.Sprint(standard.Rules()) != before {
		t.Errorf("the standard rules changed:\n%s\n%s", before, after)
	}
}

func TestThresholds(t *testing.T) {
	good, bad := record(valid["glucose"]), record("{")
	for _, test := range []struct {
		file      string
		bad, good int // how many of each, the bad ones first
		stops     bool
	}{
		{"error_if: [{outcome: quarantined, last: 100, above: 0.2}]", 21, 79, true},
		{"error_if: [{outcome: quarantined, last: 100, above: 0.2}]", 20, 200, false},
		{"error_if: [{outcome: quarantined, last: 100, above: 0.2}]", 99, 0, false}, // too few to say
		{"error_if: [{rule: payload_not_json, last: 100, above: 0}]", 1, 99, true},
		{"error_if: [{rule: payload_empty, last: 100, above: 0}]", 100, 100, false},
		{"rules: {payload_not_json: {action: fail}}", 1, 0, true},
		{"", 200, 0, false},
	} {
		b := book(t, test.file)
		g := NewGuard(b)
		var err error
		for i := range test.bad + test.good {
			rec := bad
			if i >= test.bad {
				rec = good
			}
			v := b.Check(rec)
			if e := g.Observe(&v); err == nil {
				err = e
			}
		}
		if (err != nil) != test.stops {
			t.Errorf("%s after %d bad and %d good: %v", test.file, test.bad, test.good, err)
		}
	}
}

// FuzzReadBook looks for a file that isn't answered, and for a book that can't judge.
func FuzzReadBook(f *testing.F) {
	f.Add([]byte("rules: {carbs_range: {high: 200}, flat_line: {action: ignore, because: x}}\nadd: [{id: abc, on: meal, broken_if: 'carbs_g > 3.0'}]\nerror_if: [{rule: abc, above: 0.1}]"))
	f.Fuzz(func(t *testing.T, text []byte) {
		b, err := ReadBook(text)
		if err != nil {
			return
		}
		for _, payload := range valid {
			b.Cleaner().Clean(ingest.Record{Seen: seen, Value: []byte(payload)})
		}
	})
}
