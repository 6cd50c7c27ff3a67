package cleanse

import (
	"flag"
	"strings"
	"testing"
	"time"

	"github.com/titrate/titrate/ingest"
)

var update = flag.Bool("update", false, "rewrite golden files and docs/rules.md from what the code says now")

// seen is when the log took the fixtures: a little after they happened.
var seen = time.Date(2026, 11, 21, 8, 15, 0, 0, time.UTC)

// valid is one event of each kind that nothing is wrong with.
var valid = map[string]string{
	"glucose":     `{"type":"glucose","patient":"p-0007","time":"2026-11-21T08:05:00Z","value":143,"unit":"mg/dL","source":"cgm","device":"g7-8842","trend":"flat"}`,
	"molar":       `{"type":"glucose","patient":"p-0007","time":"2026-11-21T08:05:00Z","value":7.9,"unit":"mmol/L","source":"cgm"}`,
	"fingerstick": `{"type":"glucose","patient":"p-0007","time":"2026-11-21T08:05:00Z","value":143,"unit":"mg/dL","source":"fingerstick"}`,
	"meal":        `{"type":"meal","patient":"p-0007","time":"2026-11-21T08:10:00Z","carbs_g":45,"kcal":520,"protein_g":20,"fat_g":18,"fibre_g":4,"meal":"breakfast"}`,
	"sized":       `{"type":"meal","patient":"p-0007","time":"2026-11-21T08:10:00Z","size":"usual"}`,
	"insulin":     `{"type":"insulin","patient":"p-0007","time":"2026-11-21T08:11:00Z","units":4.5,"kind":"rapid","reason":"meal","product":"lispro","duration_min":30}`,
	"profile": `{"type":"profile","patient":"p-0007","time":"2026-11-01T00:00:00Z","birth_year":1984,"weight_kg":72,"diabetes":"type1","regimen":"mdi",` +
		`"icr_g_per_u":[{"start":"00:00","value":12},{"start":"06:00","value":9}],"isf_mgdl_per_u":45,"target_low_mgdl":100,"target_high_mgdl":120,` +
		`"basal_u_per_day":18,"max_bolus_u":10,"dose_step_u":0.5,"insulin":"lispro","dia_min":360,"timezone":"Europe/Berlin"}`,
	"response":   `{"type":"response","patient":"p-0007","time":"2026-11-21T08:11:00Z","recommendation":"r-1","action":"changed","units":4.5,"carbs_g":10,"reason":"exercise"}`,
	"activity":   `{"type":"activity","patient":"p-0007","time":"2026-11-21T08:00:00Z","minutes":30,"intensity":"moderate"}`,
	"note":       `{"type":"note","patient":"p-0007","time":"2026-11-21T08:00:00Z","code":"hypo-symptoms","text":"shaky"}`,
	"edit":       `{"type":"meal","patient":"p-0007","time":"2026-11-21T08:10:00Z","id":"m-2","replaces":"m-1","carbs_g":45}`,
	"retraction": `{"type":"retraction","patient":"p-0007","time":"2026-11-21T08:12:00Z","id":"r-1","replaces":"m-1"}`,
}

// record is a message with payload, taken by the log at seen.
func record(payload string) ingest.Record {
	return ingest.Record{Topic: "events", Partition: 3, Offset: 12345, Seen: seen, Key: []byte("p-0007"), Value: []byte(payload)}
}

// mutated is a valid event with its one occurrence of old replaced.
func mutated(t *testing.T, base, old, replacement string) string {
	t.Helper()
	payload, ok := valid[base]
	if !ok {
		t.Fatalf("there is no valid event called %q", base)
	}
	if strings.Count(payload, old) != 1 {
		t.Fatalf("%q stands %d times in %s, want once", old, strings.Count(payload, old), payload)
	}
	return strings.Replace(payload, old, replacement, 1)
}

// accepted is the event of a record that must be accepted.
func accepted(t *testing.T, rec ingest.Record) Event {
	t.Helper()
	v := Check(rec)
	if v.Outcome != Accepted {
		t.Fatalf("outcome %v with %+v, want accepted: %s", v.Outcome, v.Reasons, rec.Value)
	}
	return v.Event
}
