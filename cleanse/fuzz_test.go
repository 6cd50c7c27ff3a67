package cleanse

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/titrate/titrate/ingest"
)

// FuzzCheck looks for a record that Check doesn't answer, answers twice
// differently, or answers with an outcome that its reasons don't bear out.
func FuzzCheck(f *testing.F) {
	for _, payload := range valid {
		f.Add([]byte("p-0007"), []byte(payload), seen.UnixMilli())
	}
	f.Fuzz(func(t *testing.T, key, payload []byte, millis int64) {
		rec := ingest.Record{Offset: 7, Seen: time.UnixMilli(millis), Key: key, Value: payload}
		v := Check(rec)
		if again := Check(rec); !reflect.DeepEqual(v, again) {
			t.Fatalf("two answers: %+v and %+v", v, again)
		}
		consistent(t, rec, v)
		agreesWithStandard(t, payload, v)
		c := New()
		c.Clean(rec)
		rec.Offset++
		if got := c.Clean(rec).Outcome; (v.Outcome == Quarantined) != (got == Quarantined) || got == Accepted || got == Late {
			t.Fatalf("outcome %d, and %d for the same again", v.Outcome, got)
		}
	})
}

// consistent checks what holds of every verdict by Check.
func consistent(t *testing.T, rec ingest.Record, v Verdict) {
	t.Helper()
	e := &v.Event
	switch {
	case v.Outcome != Accepted && v.Outcome != Late && v.Outcome != Quarantined:
		t.Fatalf("outcome %d", v.Outcome)
	case (v.Outcome == Quarantined) != (len(v.Reasons) > 0):
		t.Fatalf("outcome %d with reasons %+v", v.Outcome, v.Reasons)
	case v.Outcome == Quarantined:
		ruled(t, v.Reasons)
		return
	case e.Extra != "" && !isObject([]byte(e.Extra)):
		t.Fatalf("extra %q isn't an object", e.Extra)
	case e.Late != (v.Outcome == Late):
		t.Fatalf("outcome %d, event late %v", v.Outcome, e.Late)
	case e.Kind.String() == "" || e.Patient == "" || (e.Kind == Profile) != (e.Profile != nil):
		t.Fatalf("incomplete event %+v", e)
	case len(rec.Key) > 0 && string(rec.Key) != e.Patient:
		t.Fatalf("patient %q of key %q", e.Patient, rec.Key)
	case e.At.Year() < earliest || e.At.Sub(e.Seen) > MaxAhead:
		t.Fatalf("accepted at %v, seen %v", e.At, e.Seen)
	case e.Kind == Glucose && !(e.Glucose.MgdL >= meterFloor && e.Glucose.MgdL <= 1000):
		t.Fatalf("accepted %v mg/dL", e.Glucose.MgdL)
	case e.Kind == Insulin && !(e.Insulin.Units >= 0 && e.Insulin.Units <= 100):
		t.Fatalf("accepted %v U", e.Insulin.Units)
	}
}

// ruled checks that each reason's code is that of a rule that quarantines.
func ruled(t *testing.T, reasons []Reason) {
	t.Helper()
	known := map[string]bool{}
	for _, r := range Rules() {
		known[r.ID] = r.Action == ActionQuarantine
	}
	for _, r := range reasons {
		if !known[r.Code] || r.Field == "" || r.Note == "" || !utf8.ValidString(r.Note) {
			t.Fatalf("reason %+v", r)
		}
	}
}

// agreesWithStandard checks the parser against encoding/json, which knows no
// limit of ours.
func agreesWithStandard(t *testing.T, payload []byte, v Verdict) {
	t.Helper()
	if len(v.Reasons) == 1 {
		switch v.Reasons[0].Code {
		case payloadEmpty, payloadTooLarge, payloadNotUTF8, payloadTooDeep:
			return
		case payloadUndecoded:
			if payload[0] != 0 {
				t.Fatalf("%q has no schema's id: %+v", payload, v.Reasons)
			}
			return
		case payloadNotJSON:
			if json.Valid(payload) {
				t.Fatalf("%q is JSON: %+v", payload, v.Reasons)
			}
			return
		case payloadNotObject:
			if len(payload) > 0 && json.Valid(payload) == isObject(payload) {
				t.Fatalf("%q is an object, or not JSON: %+v", payload, v.Reasons)
			}
			return
		}
	}
	if !isObject(payload) {
		t.Fatalf("%q isn't a JSON object, but got past the parser: %+v", payload, v)
	}
}

func isObject(payload []byte) bool {
	var members map[string]json.RawMessage
	return json.Unmarshal(payload, &members) == nil && members != nil
}
