package nightscout

import (
	"bytes"
	"encoding/json"
	"net/http/httptest"
	"testing"

	"github.com/titrate/titrate/ingest"
)

// What the door wrote is known at a glance when it comes round; what differs in
// anything that a reader would see isn't.
func TestTheDoorKnowsItsOwnEcho(t *testing.T) {
	s := newSite(t)
	s.do("POST", "/api/v1/entries", `{"type":"sgv","sgv":123,"date":1714644900000,"device":"<x> & \"y\" ü"}`)
	s.do("POST", "/api/v1/treatments", `{"eventType":"Meal Bolus","carbs":40,"insulin":4,"created_at":"2024-05-02T10:00:00Z"}`)
	s.do("PUT", "/api/v1/treatments", `{"eventType":"Meal Bolus","carbs":50,"insulin":4,"created_at":"2024-05-02T10:00:00Z"}`)
	s.do("POST", "/api/v1/profile", `{"defaultProfile":"a","startDate":"2024-05-01T00:00:00Z","store":{"a":{"dia":5}}}`)
	latest := map[string][]byte{} // by _id: a View holds the last change of each
	for _, m := range s.log.messages {
		var e event
		if err := json.Unmarshal(m.Value, &e); err != nil {
			t.Fatal(err)
		}
		if e.Nightscout != nil {
			latest[e.Nightscout.ID] = m.Value
		}
	}
	if len(latest) != 3 {
		t.Fatalf("%d documents", len(latest))
	}
	view := s.door.View()
	for _, value := range latest {
		if !view.echoed("anna", value) {
			t.Errorf("not known: %s", value)
		}
		for name, other := range map[string][]byte{
			"of another":       nil,
			"of another time":  bytes.Replace(value, []byte(`"modified":1`), []byte(`"modified":2`), 1),
			"of another _id":   bytes.Replace(value, []byte(`"_id":"`), []byte(`"_id":"0`), 1),
			"of another text":  append(bytes.TrimSuffix(bytes.Clone(value), []byte(`"}}`)), `x"}}`...),
			"named twice":      append(bytes.TrimSuffix(bytes.Clone(value), []byte("}}")), `,"nightscout":1}}`...),
			"without document": value[:bytes.Index(value, []byte(`,"doc"`))],
			"nothing":          {},
		} {
			patient := "anna"
			if other == nil {
				patient, other = "bert", value
			}
			if bytes.Equal(other, value) && patient == "anna" {
				continue // this document doesn't end in text
			}
			if view.echoed(patient, other) {
				t.Errorf("%s: known: %s", name, other)
			}
		}
	}
}

// A list is written as encoding/json writes it.
func TestListsAreWrittenAsJSONDoes(t *testing.T) {
	for _, all := range [][]json.RawMessage{nil, {}, {[]byte(`{"a":1}`)}, {[]byte(`{"a":"\u003c"}`), []byte(`{}`)}, {nil, []byte(`1`)}} {
		w := httptest.NewRecorder()
		write(w, 200, all)
		var want bytes.Buffer
		if err := json.NewEncoder(&want).Encode(all); err != nil {
			t.Fatal(err)
		}
		if w.Body.String() != want.String() {
			t.Errorf("%q, want %q", w.Body, want.String())
		}
	}
}

func BenchmarkEcho(b *testing.B) {
	s := newSite(b)
	s.do("POST", "/api/v1/entries", `{"type":"sgv","sgv":123,"date":1714644900000,"dateString":"2024-05-02T10:15:00.000Z","direction":"Flat","device":"load 1"}`)
	rec := ingest.Record{Key: []byte("anna"), Value: s.log.messages[0].Value}
	b.ReportAllocs()
	for b.Loop() {
		s.door.View().Observe(rec)
	}
}
