package fhir

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/titrate/titrate/ingest"
	"github.com/titrate/titrate/ingest/gateway"
)

// observed is a valid reading; tests break one thing of it.
const observed = `{"resourceType":"Observation","status":"final","identifier":[{"system":"urn:x","value":"r-1"}],
 "code":{"coding":[{"system":"http://loinc.org","code":"99504-3"}]},"subject":{"reference":"Patient/p1"},
 "effectiveDateTime":"2024-05-02T12:15:00+02:00","valueQuantity":{"value":120,"unit":"mg/dl","system":"http://unitsofmeasure.org","code":"mg/dL"}}`

type memory struct {
	messages []gateway.Message
	fail     error
}

func (m *memory) Send(_ context.Context, messages []gateway.Message) error {
	if m.fail == nil {
		m.messages = append(m.messages, messages...)
	}
	return m.fail
}

func open(t testing.TB, log *memory) *Door {
	t.Helper()
	keys, err := gateway.NewKeyring(gateway.KeyringOptions{Now: time.Now, Credentials: []gateway.Credential{
		{Patient: "p1", Secret: mine, Write: true},
		{Patient: "p1", Secret: "only-to-look-on", Read: true},
		{Patient: gateway.Everybody, Secret: service, Write: true},
	}})
	if err != nil {
		t.Fatal(err)
	}
	g, err := gateway.New(gateway.Options{Log: log, Keys: keys, Now: time.Now, MaxBody: 1 << 20, MaxEvents: 100})
	if err != nil {
		t.Fatal(err)
	}
	d := New(g)
	d.SetReady()
	return d
}

const (
	mine    = "p1s own long secret"
	service = "a service for all"
)

func post(d *Door, target, body string) *httptest.ResponseRecorder {
	return do(d, "POST", target, mine, body)
}

func do(d *Door, method, target, token, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("Content-Type", "application/fhir+json")
	w := httptest.NewRecorder()
	d.ServeHTTP(w, r)
	return w
}

func wire(t *testing.T, m gateway.Message) (w ingest.Wire) {
	t.Helper()
	if err := json.Unmarshal(m.Value, &w); err != nil {
		t.Fatalf("%v: %s", err, m.Value)
	}
	return w
}

func bundle(kind string, resources ...string) string {
	for i, r := range resources {
		resources[i] = `{"resource":` + r + `}`
	}
	return `{"resourceType":"Bundle","type":"` + kind + `","entry":[` + strings.Join(resources, ",") + `]}`
}

func TestObservationBecomesAReading(t *testing.T) {
	log := &memory{}
	w := post(open(t, log), "/fhir/Observation", observed)
	if w.Code != http.StatusCreated || !strings.Contains(w.Body.String(), `"id":"`) {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	e := wire(t, log.messages[0])
	if e.Type != "glucose" || e.Patient != "p1" || e.Time != "2024-05-02T10:15:00Z" || *e.Value != 120 || e.Unit != "mg/dL" || e.Source != "cgm" || e.ID == "" {
		t.Errorf("event %+v", e)
	}
	if !strings.Contains(string(log.messages[0].Value), `"fhir":{"resourceType"`) {
		t.Error("the original isn't in the event")
	}
}

func TestMolesAndLimits(t *testing.T) {
	for _, c := range []struct{ old, new, want string }{
		{`99504-3`, `105272-9`, `"value":120`},
		{`"value":120`, `"value":120,"comparator":"<"`, `"value":"LOW"`},
		{`"value":120`, `"value":120,"comparator":">="`, `"value":"HIGH"`},
		{`"code":"mg/dL"`, `"code":"mmol/L"`, `"unit":"mmol/L"`},
		{`"code":"mg/dL"`, `"code":"g"`, `"unit":"mg/dL"`},
		{`99504-3`, `41653-7`, `"source":"fingerstick"`},
	} {
		log := &memory{}
		if w := post(open(t, log), "/fhir/Observation", strings.Replace(observed, c.old, c.new, 1)); w.Code != http.StatusCreated {
			t.Errorf("%s: %d %s", c.new, w.Code, w.Body)
			continue
		}
		event, _, whole := strings.Cut(string(log.messages[0].Value), `"fhir"`)
		if !whole || !strings.Contains(event, c.want) {
			t.Errorf("%s: no %s in %s", c.new, c.want, event)
		}
	}
}

func TestWhatIsNoReadingOfThePatientIsRefused(t *testing.T) {
	for _, c := range []struct{ old, new, code string }{
		{`"final"`, `"preliminary"`, "business-rule"},
		{`"status":"final","identifier":[{"system":"urn:x","value":"r-1"}]`, `"status":"entered-in-error"`, "required"},
		{`99504-3`, `97507-8`, "code-invalid"},
		{`http://loinc.org`, `http://example.org`, "code-invalid"},
		{`Patient/p1`, `Patient/p2`, "forbidden"},
		{`"Observation"`, `"Patient"`, "not-supported"},
		{`"status":"final"`, `"status":5`, "structure"},
	} {
		for _, target := range []string{"/fhir/Observation", "/fhir/$submit-cgm-bundle"} {
			log := &memory{}
			body := strings.Replace(observed, c.old, c.new, 1)
			if strings.HasPrefix(target, "/fhir/$") {
				body = bundle("transaction", observed, body)
			}
			w := post(open(t, log), target, body)
			if w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), `"code":"`+c.code+`"`) || !strings.Contains(w.Body.String(), `"OperationOutcome"`) {
				t.Errorf("%s %s: %d %s", target, c.new, w.Code, w.Body)
			}
			if strings.HasPrefix(target, "/fhir/$") && !strings.Contains(w.Body.String(), "Bundle.entry[1].resource") {
				t.Errorf("%s: doesn't say where: %s", c.new, w.Body)
			}
			if len(log.messages) != 0 {
				t.Errorf("%s %s: taken in part", target, c.new)
			}
		}
	}
}

func TestBundleIsAnsweredEntryByEntry(t *testing.T) {
	log := &memory{}
	second := strings.Replace(observed, "r-1", "r-2", 1)
	w := post(open(t, log), "/fhir/$submit-cgm-bundle", bundle("transaction", observed, second, observed))
	var got struct {
		Type  string `json:"type"`
		Entry []struct {
			Response struct{ Status, Location string } `json:"response"`
		} `json:"entry"`
	}
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || w.Code != 200 || got.Type != "transaction-response" || len(got.Entry) != 3 {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	if got.Entry[0] != got.Entry[2] || got.Entry[0] == got.Entry[1] {
		t.Errorf("entries %+v", got.Entry)
	}
	if len(log.messages) != 3 || wire(t, log.messages[0]).ID != wire(t, log.messages[2]).ID {
		t.Error("a repeat has another id")
	}
}

func TestRefusalsAreOutcomes(t *testing.T) {
	for name, c := range map[string]struct {
		target, body string
		fail         error
		status       int
	}{
		"no JSON":        {"/fhir/Observation", "<Observation/>", nil, 400},
		"array":          {"/fhir/Observation", "[" + observed + "," + observed + "]", nil, 400},
		"no bundle":      {"/fhir/$submit-cgm-bundle", observed, nil, 400},
		"wrong bundle":   {"/fhir/$submit-cgm-bundle", bundle("searchset", observed), nil, 422},
		"without a list": {"/fhir/$submit-cgm-bundle", `{"resourceType":"Bundle","type":"transaction"}`, nil, 422},
		"many":           {"/fhir/$submit-cgm-bundle", bundle("transaction", strings.Repeat(`{}},{"resource":`, 50_000)+"{}"), nil, 413},
		"large":          {"/fhir/Observation", strings.Repeat(" ", 2<<20), nil, 413},
		"busy":           {"/fhir/Observation", observed, gateway.ErrBusy, 429},
		"gone":           {"/fhir/Observation", observed, errors.New("broker"), 503},
	} {
		w := post(open(t, &memory{fail: c.fail}), c.target, c.body)
		if w.Code != c.status || !strings.Contains(w.Body.String(), `"resourceType":"OperationOutcome"`) {
			t.Errorf("%s: %d, want %d: %.200s", name, w.Code, c.status, w.Body)
		}
		if (c.status == 429 || c.status == 503) && w.Header().Get("Retry-After") == "" {
			t.Errorf("%s: no Retry-After", name)
		}
	}
}

func TestStrangersAndReadersAreRefused(t *testing.T) {
	log := &memory{}
	d := open(t, log)
	for token, want := range map[string]int{"wrong": 401, "": 401, "only-to-look-on": 403} {
		w := do(d, "POST", "/fhir/Observation", token, observed)
		if w.Code != want || len(log.messages) != 0 || !strings.Contains(w.Body.String(), "OperationOutcome") {
			t.Errorf("%q: %d %s", token, w.Code, w.Body)
		}
	}
	if w := do(d, "GET", "/fhir/Observation", mine, ""); w.Code != 405 || w.Header().Get("Allow") != "POST" {
		t.Errorf("GET: %d", w.Code)
	}
	if w := do(d, "POST", "/fhir/Patient", mine, ""); w.Code != 404 {
		t.Errorf("another resource: %d", w.Code)
	}
}

// A service says whose readings it sends; without that they would be nobody's.
func TestAServiceSendsForEverySubject(t *testing.T) {
	log := &memory{}
	d := open(t, log)
	other := strings.Replace(observed, "Patient/p1", "Patient/p2", 1)
	if w := do(d, "POST", "/fhir/$submit-cgm-bundle", service, bundle("transaction", observed, other)); w.Code != 200 {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	if len(log.messages) != 2 || string(log.messages[0].Key) != "p1" || string(log.messages[1].Key) != "p2" {
		t.Errorf("%d messages", len(log.messages))
	}
	nobody := strings.Replace(observed, `"subject":{"reference":"Patient/p1"},`, "", 1)
	if w := do(d, "POST", "/fhir/Observation", service, nobody); w.Code != 422 {
		t.Errorf("without a subject: %d", w.Code)
	}
}

// Amendments are a chain: each takes the place of the one before, also when it was
// sent to another replica, comes again, or stands in the same Bundle.
func TestAmendmentsTakeThePlaceOfTheOneBefore(t *testing.T) {
	as := func(status, value string) string {
		return strings.NewReplacer(`"final"`, `"`+status+`"`, "120", value).Replace(observed)
	}
	final, one, two, gone := as("final", "120"), as("amended", "121"), as("corrected", "122"), as("entered-in-error", "122")
	for name, requests := range map[string][][]string{
		"one by one": {{final}, {one}, {two}, {gone}},
		"repeated":   {{final}, {one}, {two}, {one}, {two}, {gone}},
		"a bundle":   {{final, one, two, gone}},
		"two":        {{final, one}, {two, one, gone}},
	} {
		log := &memory{}
		d := open(t, log)
		replica := open(t, &memory{}) // sees the log only
		for _, resources := range requests {
			if w := post(d, "/fhir/$submit-cgm-bundle", bundle("transaction", resources...)); w.Code != 200 {
				t.Fatalf("%s: %d %s", name, w.Code, w.Body)
			}
		}
		ids, replaces := map[string]string{}, map[string]string{}
		for _, m := range log.messages {
			replica.Observe(ingest.Record{Key: m.Key, Value: m.Value})
			e := wire(t, m)
			if before, known := replaces[e.ID]; known && before != e.Replaces {
				t.Errorf("%s: a repeat replaces %s, before it %s", name, e.Replaces, before)
			}
			replaces[e.ID] = e.Replaces
			what := e.Type
			if e.Value != nil {
				what = fmt.Sprint(*e.Value)
			}
			ids[what] = e.ID
		}
		if len(replaces) != 4 || replaces[ids["121"]] != ids["120"] || replaces[ids["122"]] != ids["121"] || replaces[ids["retraction"]] != ids["122"] {
			t.Errorf("%s: events %v replace %v", name, ids, replaces)
		}
		if got := replica.chains.of(keyOf("p1", ids["120"])).before("new", ids["120"]); got != ids["retraction"] {
			t.Errorf("%s: by a replica, a new amendment would replace %s, want %s", name, got, ids["retraction"])
		}
	}
}

func TestNoAmendmentIsTakenBeforeTheLogWasRead(t *testing.T) {
	log := &memory{}
	d := open(t, log)
	d.ready.Store(false)
	if w := post(d, "/fhir/Observation", strings.Replace(observed, `"final"`, `"amended"`, 1)); w.Code != 503 || w.Header().Get("Retry-After") == "" {
		t.Errorf("an amendment: %d", w.Code)
	}
	if w := post(d, "/fhir/Observation", observed); w.Code != 201 || len(log.messages) != 1 {
		t.Errorf("a final reading: %d", w.Code)
	}
}

func TestCapabilitiesAreForEverybody(t *testing.T) {
	w := httptest.NewRecorder()
	open(t, &memory{}).ServeHTTP(w, httptest.NewRequest("GET", "/fhir/metadata", nil))
	var got struct {
		ResourceType, FhirVersion string
		Rest                      []struct {
			Resource  []struct{ Type string }
			Operation []struct{ Name string }
		}
	}
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || w.Code != 200 || got.ResourceType != "CapabilityStatement" || got.FhirVersion != "4.0.1" ||
		got.Rest[0].Resource[0].Type != "Observation" || got.Rest[0].Operation[0].Name != "submit-cgm-bundle" {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

// FuzzRead: whatever comes is refused, or is one message whose key is the patient.
func FuzzRead(f *testing.F) {
	f.Add(observed)
	f.Add(bundle("transaction", observed, `null`))
	f.Add(strings.Replace(observed, "120", "1e999", 1))
	f.Fuzz(func(t *testing.T, body string) {
		for _, target := range []string{"/fhir/Observation", "/fhir/$submit-cgm-bundle"} {
			log := &memory{}
			w := post(open(t, log), target, body)
			if !json.Valid(w.Body.Bytes()) {
				t.Fatalf("answer %s", w.Body)
			}
			if w.Code >= 300 && len(log.messages) > 0 {
				t.Fatalf("%d, but in the log", w.Code)
			}
			for _, m := range log.messages {
				var e struct{ Patient, Type string }
				if json.Unmarshal(m.Value, &e) != nil || e.Patient != "p1" || string(m.Key) != "p1" || e.Type != "glucose" && e.Type != "retraction" {
					t.Fatalf("message %s", m.Value)
				}
			}
		}
	})
}
