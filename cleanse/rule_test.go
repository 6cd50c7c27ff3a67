package cleanse

import (
	"strings"
	"testing"

	"github.com/titrate/titrate/ingest"
)

// breach is a record that breaks one rule and nothing else.
type breach struct {
	rule string
	rec  ingest.Record
}

// breaches are the mutations in trips, and the records that can't be made by
// changing a few characters of an event whose key is its patient.
func breaches(t *testing.T) []breach {
	long := strings.Repeat("p", maxPatient+1)
	all := []breach{
		{payloadEmpty, record("")},
		{payloadTooLarge, record(valid["note"] + strings.Repeat(" ", maxPayload))},
		{payloadNotObject, record("[" + valid["note"] + "]")},
		{payloadNotObject, record("17")},
		{payloadNotJSON, record("\x00\x00\x00\x01")},
		{payloadUndecoded, record("\x00\x00\x00\x00\x01avro")},
		{payloadUndecoded, ingest.Record{Seen: seen, Value: []byte("\x00\x00\x00\x00\x01avro"), Undecoded: "schema 1: the registry has no such schema"}},
		{patientTooLong, keyed(long, strings.Replace(valid["note"], "p-0007", long, 1))},
		{patientControl, keyed("p\n7", strings.Replace(valid["note"], "p-0007", `p\n7`, 1))},
		{patientNotKey, keyed("p-7", valid["note"])},
		{patientNotKey, keyed(strings.Repeat("\x80", 99), valid["note"])},
	}
	for _, trip := range trips {
		all = append(all, breach{trip.rule, record(mutated(t, trip.base, trip.old, trip.new))})
	}
	return all
}

func keyed(key, payload string) ingest.Record {
	rec := record(payload)
	rec.Key = []byte(key)
	return rec
}

func TestEachBreachTripsItsRuleAlone(t *testing.T) {
	for _, b := range breaches(t) {
		v := Check(b.rec)
		if v.Outcome != Quarantined || len(v.Reasons) != 1 || v.Reasons[0].Code != b.rule {
			t.Errorf("outcome %d, reasons %+v; want %s alone: %.300q", v.Outcome, v.Reasons, b.rule, b.rec.Value)
		}
	}
}

// accepting are the tests of the rules that don't quarantine.
var accepting = map[string]func(t *testing.T){
	cgmLow:       testCGMLow,
	cgmHigh:      testCGMHigh,
	trendUnknown: testTrendUnknown,
	fieldUnknown: testFieldUnknown,

	doubledReading: testSequence, rateOfChange: testSequence, jumpAfterGap: testSequence, flatLine: testSequence, sensorNoise: testSequence,
	sensorWarmUp: testSequence, sensorFirstDay: testSequence, calibrationWindow: testSequence, compressionLow: testSequence,
	clockSkew: testSequence, longActingTwice: testSequence, repeatedBolus: testSequence, repeatedMeal: testSequence,
	dailyInsulin: testSequence, dailyCarbs: testSequence,
	arrivedLate: testLate,
	seenBefore:  testDuplicate,
}

func TestEveryRuleHasATest(t *testing.T) {
	tripped, listed := map[string]bool{}, map[string]bool{}
	for _, b := range breaches(t) {
		tripped[b.rule] = true
	}
	for _, rule := range Rules() {
		if listed[rule.ID] {
			t.Errorf("two rules are called %s", rule.ID)
		}
		listed[rule.ID] = true
		if rule.Action != ActionQuarantine {
			test, ok := accepting[rule.ID]
			if !ok {
				t.Errorf("no test for %s", rule.ID)
				continue
			}
			t.Run(rule.ID, test)
		} else if !tripped[rule.ID] {
			t.Errorf("nothing trips %s", rule.ID)
		}
	}
	for id := range tripped {
		if !listed[id] {
			t.Errorf("%s is a reason's code, but no rule", id)
		}
	}
}

func TestEveryRuleIsDescribed(t *testing.T) {
	for _, r := range Rules() {
		for _, text := range []string{r.ID, r.Applies, r.Checks, r.Action, r.Severity, r.Since, r.Source} {
			if text == "" {
				t.Errorf("%+v has an empty part", r)
			}
		}
	}
}

// flagged makes sure that an event breaks rule and no other that flags.
func flagged(t *testing.T, payload, rule string) {
	t.Helper()
	if e := accepted(t, record(payload)); string(e.Flags) != rule || rule != "" && !e.Flags.Has(rule) {
		t.Errorf("flags %q, want %q: %s", e.Flags, rule, payload)
	}
}

func TestValidEventsAreNotFlagged(t *testing.T) {
	for _, payload := range valid {
		flagged(t, payload, "")
	}
}

func TestFlagsAreSorted(t *testing.T) {
	e := accepted(t, record(mutated(t, "glucose", `143,"unit":"mg/dL","source":"cgm","device":"g7-8842","trend":"flat"`, `39,"unit":"mg/dL","source":"cgm","trend":"odd","odd":1`)))
	if want := cgmLow + "," + fieldUnknown + "," + trendUnknown; string(e.Flags) != want || e.Flags.Has("low") || !e.Flags.Has(fieldUnknown) {
		t.Errorf("flags %q, want %q", e.Flags, want)
	}
}

func testFieldUnknown(t *testing.T) {
	tests := []struct{ base, old, new, want string }{
		{"meal", `"kcal":520`, `"brand": "é\"x", "tags":[1, {"a":null}]`, `{"brand":"é\"x","tags":[1, {"a":null}]}`},
		{"meal", `"kcal":520`, `"br\u0061nd":null`, `{"br\u0061nd":null}`},
		{"meal", `"kcal":520`, `"units":4.5,"value":null`, `{"units":4.5}`},
		{"meal", `"kcal":520`, `"units":null`, ``},
		{"note", `"shaky"`, `"shaky","a":1,"b":2,"c":3,"d":4,"e":5,"f":6,"g":7,"h":8,"i":9`, `{"a":1,"b":2,"c":3,"d":4,"e":5,"f":6,"g":7,"h":8,"i":9}`},
		{"retraction", `"replaces":"m-1"`, `"replaces":"m-1","carbs_g":45`, `{"carbs_g":45}`},
	}
	for _, test := range tests {
		payload := mutated(t, test.base, test.old, test.new)
		e := accepted(t, record(payload))
		if e.Extra != test.want {
			t.Errorf("%s: extra %s, want %s", payload, e.Extra, test.want)
		}
		rule := fieldUnknown
		if test.want == "" {
			rule = ""
		}
		flagged(t, payload, rule)
	}
}

func TestReplaces(t *testing.T) {
	edit, gone := accepted(t, record(valid["edit"])), accepted(t, record(valid["retraction"]))
	if edit.Replaces != "m-1" || edit.ID != "m-2" || gone.Replaces != "m-1" || gone.Kind != Retraction {
		t.Errorf("%+v and %+v don't say that m-1 is replaced", edit, gone)
	}
	old := mutated(t, "retraction", "08:12", "03:12")
	if v := Check(record(old)); v.Outcome != Accepted {
		t.Errorf("an old retraction: outcome %d, want accepted: what doesn't hold must never count", v.Outcome)
	}
	c := New()
	without := mutated(t, "retraction", `"id":"r-1",`, "")
	other := strings.Replace(without, "m-1", "m-9", 1)
	for i, want := range []struct {
		payload string
		outcome Outcome
	}{{without, Accepted}, {other, Accepted}, {without, Duplicate}} {
		rec := record(want.payload)
		rec.Offset += int64(i)
		if v := c.Clean(rec); v.Outcome != want.outcome {
			t.Errorf("retraction %d: outcome %d, want %d", i, v.Outcome, want.outcome)
		}
	}
}

func testCGMLow(t *testing.T) {
	for text, want := range map[string]MgdL{"39": 39, "36.5": 36.5, `"LOW"`: 39, `"Low"`: 39} {
		g := accepted(t, record(mutated(t, "glucose", "143", text))).Glucose
		if g.Special != Low || g.MgdL != want {
			t.Errorf("%s: %+v, want Low at %v", text, g, want)
		}
		flagged(t, mutated(t, "glucose", "143", text), cgmLow)
	}
	if g := accepted(t, record(mutated(t, "glucose", "143", "40"))).Glucose; g.Special != Measured {
		t.Errorf("40 mg/dL: %+v, want it measured", g)
	}
	if g := accepted(t, record(mutated(t, "fingerstick", "143", "31"))).Glucose; g.Special != Measured {
		t.Errorf("31 mg/dL by meter: %+v, want it measured", g)
	}
}

func testCGMHigh(t *testing.T) {
	for text, want := range map[string]MgdL{"401": 401, "480": 480, `"HIGH"`: 401} {
		g := accepted(t, record(mutated(t, "glucose", "143", text))).Glucose
		if g.Special != High || g.MgdL != want {
			t.Errorf("%s: %+v, want High at %v", text, g, want)
		}
		flagged(t, mutated(t, "glucose", "143", text), cgmHigh)
	}
	if g := accepted(t, record(mutated(t, "molar", "7.9", "22.2"))).Glucose; g.Special != Measured {
		t.Errorf("22.2 mmol/L: %+v, want it measured", g)
	}
}

func testTrendUnknown(t *testing.T) {
	tests := map[string]string{
		`"doubleUp"`: "doubleUp", `"FortyFiveDown"`: "fortyFiveDown", `"Flat"`: "flat",
		`"NOT COMPUTABLE"`: "", `"sideways"`: "", `"FLAT"`: "", `4`: "", `null`: "", `""`: "", `"\u0066lat"`: "",
	}
	for text, want := range tests {
		g := accepted(t, record(mutated(t, "glucose", `"flat"`, text))).Glucose
		if g.Trend != want || g.MgdL != 143 {
			t.Errorf("trend %s: %+v, want %q", text, g, want)
		}
	}
}

func testLate(t *testing.T) {
	tests := []struct {
		base, old, new string
		want           Outcome
	}{
		{"glucose", "08:05:00Z", "07:15:00Z", Accepted},
		{"glucose", "08:05:00Z", "07:14:59Z", Late},
		{"glucose", `08:05:00Z"`, `06:05:00Z","backfill":false`, Late},
		{"glucose", `08:05:00Z"`, `06:05:00Z","backfill":true`, Accepted},
		{"profile", "2026-11-01", "2020-11-01", Accepted},
	}
	for _, test := range tests {
		v := Check(record(mutated(t, test.base, test.old, test.new)))
		if v.Outcome != test.want || v.Event.Late != (test.want == Late) {
			t.Errorf("%s at %s: outcome %d, late %v, want %d", test.base, test.new, v.Outcome, v.Event.Late, test.want)
		}
	}
}
