package nightscout

import (
	"encoding/json"
	"net/url"
	"testing"

	"github.com/titrate/titrate/ingest"
)

// FuzzDocuments: whatever is posted is refused, or is answered in length, with ids,
// and reads the same from the log; posting it again adds nothing.
func FuzzDocuments(f *testing.F) {
	for _, seed := range []string{sgv, mbg, mealBolus, `[{},{"date":1e300}]`, `{"store":{"D":{"basal":[{"time":"x","value":1e308}]}},"defaultProfile":"D"}`,
		`{"date":-1,"dateString":"0000-00-00"}`, `{"created_at":5,"enteredinsulin":1e308,"splitNow":1e308,"eventType":"Combo Bolus"}`} {
		for i := range collections {
			f.Add(uint8(i), seed)
		}
	}
	f.Fuzz(func(t *testing.T, which uint8, body string) {
		s := newSite(t)
		target := "/api/v1/" + collections[int(which)%len(collections)]
		w := s.do("POST", target, body)
		if w.Code != 200 {
			if len(s.log.messages) > 0 {
				t.Fatalf("%d, but in the log", w.Code)
			}
			return
		}
		var stored []fields
		answered := json.NewDecoder(w.Body)
		answered.UseNumber() // 1e1000 is JSON, but no float64
		if err := answered.Decode(&stored); err != nil {
			t.Fatal(err)
		}
		s.events() // have keys and ids
		view := NewView([]string{"anna"}, 2000, 1<<30)
		for _, m := range s.log.messages {
			view.Observe(ingest.Record{Key: m.Key, Value: m.Value})
		}
		for _, d := range stored {
			if view.byID("anna", collections[int(which)%len(collections)], d.text("_id")) == nil {
				t.Fatalf("%s can't be read back", d.encode())
			}
		}
	})
}

// FuzzQuery: the parser and the matching are total; what all conditions match, each does.
func FuzzQuery(f *testing.F) {
	for _, seed := range []string{"find[sgv][$gte]=1", "count=5&find[a.b][$in][]=1", "find[a][$regex]=^x", "find[][]=", "find[a][$ne]=2024-05-02T10:00:00 0200"} {
		f.Add(seed, sgv)
	}
	f.Fuzz(func(t *testing.T, raw, doc string) {
		values, err := url.ParseQuery(raw)
		if err != nil {
			return
		}
		q, err := parseQuery(values)
		d, ok := decode([]byte(doc))
		if err != nil || !ok {
			return
		}
		all := q.matches(d)
		for _, condition := range q.terms {
			one := query{terms: []term{condition}}
			if all && !one.matches(d) {
				t.Fatalf("all of %q match, but not %+v", raw, condition)
			}
		}
	})
}
