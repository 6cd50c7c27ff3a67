package nightscout

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
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

// FuzzQuery3: the parser of v3 is total, and a search never gives more than its limit.
func FuzzQuery3(f *testing.F) {
	for _, seed := range []string{"limit=1&skip=1&sort$desc=date", "fields=a,b&x$in=1|2", "a$re=(", "date$gte=2024-05-02T10:00:00 0200", "$=1", "limit=99999999999999999999"} {
		f.Add(seed)
	}
	s := newSite(f)
	for i := range 5 {
		s.do("POST", "/api/v3/treatments", v3Bolus(i), "Authorization", "Bearer "+phrase)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		values, err := url.ParseQuery(raw)
		if err != nil {
			return
		}
		q, err := parseQuery3(values)
		if err == nil && (q.limit < 1 || q.limit > most || q.skip < 0) {
			t.Fatalf("%q: limit %d, skip %d", raw, q.limit, q.skip)
		}
		w := s.do("GET", "/api/v3/treatments?"+values.Encode(), "", "api-secret", digest)
		if (err == nil) != (w.Code == 200) {
			t.Fatalf("%q: %v, but answered %d", raw, err, w.Code)
		}
	})
}

// FuzzPath: whatever path is asked for is answered, and a stranger learns nothing by it.
func FuzzPath(f *testing.F) {
	for _, seed := range []string{"/api/v1/entries.json", "//api//v3/treatments/x/", "/api/v1/times/2024/{00..05}", "/api/v1/slice/entries/a/b/{,}/(", "/api/v3/entries/.csv", "/pebble/..", "/api/v2/authorization/request/"} {
		f.Add("GET", seed)
		f.Add("DELETE", seed)
	}
	f.Fuzz(func(t *testing.T, method, path string) {
		s := newSite(t)
		for _, secret := range []string{digest, "no secret"} {
			r := &http.Request{Method: method, URL: &url.URL{Path: path}, Header: http.Header{"Api-Secret": {secret}}, Body: http.NoBody, RemoteAddr: "192.0.2.1:9"}
			w := httptest.NewRecorder()
			s.door.ServeHTTP(w, r)
			if w.Code < 200 || w.Code >= 500 {
				t.Fatalf("%s %s: %d", method, path, w.Code)
			}
			if secret != digest && w.Code != http.StatusUnauthorized && !strings.Contains(path, "verifyauth") {
				if _, token := strings.CutPrefix(path, tokenPath); !token {
					t.Fatalf("%s %s: a stranger is answered %d", method, path, w.Code)
				}
			}
		}
	})
}

// FuzzRecord: whatever the log holds, folding it doesn't panic, keeps to the bounds,
// and changes nothing the second time.
func FuzzRecord(f *testing.F) {
	s := newSite(f)
	s.do("POST", "/api/v1/treatments", mealBolus)
	s.do("DELETE", "/api/v1/treatments?find[insulin]=5.5", "")
	for _, m := range s.log.messages {
		f.Add(m.Value)
	}
	f.Add([]byte(`{"nightscout":{"collection":"entries","_id":"000000000000000000000000","modified":-1,"doc":{"_id":"000000000000000000000000","eventType":"Temp Basal"}}}`))
	f.Fuzz(func(t *testing.T, value []byte) {
		v := NewView([]string{"anna"}, 2, 10_000)
		rec := ingest.Record{Key: []byte("anna"), Value: value}
		v.Observe(rec)
		before := v.held
		v.Observe(rec)
		if v.held != before || v.held < 0 || v.held > v.most {
			t.Fatalf("%d bytes held, then %d", before, v.held)
		}
		for _, c := range collections {
			for _, d := range v.changes("anna", c) {
				present(d)
				d.parts()
			}
		}
	})
}

// FuzzEdit: whatever is made of a document, each event replaces at most one that
// holds, and what holds in the end is what the document says.
func FuzzEdit(f *testing.F) {
	f.Add(`{"insulin":2,"carbs":0}`, `{"eventType":"Temp Basal","duration":30,"rate":1}`)
	f.Add(`{"eventType":"BG Check","glucose":5,"units":"mmol"}`, `{"isValid":false}`)
	f.Fuzz(func(t *testing.T, first, second string) {
		s := newSite(t)
		s.do("POST", "/api/v3/treatments", v3Bolus(1), "Authorization", "Bearer "+phrase)
		for _, patch := range []string{first, second} {
			s.now = s.now.Add(1)
			s.do("PATCH", "/api/v3/treatments/b-1", patch, "Authorization", "Bearer "+phrase)
		}
		holds := map[string]bool{}
		for _, e := range s.events() {
			if e.Replaces != "" {
				if !holds[e.Replaces] {
					t.Fatalf("%s replaces %s, which doesn't hold", e.ID, e.Replaces)
				}
				delete(holds, e.Replaces)
			}
			if e.Type != "retraction" && e.Code != "nightscout-edited" {
				holds[e.ID] = true
			}
		}
		d := s.door.view.identified("anna", "treatments", "b-1")
		if d == nil {
			return // its identifier was patched away
		}
		if len(holds) != len(d.events) {
			t.Fatalf("%d events hold, the document has %d", len(holds), len(d.events))
		}
		for _, id := range d.events {
			if !holds[id] {
				t.Fatalf("%s of the document doesn't hold", id)
			}
		}
	})
}
