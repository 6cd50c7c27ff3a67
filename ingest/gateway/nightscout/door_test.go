package nightscout

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/titrate/titrate/ingest"
	"github.com/titrate/titrate/ingest/gateway"
)

const (
	phrase  = "this is my long pass phrase"
	digest  = "b723e97aa97846eb92d5264f084b2823f57c4aa1"
	reader  = "only-to-look-on"
	service = "a service for all"
)

var start = time.Date(2024, 5, 2, 12, 0, 0, 0, time.UTC)

// memory is a Log that keeps what it took.
type memory struct {
	mu       sync.Mutex
	messages []gateway.Message
	fail     error
}

func (m *memory) Send(_ context.Context, messages []gateway.Message) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.fail != nil {
		return m.fail
	}
	m.messages = append(m.messages, messages...)
	return nil
}

// site is a door with its log and clock.
type site struct {
	t    testing.TB
	door *Door
	log  *memory
	now  time.Time
}

func newSite(t testing.TB) *site {
	t.Helper()
	s := &site{t: t, log: &memory{}, now: start}
	now := func() time.Time { return s.now }
	keys, err := gateway.NewKeyring(gateway.KeyringOptions{Now: now, Credentials: []gateway.Credential{
		{Patient: "anna", Secret: phrase, Read: true, Write: true}, {Patient: "anna", Secret: reader, Read: true},
		{Patient: "bert", Secret: "berts own long secret", Read: true, Write: true},
		{Patient: gateway.Everybody, Secret: service, Read: true, Write: true},
	}})
	if err != nil {
		t.Fatal(err)
	}
	g, err := gateway.New(gateway.Options{Log: s.log, Keys: keys, Now: now, MaxBody: 1 << 20, MaxEvents: 100})
	if err != nil {
		t.Fatal(err)
	}
	s.door, err = New(Options{Gateway: g, Now: now})
	if err != nil {
		t.Fatal(err)
	}
	s.door.SetReady()
	return s
}

func (s *site) do(method, target, body string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	if len(header) == 0 {
		header = []string{"api-secret", digest}
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	s.door.ServeHTTP(w, r)
	return w
}

// list does a request that must succeed with a list.
func (s *site) list(method, target, body string) (all []fields) {
	s.t.Helper()
	w := s.do(method, target, body)
	if w.Code != 200 {
		s.t.Fatalf("%s %s: %d %s", method, target, w.Code, w.Body)
	}
	if err := json.Unmarshal(w.Body.Bytes(), &all); err != nil {
		s.t.Fatalf("%s %s: %v: %s", method, target, err, w.Body)
	}
	return all
}

// events are what the log holds, without the documents.
func (s *site) events() (all []ingest.Wire) {
	s.t.Helper()
	for _, m := range s.log.messages {
		var w ingest.Wire
		if err := json.Unmarshal(m.Value, &w); err != nil {
			s.t.Fatal(err)
		}
		if w.Patient != string(m.Key) || w.ID == "" {
			s.t.Errorf("event without key or id: %s", m.Value)
		}
		all = append(all, w)
	}
	return all
}

const (
	sgv       = `{"type":"sgv","sgv":120,"date":1714644900000,"dateString":"2024-05-02T12:15:00.000+0200","direction":"Flat","device":"xDrip-DexcomG6"}`
	mbg       = `{"type":"mbg","mbg":99,"date":1714644960000}`
	mealBolus = `{"eventType":"Meal Bolus","created_at":"2024-05-02T12:00:00.000+02:00","insulin":"5.5","carbs":45,"enteredBy":"Trio","notes":""}`
)

func TestEntriesAreAnsweredInOrderAndLength(t *testing.T) {
	s := newSite(t)
	got := s.list("POST", "/api/v1/entries.json", "["+sgv+","+mbg+","+sgv+"]")
	if len(got) != 3 {
		t.Fatalf("%d answers to 3 documents", len(got))
	}
	if got[0].text("_id") != got[2].text("_id") || got[0].text("_id") == got[1].text("_id") || !isID(got[0].text("_id")) {
		t.Errorf("ids %v %v %v", got[0]["_id"], got[1]["_id"], got[2]["_id"])
	}
	if got[0]["sysTime"] != "2024-05-02T10:15:00.000Z" || got[0]["utcOffset"] != 120.0 || got[0]["dateString"] != "2024-05-02T10:15:00.000Z" {
		t.Errorf("times of %v", got[0])
	}
	events := s.events()
	if len(events) != 2 {
		t.Fatalf("%d events: a repeat in a batch is none", len(events))
	}
	if e := events[0]; e.Type != "glucose" || *e.Value != 120 || e.Unit != "mg/dL" || e.Source != "cgm" || e.Trend != "Flat" || e.Time != "2024-05-02T10:15:00.000Z" {
		t.Errorf("event %+v", e)
	}
	if e := events[1]; e.Source != "fingerstick" || *e.Value != 99 {
		t.Errorf("event %+v", e)
	}
}

func TestRepeatsMakeNoEvents(t *testing.T) {
	for name, c := range map[string]struct{ collection, doc string }{
		"entry": {"entries", sgv}, "treatment": {"treatments", mealBolus},
		"devicestatus": {"devicestatus", `{"device":"loop://iPhone","created_at":"2024-05-02T10:00:00Z","loop":{"iob":{"iob":1}}}`},
		"uuid":         {"treatments", `{"_id":"0d9cd9a5-3f7c-4d23-9f5a-57f8bd4b8f80","eventType":"Note","created_at":"2024-05-02T10:00:00Z"}`},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t)
			first := s.list("POST", "/api/v1/"+c.collection, c.doc)
			n := len(s.log.messages)
			second := s.list("POST", "/api/v1/"+c.collection, c.doc)
			if n == 0 || len(s.log.messages) != n || first[0].text("_id") != second[0].text("_id") {
				t.Errorf("%d messages, then %d; ids %v, %v", n, len(s.log.messages), first[0]["_id"], second[0]["_id"])
			}
		})
	}
}

// Two replicas that take the same document before either sees the other's must
// give its events the same ids, so that cleansing sets one of each aside.
func TestReplicasAgreeOnIDs(t *testing.T) {
	a, b := newSite(t), newSite(t)
	b.now = b.now.Add(time.Minute)
	for _, s := range []*site{a, b} {
		s.list("POST", "/api/v1/treatments", mealBolus)
	}
	for i, e := range a.events() {
		if e.ID != b.events()[i].ID {
			t.Errorf("event %d: %q and %q", i, e.ID, b.events()[i].ID)
		}
	}
}

func TestTreatmentsBecomeTheirParts(t *testing.T) {
	at := `"created_at":"2024-05-02T10:00:00Z"`
	for _, c := range []struct{ name, doc, want string }{
		{"meal before its dose", mealBolus, "meal 45 g, insulin rapid 5.5 U meal"},
		{"correction", `{"eventType":"Correction Bolus","insulin":1.25,` + at + `}`, "insulin rapid 1.25 U correction"},
		{"carbs alone", `{"eventType":"Carb Correction","carbs":20,"insulin":0,` + at + `}`, "meal 20 g"},
		{"temp basal", `{"eventType":"Temp Basal","absolute":1.2,"duration":30,` + at + `}`, "insulin rapid 0.6 U basal over 30"},
		{"temp basal by rate", `{"eventType":"Temp Basal","rate":0,"duration":30,` + at + `}`, "insulin rapid 0 U basal over 30"},
		{"temp basal in percent", `{"eventType":"Temp Basal","percent":50,"duration":30,` + at + `}`, "note nightscout-temp-basal"},
		{"combo", `{"eventType":"Combo Bolus","enteredinsulin":4,"splitNow":25,"splitExt":75,"duration":120,` + at + `}`, "insulin rapid 1 U meal, insulin rapid 3 U meal over 120"},
		{"check", `{"eventType":"BG Check","glucose":5.5,"glucoseType":"Finger","units":"mmol",` + at + `}`, "glucose 5.5 mmol/L fingerstick"},
		{"exercise", `{"eventType":"Exercise","duration":45,` + at + `}`, "activity 45"},
		{"site change", `{"eventType":"Site Change",` + at + `}`, "note nightscout-site-change"},
		{"not a number", `{"eventType":"Meal Bolus","insulin":"five",` + at + `}`, "insulin rapid meal defect"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newSite(t)
			s.list("POST", "/api/v1/treatments.json", c.doc)
			var got []string
			for _, e := range s.events() {
				got = append(got, brief(e))
			}
			if strings.Join(got, ", ") != c.want {
				t.Errorf("got  %s\nwant %s", strings.Join(got, ", "), c.want)
			}
		})
	}
}

func brief(w ingest.Wire) string {
	s := []string{w.Type}
	add := func(v *float64, unit string) {
		if v != nil {
			s = append(s, strings.TrimSpace(string(mustEncode(*v))+" "+unit))
		}
	}
	add(w.CarbsG, "g")
	if w.Kind != "" {
		s = append(s, w.Kind)
	}
	add(w.Units, "U")
	add(w.Value, w.Unit)
	add(w.Minutes, "")
	for _, text := range []string{w.Source, w.Reason, w.Code} {
		if text != "" {
			s = append(s, text)
		}
	}
	if w.DurationMin != nil {
		s = append(s, "over")
	}
	add(w.DurationMin, "")
	if w.Defect != "" {
		s = append(s, "defect")
	}
	return strings.Join(s, " ")
}

func TestGzipIsRead(t *testing.T) {
	s := newSite(t)
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write([]byte(sgv)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	w := s.do("POST", "/api/v1/entries", b.String(), "api-secret", digest, "Content-Encoding", "gzip")
	if w.Code != 200 || len(s.log.messages) != 1 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestNothingIsAcknowledgedThatTheLogHasNot(t *testing.T) {
	s := newSite(t)
	for _, c := range []struct {
		fail   error
		status int
	}{{context.DeadlineExceeded, http.StatusServiceUnavailable}, {gateway.ErrBusy, http.StatusTooManyRequests}} {
		s.log.fail = c.fail
		w := s.do("POST", "/api/v1/entries", sgv)
		if w.Code != c.status || w.Header().Get("Retry-After") == "" {
			t.Errorf("%v: %d %s", c.fail, w.Code, w.Body)
		}
	}
	s.log.fail = nil
	if got := s.list("GET", "/api/v1/entries", ""); len(got) != 0 {
		t.Errorf("read back what the log didn't take: %v", got)
	}
}

func TestTooMuchIsRefused(t *testing.T) {
	s := newSite(t)
	var bomb bytes.Buffer
	z := gzip.NewWriter(&bomb)
	if _, err := z.Write(make([]byte, 64<<20)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		body, encoding string
		status         int
	}{
		"large":   {strings.Repeat(" ", 2<<20), "", 413},
		"bomb":    {bomb.String(), "gzip", 413},
		"many":    {"[" + strings.Repeat("{},", 200_000) + "{}]", "", 413},
		"deep":    {strings.Repeat(`{"a":`, 50_000), "", 400},
		"scalars": {"[1,2]", "", 400},
		"nothing": {"", "", 400},
	} {
		w := s.do("POST", "/api/v1/entries", c.body, "api-secret", digest, "Content-Encoding", c.encoding)
		if w.Code != c.status {
			t.Errorf("%s: %d, want %d: %.200s", name, w.Code, c.status, w.Body)
		}
	}
	if len(s.log.messages) != 0 {
		t.Error("something of it is in the log")
	}
}
