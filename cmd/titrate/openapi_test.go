package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pb33f/libopenapi"
	validator "github.com/pb33f/libopenapi-validator"
	"github.com/pb33f/libopenapi-validator/paths"
	v3 "github.com/pb33f/libopenapi/datamodel/high/v3"
	"github.com/titrate/titrate/infra/kafka"
	"github.com/titrate/titrate/infra/ops"
	"github.com/titrate/titrate/ingest/gateway"
	"github.com/titrate/titrate/ingest/gateway/fhir"
	"github.com/titrate/titrate/ingest/gateway/nightscout"
	"github.com/titrate/titrate/predict/mobile"
	"github.com/titrate/titrate/train"
)

// The tokens of TestDocumentAndServerAgree.
const (
	ownToken    = "the app's own token"
	readerToken = "annas follower's secret"
	writerToken = "annas uploader's secret"
	slowToken   = "annas secret for too much"
	serviceOnly = "a service for everybody"
)

// house is everything that titrate serve answers, on a real broker.
type house struct {
	page   page
	broker *kafka.Broker
	doors  doors
	server *mobile.Server
	http   *httptest.Server
}

func newHouse(t *testing.T, patience time.Duration) *house {
	t.Helper()
	broker, err := kafka.StartBroker(kafka.BrokerConfig{})
	if err != nil {
		t.Fatal(err)
	}
	h := &house{broker: broker}
	h.page = page{
		cfg: kafka.Config{Brokers: broker.Addr(), Properties: map[string]string{"message.timeout.ms": "1000"}}, topic: topicEvents, token: ownToken, model: train.Prior(),
		clock: func(string) time.Time { return time.Now() }, since: fillFrom(time.Now()), patience: patience,
	}
	h.page.doors.credentials = []gateway.Credential{
		{Patient: "anna", Secret: annasSecret, Read: true, Write: true},
		{Patient: "anna", Secret: readerToken, Read: true},
		{Patient: "anna", Secret: writerToken, Write: true},
		{Patient: "anna", Secret: slowToken, Read: true, Write: true, Rate: 1e-9},
		{Patient: gateway.Everybody, Secret: serviceOnly, Write: true},
	}
	if err := kafka.CreateTopics(t.Context(), h.page.cfg, topics(topicEvents, 3, true)); err != nil {
		t.Fatal(err)
	}
	if h.doors, err = h.page.open(); err != nil {
		t.Fatal(err)
	}
	h.server = mobile.New(mobile.Options{Admit: h.doors.admit, Model: h.page.model, Clock: h.page.clock, Wall: time.Now})
	h.http = httptest.NewServer(h.doors.mount(h.server, ops.NewMetrics()))
	t.Cleanup(func() {
		h.server.Close()
		h.http.Close()
		h.doors.producer.Close() // what the broker doesn't take any more isn't this test's matter
		broker.Close()
	})
	return h
}

// follow reads the log until the test ends; it returns when it has caught up.
func (h *house) follow(t *testing.T) {
	t.Helper()
	ready, done := make(chan struct{}), make(chan error, 1)
	metrics := ops.NewMetrics()
	go func() {
		done <- h.page.follow(t.Context(), h.server, h.doors, metrics, func() {
			h.server.SetReady()
			h.doors.site.SetReady()
			h.doors.fhir.SetReady()
			close(ready)
		})
	}()
	select {
	case <-ready:
	case err := <-done:
		t.Fatal(err)
	}
}

// spec is the document that the server gives, and which of its answers were seen.
type spec struct {
	model     *v3.Document
	validator validator.Validator
	seen      map[string]bool // "GET /path 200"
}

func readSpec(t *testing.T, h *house) *spec {
	t.Helper()
	resp, err := http.Get(h.http.URL + "/openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := libopenapi.NewDocument(text)
	if err != nil {
		t.Fatal(err)
	}
	model, err := doc.BuildV3Model()
	if err != nil {
		t.Fatal(err)
	}
	v, errs := validator.NewValidator(doc)
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	if ok, problems := v.ValidateDocument(); !ok {
		for _, p := range problems {
			t.Errorf("the document is no OpenAPI: %s: %s", p.Message, p.Reason)
		}
	}
	return &spec{&model.Model, v, map[string]bool{}}
}

// operations of the document, as "GET /path", with the statuses that it tells.
func (s *spec) operations() map[string][]string {
	all := map[string][]string{}
	for path, item := range s.model.Paths.PathItems.FromOldest() {
		for method, op := range item.GetOperations().FromOldest() {
			name := strings.ToUpper(method) + " " + path
			all[name] = []string{}
			for code := range op.Responses.Codes.FromOldest() {
				all[name] = append(all[name], code)
			}
		}
	}
	return all
}

// check holds an answer to the document.
func (s *spec) check(t *testing.T, req *http.Request, resp *http.Response) {
	t.Helper()
	req = req.Clone(t.Context()) // the document describes paths without extension
	req.URL.Path = strings.TrimSuffix(req.URL.Path, ".csv")
	item, problems, path := paths.FindPath(req, s.model, nil)
	if item == nil || len(problems) > 0 {
		t.Errorf("%s %s isn't in the document: %v", req.Method, req.URL, problems)
		return
	}
	name := fmt.Sprintf("%s %s %d", req.Method, path, resp.StatusCode)
	s.seen[name] = true
	if ok, problems := s.validator.ValidateHttpResponse(req, resp); !ok {
		for _, p := range problems {
			t.Errorf("%s: %s: %s %v", name, p.Message, p.Reason, p.SchemaValidationErrors)
		}
	}
}

// ask sends a request and holds its answer to the document.
func (s *spec) ask(t *testing.T, h *house, method, target, token, body string, header ...string) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, h.http.URL+target, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatalf("%s %s: %v", method, target, err)
	}
	defer resp.Body.Close()
	var text []byte
	if strings.HasPrefix(resp.Header.Get("Content-Type"), "text/event-stream") {
		text = make([]byte, 4096) // it doesn't end
		n, _ := resp.Body.Read(text)
		text = text[:n]
	} else if text, err = io.ReadAll(resp.Body); err != nil {
		t.Fatal(err)
	}
	resp.Body = io.NopCloser(bytes.NewReader(text))
	s.check(t, req, resp)
	return resp, string(text)
}

// filled is a path with something at each of its places.
func filled(path string) string {
	return strings.NewReplacer("{id}", "anna", "{collection}", "entries", "{which}", "sgv", "{identifier}", "x-1", "{since}", "0", "{token}", "no",
		"{field}", "dateString", "{type}", "sgv", "{prefix}", "2026", "{pattern}", ".*T", "{name}", "none.js").Replace(path)
}

// TestDocumentAndServerAgree asks every operation of the document, so that each of
// its answers is given once by the real server, and compares each with its schema.
// What is served and what is described are the same operations.
func TestDocumentAndServerAgree(t *testing.T) {
	h, early, down := newHouse(t, 0), newHouse(t, 0), newHouse(t, 300*time.Millisecond)
	h.follow(t)
	down.doors.site.SetReady()
	if err := down.broker.Close(); err != nil {
		t.Fatal(err)
	}
	s := readSpec(t, h)
	operations := s.operations()

	served := slices.Concat(h.server.Operations(), nightscout.Operations(), fhir.Operations, []string{"POST /v1/events", "GET /metrics"})
	for i, o := range served {
		served[i] = strings.ReplaceAll(o, "...}", "}")
		if operations[served[i]] == nil {
			t.Errorf("%s is served, but not described", served[i])
		}
	}
	for o := range operations {
		if !slices.Contains(served, o) {
			t.Errorf("%s is described, but not served", o)
		}
	}

	large := strings.Repeat(" ", 9<<20)
	for o, codes := range operations {
		method, path, _ := strings.Cut(o, " ")
		target := filled(path)
		for _, code := range codes {
			switch site := strings.HasPrefix(path, "/api/") || path == "/pebble"; code {
			case "401":
				s.ask(t, h, method, target, "", "")
			case "403":
				token := readerToken
				if site || method == "GET" || strings.HasSuffix(path, "/advice") {
					token = serviceOnly
				}
				if strings.HasPrefix(path, tokenRoute) {
					target = strings.Replace(path, "{token}", strings.ReplaceAll(serviceOnly, " ", "%20"), 1)
				}
				s.ask(t, h, method, target, token, "")
			case "404":
				s.ask(t, h, method, strings.Replace(strings.Replace(target, "entries", "food", 1), "anna", "nobody", 1), fitting(path), "")
			case "406":
				s.ask(t, h, method, target+".csv", annasSecret, "{}")
			case "413":
				s.ask(t, h, method, target, annasSecret, large)
			case "429":
				if strings.HasPrefix(path, tokenRoute) {
					target = strings.Replace(path, "{token}", strings.ReplaceAll(slowToken, " ", "%20"), 1)
				}
				for range 2 {
					s.ask(t, h, method, target, slowToken, "")
				}
			case "503":
				switch {
				case site:
					s.ask(t, early, method, target, annasSecret, "")
				case path == "/readyz":
					s.ask(t, early, method, target, "", "")
				case path == "/v1/events":
					s.ask(t, down, method, target, annasSecret, `{"patient":"anna"}`)
				case strings.Contains(path, "bundle"):
					s.ask(t, down, method, target, annasSecret, bundled)
				default:
					s.ask(t, down, method, target, annasSecret, observed)
				}
			}
		}
	}
	rested := false
	for _, e := range examples(time.Now()) {
		if e.want == http.StatusNotModified && !rested {
			time.Sleep(1100 * time.Millisecond) // nothing is said of the second in which it changed
			rested = true
		}
		resp, text := s.ask(t, h, e.method, e.target, e.token, e.body, e.header...)
		if resp.StatusCode != e.want {
			t.Errorf("%s %s: %d, want %d: %s", e.method, e.target, resp.StatusCode, e.want, text)
		}
	}
	for _, name := range built(t) {
		s.ask(t, h, "GET", "/assets/"+name, "", "")
	}
	for o, codes := range operations {
		for _, code := range codes {
			if !s.seen[o+" "+code] && !unbuilt(t, o) {
				t.Errorf("%s %s is described, but was never answered", o, code)
			}
		}
	}
}

const tokenRoute = "/api/v2/authorization/request/"

// fitting is a token that may see everything there.
func fitting(path string) string {
	if strings.HasPrefix(path, "/v1/") {
		return ownToken
	}
	return annasSecret
}

// built are the names of the app's files, none where npm has not built it.
func built(t *testing.T) (names []string) {
	t.Helper()
	files, err := filepath.Glob("../../predict/mobile/app/dist/assets/*")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		names = append(names, filepath.Base(f))
	}
	return names
}

// unbuilt are files of the app where npm has not built it.
func unbuilt(t *testing.T, operation string) bool {
	return strings.HasPrefix(operation, "GET /assets/") && len(built(t)) == 0
}

const observed = `{"resourceType":"Observation","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"99504-3"}]},
	"effectiveDateTime":"2026-11-25T08:00:00Z","valueQuantity":{"value":120,"code":"mg/dL"}}`

const bundled = `{"resourceType":"Bundle","type":"transaction","entry":[{"resource":` + observed + `}]}`

// example is a request and the status that it is answered with.
type example struct {
	method, target, token, body string
	want                        int
	header                      []string
}

// examples go on from each other.
func examples(now time.Time) []example {
	at := now.Add(-10 * time.Minute).UTC().Truncate(time.Second)
	iso := at.Format(time.RFC3339)
	http1 := func(t time.Time) string { return t.UTC().Format(http.TimeFormat) }
	event := `{"type":"glucose","patient":"anna","time":"` + iso + `","id":"e-1","value":143,"unit":"mg/dL","source":"cgm"}`
	doc := fmt.Sprintf(`{"type":"sgv","sgv":120,"date":%d,"dateString":%q,"device":"d","direction":"Flat"}`, at.UnixMilli(), iso)
	bolus := fmt.Sprintf(`{"app":"AAPS","date":%d,"eventType":"Correction Bolus","insulin":1.5}`, at.UnixMilli())
	readOnly := strings.Replace(bolus, `{`, `{"isReadOnly":true,"identifier":"ro-1",`, 1)
	changed := []string{"If-Unmodified-Since", http1(at)}
	later := []string{"If-Modified-Since", http1(now.Add(time.Hour))}
	me, all := annasSecret, ownToken
	list := []example{
		{"GET", "/", "", "", 200, nil},
		{"GET", "/healthz", "", "", 200, nil},
		{"GET", "/readyz", "", "", 200, nil},
		{"GET", "/metrics", "", "", 200, nil},
		{"GET", "/openapi.json", "", "", 200, nil},
		{"POST", "/v1/events", me, "[" + event + "]", 200, nil},
		{"POST", "/v1/events", me, "[" + event + `,{"patient":"bert"}]`, 207, nil},
		{"POST", "/v1/events", me, "[]", 400, nil},
		{"POST", "/v1/events", me, `[{"patient":"bert"}]`, 400, nil},
		{"POST", "/v1/events", me, event, 415, []string{"Content-Encoding", "br"}},
		{"POST", "/fhir/Observation", me, observed, 201, nil},
		{"POST", "/fhir/Observation", me, "[]", 400, nil},
		{"POST", "/fhir/Observation", me, "{}", 422, nil},
		{"POST", "/fhir/$submit-cgm-bundle", me, bundled, 200, nil},
		{"POST", "/fhir/$submit-cgm-bundle", me, "{}", 400, nil},
		{"POST", "/fhir/$submit-cgm-bundle", me, `{"resourceType":"Bundle","type":"transaction","entry":[{}]}`, 422, nil},
		{"GET", "/fhir/metadata", "", "", 200, nil},

		{"POST", "/api/v1/entries", me, "[" + doc + "]", 200, nil},
		{"POST", "/api/v1/entries", me, "[5]", 400, nil},
		{"PUT", "/api/v1/entries", me, doc, 200, nil},
		{"PUT", "/api/v1/entries", me, "5", 400, nil},
		{"GET", "/api/v1/entries?count=3&find[sgv][$gte]=100", me, "", 200, nil},
		{"GET", "/api/v1/entries?count=3", me, "", 200, []string{"Accept", "text/csv"}},
		{"GET", "/api/v1/entries?count=x", me, "", 400, nil},
		{"GET", "/api/v1/entries/sgv", me, "", 200, nil},
		{"GET", "/api/v1/entries/sgv?count=x", me, "", 400, nil},
		{"GET", "/api/v1/profile/current", me, "", 200, nil},
		{"GET", "/api/v1/slice/entries/dateString/sgv/" + iso[:7], me, "", 200, nil},
		{"GET", "/api/v1/slice/entries/dateString/sgv/" + iso[:7] + "/.*T", me, "", 200, nil},
		{"GET", "/api/v1/slice/entries/dateString/sgv/(", me, "", 400, nil},
		{"GET", "/api/v1/slice/entries/dateString/sgv/2026/(", me, "", 400, nil},
		{"GET", "/api/v1/times/" + iso[:7], me, "", 200, nil},
		{"GET", "/api/v1/times/" + iso[:7] + "/.*T{00..23}:", me, "", 200, nil},
		{"GET", "/api/v1/times/(", me, "", 400, nil},
		{"GET", "/api/v1/times/2026/(", me, "", 400, nil},
		{"GET", "/api/v1/status", me, "", 200, nil},
		{"GET", "/api/v1/verifyauth", me, "", 200, nil},
		{"GET", "/api/v1/verifyauth", "", "", 200, nil},
		{"GET", "/api/v1/experiments/test", me, "", 200, nil},
		{"GET", tokenRoute + strings.ReplaceAll(me, " ", "%20"), "", "", 200, nil},
		{"GET", "/pebble?count=2", me, "", 200, nil},

		{"POST", "/api/v3/treatments", me, strings.Replace(bolus, `{`, `{"identifier":"b-1",`, 1), 201, nil},
		{"POST", "/api/v3/treatments", me, strings.Replace(bolus, `{`, `{"identifier":"b-1",`, 1), 200, nil},
		{"POST", "/api/v3/treatments", me, "{}", 400, nil},
		{"GET", "/api/v3/version", me, "", 200, nil},
		{"GET", "/api/v3/status", me, "", 200, nil},
		{"GET", "/api/v3/lastModified", me, "", 200, nil},
		{"GET", "/api/v3/treatments?limit=5", me, "", 200, nil},
		{"GET", "/api/v3/treatments?limit=x", me, "", 400, nil},
		{"GET", "/api/v3/treatments/history", me, "", 200, []string{"Last-Modified", http1(at)}},
		{"GET", "/api/v3/treatments/history", me, "", 400, nil},
		{"GET", "/api/v3/treatments/history/0", me, "", 200, nil},
		{"GET", "/api/v3/treatments/history/x", me, "", 400, nil},
		{"GET", "/api/v3/treatments/b-1", me, "", 200, nil},
		{"GET", "/api/v3/treatments/b-1?limit=x", me, "", 400, nil},
		{"PUT", "/api/v3/treatments/b-2", me, bolus, 201, nil},
		{"PUT", "/api/v3/treatments/b-2", me, bolus, 200, nil},
		{"PUT", "/api/v3/treatments/b-2", me, "{}", 400, nil},
		{"PUT", "/api/v3/treatments/b-2", me, bolus, 412, changed},
		{"PATCH", "/api/v3/treatments/b-2", me, `{"insulin":2}`, 200, nil},
		{"PATCH", "/api/v3/treatments/b-2", me, `{}`, 400, nil},
		{"PATCH", "/api/v3/treatments/b-2", me, `{"insulin":2}`, 412, changed},
		{"POST", "/api/v3/treatments", me, readOnly, 201, nil},
		{"PUT", "/api/v3/treatments/ro-1", me, bolus, 422, nil},
		{"PATCH", "/api/v3/treatments/ro-1", me, `{"insulin":2}`, 422, nil},
		{"DELETE", "/api/v3/treatments/ro-1", me, "", 422, nil},
		{"DELETE", "/api/v3/treatments/b-2", me, "", 412, changed},
		{"DELETE", "/api/v3/treatments/b-2", me, "", 204, nil},
		{"DELETE", "/api/v3/treatments/b-2", me, "", 410, nil},
		{"GET", "/api/v3/treatments/b-2", me, "", 410, nil},
		{"PUT", "/api/v3/treatments/b-2", me, bolus, 410, nil},
		{"PATCH", "/api/v3/treatments/b-2", me, `{"insulin":2}`, 410, nil},

		{"GET", "/v1/patients", all, "", 200, nil},
		{"GET", "/v1/latency", all, "", 200, nil},
		{"GET", "/v1/patients/anna/glucose", all, "", 200, nil},
		{"GET", "/v1/patients/anna/glucose?since=x", all, "", 400, nil},
		{"GET", "/v1/patients/anna/recommendations", all, "", 200, nil},
		{"GET", "/v1/patients/anna/recommendations?since=x", all, "", 400, nil},
		{"GET", "/v1/patients/anna/stream", all, "", 200, nil},
		{"POST", "/v1/patients/anna/advice", all, `{"carbs_g":45}`, 200, nil},
		{"POST", "/v1/patients/anna/advice", all, `{}`, 400, nil},

		{"GET", "/api/v1/entries", me, "", 304, later},
		{"GET", "/api/v1/entries/sgv", me, "", 304, later},
		{"GET", "/api/v3/treatments/b-1", me, "", 304, later},
		{"DELETE", "/api/v1/entries", me, "", 400, nil},
		{"DELETE", "/api/v1/entries?find[type]=sgv", me, "", 200, nil},
		{"DELETE", "/api/v1/entries/sgv", me, "", 400, nil},
		{"DELETE", "/api/v1/treatments/b-1", me, "", 200, nil},
	}
	return list
}
