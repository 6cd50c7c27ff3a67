package cleanse

import (
	"strings"
	"testing"
	"time"
)

// TestOnlyTheTimeOfAReadingIsAhead: a sensor's reading from the future is quarantined, and is
// told apart from what anything else is wrong with.
func TestOnlyTheTimeOfAReadingIsAhead(t *testing.T) {
	const time1 = `"2026-11-21T08:05:00Z"`
	future := func(base, old, replacement string) string {
		text := mutated(t, base, time1, `"2026-11-21T09:15:00Z"`)
		if old == "" {
			return text
		}
		return strings.Replace(text, old, replacement, 1)
	}
	for name, c := range map[string]struct {
		rules, payload string
		want           bool
	}{
		"an hour ahead":           {"", future("glucose", "", ""), true},
		"in mmol/L":               {"", future("molar", "", ""), true},
		"five minutes ahead":      {"", mutated(t, "glucose", time1, `"2026-11-21T08:20:00Z"`), false},
		"of the present":          {"", valid["glucose"], false},
		"of a meter":              {"", future("fingerstick", "", ""), false},
		"a meal":                  {"", mutated(t, "meal", `"2026-11-21T08:10:00Z"`, `"2026-11-21T09:15:00Z"`), false},
		"and too high":            {"", future("glucose", "143", "1430"), false},
		"and of another unit":     {"", future("glucose", "mg/dL", "g/L"), false},
		"and another's":           {"", future("glucose", "p-0007", "p-0008"), false},
		"in place of an earlier":  {"", future("glucose", `"trend":"flat"`, `"replaces":"g-1"`), false},
		"and an operator's rule":  {"add: [{id: much, on: glucose, broken_if: 'mgdl > 142.0', action: quarantine}]", future("glucose", "", ""), false},
		"kept by such a rule":     {"add: [{id: much, on: glucose, broken_if: 'mgdl > 143.0', action: quarantine}]", future("glucose", "", ""), true},
		"flagged by such a rule":  {"add: [{id: much, on: glucose, broken_if: 'mgdl > 142.0'}]", future("glucose", "", ""), true},
		"by a flag that's raised": {"rules: {trend_unknown: {action: quarantine}}", future("glucose", `"flat"`, `"odd"`), false},
	} {
		v := book(t, c.rules).Check(record(c.payload))
		if (v.Ahead != nil) != c.want {
			t.Errorf("%s: %+v, reasons %v", name, v.Ahead, v.Reasons)
		}
		if !c.want {
			continue
		}
		if v.Outcome != Quarantined || len(v.Reasons) != 1 || v.Reasons[0].Code != timeInFuture || v.identity != 0 || v.Event.Kind != 0 {
			t.Errorf("%s: isn't quarantined for its time alone: %+v", name, v)
		}
		if a := v.Ahead; a.By != time.Hour || !a.Seen.Equal(seen) || a.Patient != "p-0007" || a.Offset != 12345 || a.Partition != 3 || a.Glucose.MgdL < 142 || a.Backfill {
			t.Errorf("%s: %+v", name, a)
		}
	}
	if v := Check(record(future("glucose", `"trend":"flat"`, `"backfill":true`))); v.Ahead == nil || !v.Ahead.Backfill {
		t.Errorf("declared history: %+v", v.Ahead)
	}
}
