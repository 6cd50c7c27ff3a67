package nightscout

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/titrate/titrate/ingest"
)

// holding is what the log says in the end: the events that nothing replaces.
func (s *site) holding() string {
	replaced := map[string]bool{}
	for _, e := range s.events() {
		replaced[e.Replaces] = true
	}
	var all []string
	for _, e := range s.events() {
		if !replaced[e.ID] && e.Type != "retraction" && e.Code != "nightscout-edited" {
			all = append(all, brief(e))
		}
	}
	return strings.Join(all, ", ")
}

func (s *site) ids() (all []string) {
	for _, e := range s.events() {
		all = append(all, e.ID)
	}
	return all
}

// TestEditsAndDeletionsHold: whatever was done to a document, the log counts what
// it says now, once.
func TestEditsAndDeletionsHold(t *testing.T) {
	edit := func(old, new string) func(*site, string) {
		return func(s *site, id string) {
			doc := strings.Replace(mealBolus, old, new, 1)
			w := s.do("PUT", "/api/v1/treatments", strings.Replace(doc, `{`, `{"_id":"`+id+`",`, 1))
			if w.Code != 200 || w.Body.Bytes()[0] != '{' {
				s.t.Fatalf("PUT: %d %s", w.Code, w.Body)
			}
		}
	}
	remove := func(s *site, id string) {
		w := s.do("DELETE", "/api/v1/treatments/"+id, "")
		if got := strings.TrimSpace(w.Body.String()); got != `{"n":1,"ok":1,"deletedCount":1}` {
			s.t.Fatalf("DELETE: %d %s", w.Code, got)
		}
	}
	again := func(s *site, _ string) { s.list("POST", "/api/v1/treatments", mealBolus) }
	for _, c := range []struct {
		name  string
		steps []func(*site, string)
		want  string
		types string
	}{
		{"more carbs", []func(*site, string){edit(`"carbs":45`, `"carbs":60`)}, "insulin rapid 5.5 U meal, meal 60 g", "meal insulin meal"},
		{"carbs twice", []func(*site, string){edit(`"carbs":45`, `"carbs":60`), edit(`"carbs":45`, `"carbs":70`)}, "insulin rapid 5.5 U meal, meal 70 g", "meal insulin meal meal"},
		{"back again", []func(*site, string){edit(`"carbs":45`, `"carbs":60`), again}, "insulin rapid 5.5 U meal, meal 45 g", "meal insulin meal meal"},
		{"no carbs after all", []func(*site, string){edit(`"carbs":45`, `"carbs":0`)}, "insulin rapid 5.5 U meal", "meal insulin retraction"},
		{"other time", []func(*site, string){edit(`T12:00`, `T11:00`)}, "meal 45 g, insulin rapid 5.5 U meal", "meal insulin meal insulin"},
		{"a remark", []func(*site, string){edit(`"notes":""`, `"notes":"pizza"`)}, "meal 45 g, insulin rapid 5.5 U meal", "meal insulin note"},
		{"nothing", []func(*site, string){again}, "meal 45 g, insulin rapid 5.5 U meal", "meal insulin"},
		{"became a note", []func(*site, string){edit(`"insulin":"5.5","carbs":45`, `"x":1`)}, "note nightscout-meal-bolus", "meal insulin note retraction retraction"},
		{"deleted", []func(*site, string){remove}, "", "meal insulin retraction retraction"},
		{"edited, deleted", []func(*site, string){edit(`"carbs":45`, `"carbs":60`), remove}, "", "meal insulin meal retraction retraction"},
		{"deleted, sent again", []func(*site, string){remove, again}, "meal 45 g, insulin rapid 5.5 U meal", "meal insulin retraction retraction meal insulin"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newSite(t)
			id := s.list("POST", "/api/v1/treatments", mealBolus)[0].text("_id")
			for _, step := range c.steps {
				s.now = s.now.Add(-time.Hour) // a clock that goes wrong must not make a change lose
				step(s, id)
			}
			var types []string
			for _, e := range s.events() {
				types = append(types, e.Type)
			}
			if got := s.holding(); got != c.want {
				t.Errorf("holding %q, want %q", got, c.want)
			}
			if got := strings.Join(types, " "); got != c.types {
				t.Errorf("events %s, want %s", got, c.types)
			}
			ids := s.ids()
			slices.Sort(ids)
			if len(slices.Compact(ids)) != len(s.log.messages) {
				t.Errorf("ids repeat: %v", s.ids())
			}
		})
	}
}

// What replaces must come behind what it replaces, and name an event of the log.
func TestOnlyEventsOfTheLogAreReplaced(t *testing.T) {
	s := newSite(t)
	for i, doc := range []string{mealBolus, strings.Replace(mealBolus, "45", "50", 1), strings.Replace(mealBolus, "5.5", "6", 1)} {
		s.now = start.Add(time.Duration(i) * time.Second)
		s.list("POST", "/api/v1/treatments", doc)
	}
	seen := map[string]bool{}
	for _, e := range s.events() {
		if e.Replaces != "" && !seen[e.Replaces] {
			t.Errorf("%s replaces %s, which wasn't there", e.ID, e.Replaces)
		}
		seen[e.ID] = true
	}
}

func TestADeletedDocumentIsNotRead(t *testing.T) {
	s := newSite(t)
	id := s.list("POST", "/api/v1/treatments", mealBolus)[0].text("_id")
	if got := s.list("GET", "/api/v1/treatments/"+id, ""); len(got) != 1 {
		t.Fatalf("before: %v", got)
	}
	s.do("DELETE", "/api/v1/treatments/"+id, "")
	if got := s.list("GET", "/api/v1/treatments?find[created_at][$gte]=2024", ""); len(got) != 0 {
		t.Errorf("after: %v", got)
	}
}

// basal is a temporary rate of 1.2 U/h that begins so many minutes after start.
func basal(minute, duration int) string {
	return fmt.Sprintf(`{"eventType":"Temp Basal","absolute":1.2,"duration":%d,"created_at":%q}`, duration, iso(start.Add(time.Duration(minute)*time.Minute)))
}

// A pump runs one rate at a time: what the next one cuts off was never given.
func TestTemporaryRatesEndEachOther(t *testing.T) {
	cut := "insulin rapid 0.1 U basal over 5"
	whole := "insulin rapid 0.6 U basal over 30"
	for _, c := range []struct {
		name string
		docs []string
		want string
	}{
		{"alone", []string{basal(0, 30)}, whole},
		{"one after the other", []string{basal(0, 30), basal(30, 30)}, whole + ", " + whole},
		{"overlapping", []string{basal(0, 30), basal(5, 30)}, whole + ", " + cut},
		{"in one batch", []string{"[" + basal(0, 30) + "," + basal(5, 30) + "]"}, whole + ", " + cut},
		{"the later first", []string{basal(5, 30), basal(0, 30)}, whole + ", " + cut},
		{"three, the middle last", []string{basal(0, 30), basal(10, 30), basal(5, 30)}, whole + ", " + cut + ", " + cut},
		{"cancelled", []string{basal(0, 30), basal(5, 0)}, "note nightscout-temp-basal, " + cut},
		{"long over", []string{basal(-60*25, 30), basal(0, 30)}, whole + ", " + whole},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newSite(t)
			for _, doc := range c.docs {
				s.now = s.now.Add(time.Second)
				s.list("POST", "/api/v1/treatments", doc)
			}
			if got := s.holding(); got != c.want {
				t.Errorf("holding %s\nwant    %s", got, c.want)
			}
		})
	}
}

func TestADeletedRateCutsNoLonger(t *testing.T) {
	s := newSite(t)
	s.list("POST", "/api/v1/treatments", basal(0, 30))
	second := s.list("POST", "/api/v1/treatments", basal(5, 30))[0].text("_id")
	s.do("DELETE", "/api/v1/treatments/"+second, "")
	if got := s.holding(); got != "insulin rapid 0.6 U basal over 30" {
		t.Errorf("holding %s", got)
	}
	again := NewView([]string{"anna"}, 2000, 1<<30)
	for _, m := range s.log.messages {
		again.Observe(ingest.Record{Key: m.Key, Value: m.Value})
	}
	got, want := mustEncode(again.snapshot("anna", "treatments")), mustEncode(s.door.view.snapshot("anna", "treatments"))
	if string(got) != string(want) {
		t.Errorf("read afresh %s\nfirst %s", got, want)
	}
}

func TestV3UpdatesPatchesAndDeletes(t *testing.T) {
	s := newSite(t)
	var n int
	step := func(method, target, body string, want int) fields {
		t.Helper()
		n++
		s.now = start.Add(time.Duration(n) * time.Second)
		w := s.do(method, "/api/v3/"+target, body, "Authorization", "Bearer "+phrase)
		if w.Code != want {
			t.Errorf("%s %s %s: %d, want %d: %s", method, target, body, w.Code, want, w.Body)
		}
		var got fields
		if w.Body.Len() > 0 && json.Unmarshal(w.Body.Bytes(), &got) != nil {
			t.Errorf("%s %s: %s", method, target, w.Body)
		}
		return got
	}
	bolus := v3Bolus(1)
	step("PUT", "treatments/b-1", bolus, 201)
	step("PUT", "treatments/b-1", strings.Replace(bolus, "1.5", "2", 1), 200)
	if got := s.holding(); got != "insulin rapid 2 U correction" {
		t.Errorf("after PUT: %s", got)
	}
	step("PUT", "treatments/b-1", strings.Replace(bolus, "Correction Bolus", "Meal Bolus", 1), 400)
	step("PUT", "treatments/b-1", "[]", 400)
	step("PATCH", "treatments/b-1", `{"insulin":2.5}`, 200)
	if got := s.holding(); got != "insulin rapid 2.5 U correction" {
		t.Errorf("after PATCH: %s", got)
	}
	step("PATCH", "treatments/b-1", `{}`, 400)
	step("PATCH", "treatments/b-1", `{"date":1}`, 400)
	step("PATCH", "treatments/b-2", `{"insulin":2.5}`, 404)
	step("DELETE", "treatments/b-2", "", 404)
	step("GET", "treatments/b-1.csv", "", 406)
	step("POST", "treatments", strings.Replace(v3Bolus(3), `{`, `{"isReadOnly":true,`, 1), 201)
	step("PATCH", "treatments/b-3", `{"insulin":9}`, 422)
	step("DELETE", "treatments/b-3", "", 422)
	step("DELETE", "treatments/b-1", "", 204)
	step("DELETE", "treatments/b-1", "", 410)
	step("PATCH", "treatments/b-1", `{"insulin":9}`, 410)
	step("PUT", "treatments/b-1", bolus, 410)
	step("GET", "treatments/b-1", "", 410)
	if got := s.holding(); got != "insulin rapid 1.5 U correction" {
		t.Errorf("in the end: %s", got)
	}
	if w := s.do("DELETE", "/api/v3/treatments/b-3", "", "Authorization", "Bearer "+reader); w.Code != 403 {
		t.Errorf("a reader deletes: %d", w.Code)
	}
	if w := s.do("POST", "/api/v3/version", "{}", "Authorization", "Bearer "+phrase); w.Code != 404 {
		t.Errorf("POST version: %d", w.Code)
	}
	if w := s.do("PATCH", "/api/v3/treatments", "{}", "Authorization", "Bearer "+phrase); w.Code != 405 || w.Header().Get("Allow") != "GET, POST" {
		t.Errorf("PATCH of a collection: %d, Allow %q", w.Code, w.Header().Get("Allow"))
	}
}

func TestConditionalRequests(t *testing.T) {
	s := newSite(t)
	s.v3("POST", "treatments", v3Bolus(1))
	get := func(target, since string) (int, string) {
		w := s.do("GET", target, "", "api-secret", digest, "If-Modified-Since", since)
		return w.Code, w.Header().Get("Last-Modified")
	}
	for _, target := range []string{"/api/v1/treatments.json", "/api/v3/treatments/b-1"} {
		s.now = start
		if code, last := get(target, ""); code != 200 || last != "" {
			t.Errorf("%s in the second of the change: %d, Last-Modified %q, though more may follow in it", target, code, last)
		}
		s.now = start.Add(time.Second)
		code, last := get(target, "")
		if code != 200 || last != start.Format("Mon, 02 Jan 2006 15:04:05 GMT") {
			t.Fatalf("%s: %d, Last-Modified %q", target, code, last)
		}
		if code, _ := get(target, last); code != 304 {
			t.Errorf("%s again: %d", target, code)
		}
	}
	s.now = start.Add(time.Minute)
	old := start.Add(-time.Minute).Format("Mon, 02 Jan 2006 15:04:05 GMT")
	for _, method := range []string{"PUT", "PATCH", "DELETE"} {
		if w := s.do(method, "/api/v3/treatments/b-1", v3Bolus(1), "api-secret", digest, "If-Unmodified-Since", old); w.Code != 412 {
			t.Errorf("%s of what was changed since: %d", method, w.Code)
		}
	}
}

func TestNothingIsGivenOrTakenBeforeTheLogWasRead(t *testing.T) {
	s := newSite(t)
	s.door.ready.Store(false)
	for _, c := range []struct {
		method, target string
		want           int
	}{
		{"GET", "/api/v1/entries.json", 503}, {"POST", "/api/v1/entries.json", 503}, {"DELETE", "/api/v3/treatments/x", 503},
		{"GET", "/api/v1/status.json", 200}, {"GET", "/api/v1/verifyauth", 200}, {"GET", "/api/v3/version", 200},
	} {
		w := s.do(c.method, c.target, sgv)
		if w.Code != c.want || c.want == 503 && w.Header().Get("Retry-After") == "" {
			t.Errorf("%s %s: %d %s", c.method, c.target, w.Code, w.Body)
		}
	}
}

func TestATokenForEverybodyOpensNoSite(t *testing.T) {
	s := newSite(t)
	if w := s.do("GET", "/api/v1/entries.json", "", "Authorization", "Bearer "+service); w.Code != 403 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestSlicesTimesTablesAndPebble(t *testing.T) {
	s := newSite(t)
	for i := range 6 {
		at := start.Add(-time.Duration(i) * time.Hour)
		s.list("POST", "/api/v1/entries", fmt.Sprintf(`{"type":"sgv","sgv":%d,"date":%d,"dateString":%q,"direction":"Flat","device":"d"}`, 100+i, at.UnixMilli(), iso(at)))
	}
	for target, want := range map[string]int{
		"slice/entries/dateString/sgv/2024-05.json":             6,
		"slice/entries/dateString/sgv/2024-05-02T/1.json":       3,
		"slice/entries/dateString/mbg/2024-05.json":             0,
		"times/2024-05/.*T{10..12}:.json":                       3,
		"times/2024-{04,05}/.*T{07,09}:.*.json":                 2,
		"times/2023/.*T{10..12}:.json":                          0,
		"times/2024-05/.*T{10..12}:.json?count=2":               2,
		"times/2024-05/.*T{10..12}:.json?find[sgv][$gte]=102":   1,
		"slice/treatments/created_at/Note/2024-05.json":         0,
		"slice/entries/dateString/sgv/2024-05-02T{11..12}.json": 2,
	} {
		if got := s.list("GET", "/api/v1/"+target, ""); len(got) != want {
			t.Errorf("%s: %d, want %d", target, len(got), want)
		}
	}
	for _, bad := range []string{"times/{00..99999}", "times/2024/T{5..1}:", "times/2024/{00..60}{00..60}", "times/2024/(", "times/{"} {
		if w := s.do("GET", "/api/v1/"+bad, ""); w.Code != 400 {
			t.Errorf("%s: %d", bad, w.Code)
		}
	}
	if w := s.do("GET", "/api/v1/entries.csv?count=1", ""); w.Body.String() != "2024-05-02T12:00:00.000Z,1714651200000,100,Flat,d\n" {
		t.Errorf("csv: %q", w.Body)
	}
	if w := s.do("GET", "/api/v1/entries?count=1", "", "api-secret", digest, "Accept", "text/plain"); !strings.Contains(w.Body.String(), "\t100\tFlat\td") {
		t.Errorf("tsv: %q", w.Body)
	}
	w := s.do("GET", "/pebble?count=2&units=mmol", "")
	want := `{"bgs":[{"bgdelta":"-0.1","datetime":1714651200000,"direction":"Flat","sgv":"5.6","trend":4},{"bgdelta":"-0.1","datetime":1714647600000,"direction":"Flat","sgv":"5.6","trend":4}],"cals":[],"status":[{"now":1714651200000}]}`
	if got := strings.TrimSpace(w.Body.String()); got != want {
		t.Errorf("pebble: %s", got)
	}
}

// The fullest loses first, and memory stays within its bound.
func TestViewIsBoundedInBytes(t *testing.T) {
	v := NewView([]string{"anna", "bert"}, 1000, 100_000)
	s := newSite(t)
	s.list("POST", "/api/v1/entries", sgv)
	bert := ingest.Record{Key: []byte("bert"), Value: s.log.messages[0].Value}
	v.Observe(bert)
	for i := range 500 {
		s.log.messages = nil
		s.list("POST", "/api/v1/entries", fmt.Sprintf(`{"type":"sgv","sgv":100,"date":%d}`, start.Add(time.Duration(i)*time.Minute).UnixMilli()))
		v.Observe(ingest.Record{Key: []byte("anna"), Value: s.log.messages[0].Value})
	}
	if v.held > v.most || len(v.snapshot("anna", "entries")) < 50 || len(v.snapshot("bert", "entries")) != 1 {
		t.Errorf("%d bytes, %d and %d documents", v.held, len(v.snapshot("anna", "entries")), len(v.snapshot("bert", "entries")))
	}
}
