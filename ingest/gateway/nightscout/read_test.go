package nightscout

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/titrate/titrate/ingest"
	"pgregory.net/rapid"
)

func TestSecretsAreTaken(t *testing.T) {
	s := newSite(t)
	for name, c := range map[string]struct {
		target string
		header []string
		status int
	}{
		"api-secret, SHA-1":       {"", []string{"api-secret", digest}, 200},
		"api-secret, upper case":  {"", []string{"API-SECRET", strings.ToUpper(digest)}, 200},
		"api-secret, plain":       {"", []string{"api-secret", phrase}, 200},
		"bearer":                  {"", []string{"Authorization", "Bearer " + phrase}, 200},
		"token":                   {"?token=" + url.QueryEscape(phrase), []string{"x", "y"}, 200},
		"secret":                  {"?secret=" + digest, []string{"x", "y"}, 200},
		"reader reads":            {"", []string{"api-secret", reader}, 200},
		"wrong":                   {"", []string{"api-secret", phrase + "!"}, 401},
		"none":                    {"", []string{"x", "y"}, 401},
		"right, but behind wrong": {"?token=" + url.QueryEscape(phrase), []string{"api-secret", "wrong"}, 401},
	} {
		if w := s.do("GET", "/api/v1/status.json"+c.target, "", c.header...); w.Code != c.status {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
	}
}

func TestStrangersAndReadersCannotWrite(t *testing.T) {
	s := newSite(t)
	s.list("POST", "/api/v1/entries", sgv)
	for _, method := range []string{"POST", "PUT", "DELETE"} {
		for _, header := range [][]string{{"x", "y"}, {"api-secret", reader}} {
			if w := s.do(method, "/api/v1/entries?find[type]=sgv", sgv, header...); w.Code != 401 {
				t.Errorf("%s with %v: %d", method, header, w.Code)
			}
		}
	}
	if len(s.log.messages) != 1 {
		t.Errorf("%d messages", len(s.log.messages))
	}
	w := s.do("GET", "/api/v1/entries", "", "api-secret", "berts own long secret")
	if strings.TrimSpace(w.Body.String()) != "[]" {
		t.Errorf("bert reads anna's: %s", w.Body)
	}
	w = s.do("GET", "/api/v1/entries", "", "x", "y")
	if got := strings.TrimSpace(w.Body.String()); got != `{"description":"Invalid/Missing","message":"Unauthorized","status":401}` {
		t.Errorf("401 is %s", got)
	}
}

func TestGuessingWaits(t *testing.T) {
	s := newSite(t)
	guesses := 0
	guess := func() int {
		guesses++
		return s.do("GET", "/api/v1/verifyauth", "", "api-secret", fmt.Sprint("guess ", guesses)).Code
	}
	for i := range 5 {
		if code := guess(); code != 200 {
			t.Fatalf("guess %d: %d", i, code)
		}
	}
	w := s.do("GET", "/api/v1/status", "", "api-secret", digest)
	if w.Code != http.StatusTooManyRequests || w.Header().Get("Retry-After") != "5" {
		t.Fatalf("%d, Retry-After %q", w.Code, w.Header().Get("Retry-After"))
	}
	if w := s.do("GET", tokenPath+url.PathEscape(phrase), "", "x", "y"); w.Code != http.StatusTooManyRequests {
		t.Errorf("a token is tried while waiting: %d", w.Code)
	}
	s.now = s.now.Add(5 * time.Second)
	if code := guess(); code != 200 {
		t.Fatalf("after the wait: %d", code)
	}
	w = s.do("GET", "/api/v1/status", "", "api-secret", digest)
	if w.Header().Get("Retry-After") != "10" {
		t.Errorf("the second wait is %q s", w.Header().Get("Retry-After"))
	}
	s.now = s.now.Add(time.Hour)
	if w := s.do("GET", "/api/v1/status", "", "api-secret", digest); w.Code != 200 {
		t.Errorf("after an hour: %d", w.Code)
	}
}

func TestVerifyauth(t *testing.T) {
	s := newSite(t)
	for secret, want := range map[string]string{
		digest:  `{"canRead":true,"canWrite":true,"isAdmin":false,"message":"OK","permissions":"ROLE","rolefound":"FOUND"}`,
		reader:  `{"canRead":true,"canWrite":false,"isAdmin":false,"message":"OK","permissions":"ROLE","rolefound":"FOUND"}`,
		"wrong": `{"canRead":false,"canWrite":false,"isAdmin":false,"message":"UNAUTHORIZED","permissions":"ROLE","rolefound":"NOTFOUND"}`,
	} {
		w := s.do("GET", "/api/v1/verifyauth", "", "api-secret", secret)
		if got := strings.TrimSpace(w.Body.String()); w.Code != 200 || got != `{"message":`+want+`,"status":200}` {
			t.Errorf("%s: %d %s", secret, w.Code, got)
		}
	}
}

func TestSearch(t *testing.T) {
	s := newSite(t)
	for i := range 20 {
		at := start.Add(-time.Duration(i) * 5 * time.Minute)
		s.list("POST", "/api/v1/entries", fmt.Sprintf(`{"type":"sgv","sgv":%d,"date":%d,"dateString":%q}`, 100+i, at.UnixMilli(), iso(at)))
	}
	s.list("POST", "/api/v1/entries", fmt.Sprintf(`{"type":"mbg","mbg":150.5,"date":%d}`, start.Add(-time.Minute).UnixMilli()))
	s.list("POST", "/api/v1/entries", fmt.Sprintf(`{"type":"sgv","sgv":77,"date":%d}`, start.Add(-window-time.Minute).UnixMilli()))
	for _, c := range []struct {
		target string
		want   int
		first  string // sgv or mbg
	}{
		{"entries.json", 10, "100"},
		{"entries", 10, "100"},
		{"entries/", 10, "100"},
		{"entries.json?count=3", 3, "100"},
		{"entries/current.json", 1, "100"},
		{"entries/sgv.json?count=100", 20, "100"},
		{"entries/mbg", 1, "150.5"},
		{"entries?find[type]=mbg", 1, "150.5"},
		{"entries?find[mbg][$gt]=150.4", 1, "150.5"},
		{"entries?find[mbg][$gt]=150.5", 0, ""},
		{"entries?find[sgv][$gte]=118&count=50", 2, "118"},
		{"entries?find[sgv][$lt]=90&find[date][$gt]=0", 1, "77"},
		{"entries?find[sgv][$in][]=101&find[sgv][$in][]=103", 0, ""},
		{"entries?find[sgv][$in]=101|103", 2, "101"},
		{"entries?find[sgv][$exists]=false", 1, "150.5"},
		{"entries?find[dateString][$gte]=2024-05-02T11:50&count=50", 3, "100"},
		{"entries?find[dateString][$gte]=2024-05-02T13:50:00%2B0200&count=50", 3, "100"},
		{"entries?find[dateString][$gte]=2024-05-02T13:50:00+0200&count=50", 3, "100"},
		{"entries?find[dateString][$regex]=T11:5.:", 2, "101"},
		{"entries?find%5Bdate%5D%5B%24gte%5D=" + fmt.Sprint(start.UnixMilli()), 1, "100"},
		{"treatments", 0, ""},
	} {
		got := s.list("GET", "/api/v1/"+c.target, "")
		if strings.Contains(c.target, "[$in][]") { // both operands count
			c.want, c.first = 2, "101"
		}
		if len(got) != c.want || c.want > 0 && !slices.Contains([]any{got[0]["sgv"], got[0]["mbg"]}, any(number(c.first))) {
			t.Errorf("%s: %d documents, want %d: %v", c.target, len(got), c.want, got)
		}
	}
	for _, bad := range []string{"count=x", "count=-1", "find[sgv][$where]=1", "find[$or]=1", "find=1", "find[a][b]=1", "find[a]=1&find[a]=2", "find[a][$regex]=(", "find[a", "%zz"} {
		if w := s.do("GET", "/api/v1/entries?"+bad, ""); w.Code != 400 {
			t.Errorf("%s: %d %s", bad, w.Code, w.Body)
		}
		if w := s.do("DELETE", "/api/v1/entries?"+bad, ""); w.Code != 400 {
			t.Errorf("DELETE %s: %d %s", bad, w.Code, w.Body)
		}
	}
}

func number(s string) (v float64) {
	if json.Unmarshal([]byte(s), &v) != nil {
		return -1
	}
	return v
}

func TestProfileEditIsAProfile(t *testing.T) {
	s := newSite(t)
	doc := `{"defaultProfile":"D","startDate":"2024-05-01T00:00:00Z","units":"mmol","store":{"D":{"dia":5,"timezone":"Europe/Berlin",
		"carbratio":[{"time":"00:00","value":10}],"sens":[{"time":"00:00","value":2.5}],"basal":[{"time":"00:00","value":0.8},{"time":"06:00","value":"1"}],
		"target_low":[{"time":"00:00","value":5}],"target_high":[{"time":"00:00","value":6}]}}}`
	s.list("POST", "/api/v1/profile.json", doc)
	s.list("POST", "/api/v1/profile.json", strings.Replace(doc, `"value":10`, `"value":12`, 1))
	events := s.events()
	if len(events) != 2 || events[0].Type != "profile" || events[1].Type != "profile" || string(events[1].ICR) != "12" {
		t.Fatalf("events %+v", events)
	}
	e := events[0]
	if string(e.ISF) != "45.038975" || string(e.BasalUPerDay) != `[{"start":"00:00","value":19.2},{"start":"06:00","value":24}]` || *e.DIAMin != 300 {
		t.Errorf("isf %s basal %s dia %v", e.ISF, e.BasalUPerDay, *e.DIAMin)
	}
	if w := s.do("GET", "/api/v1/profile/current", ""); !strings.Contains(w.Body.String(), `"value":12`) {
		t.Errorf("current: %s", w.Body)
	}
}

// A View that reads the log afresh, with repeats, answers as the one that wrote it.
func TestViewIsAFoldOfTheLog(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s := newSite(t)
		for range rapid.IntRange(1, 25).Draw(rt, "requests") {
			s.now = s.now.Add(time.Duration(rapid.IntRange(-2, 5).Draw(rt, "s")) * time.Second)
			at := start.Add(-time.Duration(rapid.IntRange(0, 3).Draw(rt, "at")) * time.Minute)
			doc := fmt.Sprintf(`{"eventType":"Note","created_at":%q,"notes":"%d"}`, iso(at), rapid.IntRange(0, 2).Draw(rt, "text"))
			if rapid.Bool().Draw(rt, "delete") {
				s.do("DELETE", "/api/v1/treatments?find[created_at]="+iso(at), "")
				continue
			}
			s.do("POST", "/api/v1/treatments", doc)
		}
		again := NewView([]string{"anna"}, 2000, 1<<30)
		var records []ingest.Record
		for _, m := range s.log.messages {
			records = append(records, ingest.Record{Key: m.Key, Value: m.Value})
		}
		for _, r := range rapid.Permutation(append(records, records...)).Draw(rt, "order") {
			again.Observe(r)
		}
		got, want := mustEncode(raws(again.snapshot("anna", "treatments"))), mustEncode(raws(s.door.view.snapshot("anna", "treatments")))
		if string(got) != string(want) {
			rt.Fatalf("read afresh %s\nfirst %s", got, want)
		}
	})
}

func TestViewKeepsTheLatest(t *testing.T) {
	s := newSite(t)
	v := NewView([]string{"anna"}, 3, 1<<30)
	for i := range 10 {
		s.list("POST", "/api/v1/entries", fmt.Sprintf(`{"type":"sgv","sgv":100,"date":%d}`, start.Add(time.Duration(i)*time.Minute).UnixMilli()))
	}
	for _, m := range s.log.messages {
		v.Observe(ingest.Record{Key: m.Key, Value: m.Value})
		v.Observe(ingest.Record{Key: []byte("stranger"), Value: m.Value})
	}
	got := v.snapshot("anna", "entries")
	if len(got) != 3 || got[0].at != start.Add(9*time.Minute).UnixMilli() || len(v.people) != 1 {
		t.Errorf("%d documents of %d people", len(got), len(v.people))
	}
	if shelf := v.people["anna"]["entries"]; len(shelf.byID) != 3 || len(shelf.named) > 2*3 {
		t.Errorf("indexes hold %d and %d", len(shelf.byID), len(shelf.named))
	}
}
