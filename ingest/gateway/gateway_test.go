package gateway

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

const token = "correct horse"

// memory is a Log that keeps what it took.
type memory struct {
	mu       sync.Mutex
	messages []Message
	fail     error
}

func (m *memory) Send(_ context.Context, messages []Message) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.fail != nil {
		return m.fail
	}
	m.messages = append(m.messages, messages...)
	return nil
}

// keys are the patients of what was taken, in order.
func (m *memory) keys() string {
	var all []string
	for _, msg := range m.messages {
		all = append(all, string(msg.Key))
	}
	return strings.Join(all, " ")
}

func open(t testing.TB, log Log, change func(*Options)) *Gateway {
	t.Helper()
	now := func() time.Time { return time.Unix(0, 1234567890123456789) }
	keys, err := NewKeyring(KeyringOptions{Now: now, Credentials: []Credential{
		{Patient: Everybody, Secret: token, Read: true, Write: true},
		{Patient: Everybody, Secret: "another one here", Write: true},
		{Patient: "anna", Secret: "annas own long secret", Write: true},
		{Patient: "anna", Secret: "only-to-look-on", Read: true},
	}})
	if err != nil {
		t.Fatal(err)
	}
	opts := Options{Log: log, Keys: keys, Now: now}
	if change != nil {
		change(&opts)
	}
	g, err := New(opts)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func request(contentType, body string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/v1/events", strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+token)
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	return r
}

func do(g *Gateway, r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	g.ServeHTTP(w, r)
	return w
}

const (
	anna  = `{"type":"glucose","patient":"anna","id":"a-1","value":100,"unit":"mg/dL"}`
	bert  = `{"type":"meal","patient":"bert"}`
	plain = "application/json"
	lined = "application/x-ndjson"
)

func TestEventsAreAnsweredInTheirPlace(t *testing.T) {
	for _, c := range []struct {
		name, contentType, body string
		status                  int
		keys, answer            string
	}{
		{"one object", plain, anna, 200, "anna", `{"items":[{"n":1,"status":202,"id":"a-1"}],"accepted":1}`},
		{"array", plain, "[" + anna + ",\n" + bert + "]", 200, "anna bert", `{"items":[{"n":1,"status":202,"id":"a-1"},{"n":2,"status":202}],"accepted":2}`},
		{"lines", lined, bert + "\r\n\n" + anna, 200, "bert anna", `{"items":[{"n":1,"status":202},{"n":2,"status":202,"id":"a-1"}],"accepted":2}`},
		{"sniffed lines", "", anna + "\n" + bert, 200, "anna bert", ""},
		{"sniffed array", "text/plain; charset=utf-8", " [" + anna + "]", 200, "anna", ""},
		{"sniffed object over lines", "", "{\"patient\":\n\"anna\"}", 200, "anna", ""},
		{"unknown event", plain, `{"patient":"anna","type":"no such"}`, 200, "anna", ""},
		{"broken line", lined, anna + "\n{\"patient\n" + bert, 207, "anna bert", `{"items":[{"n":1,"status":202,"id":"a-1"},{"n":2,"status":400,"error":"not a JSON object"},{"n":3,"status":202}],"accepted":2}`},
		{"no object", plain, `[3,null,"x",` + bert + `]`, 207, "bert", `{"items":[{"n":1,"status":400,"error":"not a JSON object"},{"n":2,"status":400,"error":"not a JSON object"},{"n":3,"status":400,"error":"not a JSON object"},{"n":4,"status":202}],"accepted":1}`},
		{"no patient", plain, `[{}]`, 400, "", `{"items":[{"n":1,"status":400,"error":"patient is required, as a string"}],"accepted":0}`},
		{"null patient", plain, `{"patient":null}`, 400, "", ""},
		{"patient of another case", plain, `{"Patient":"anna"}`, 400, "", ""},
		{"numeric patient", plain, `{"patient":7}`, 400, "", ""},
		{"numeric id", plain, `{"patient":"anna","id":7}`, 200, "anna", `{"items":[{"n":1,"status":202}],"accepted":1}`},
		{"not UTF-8", lined, "{\"patient\":\"a\xffb\"}", 400, "", ""},
		{"longest patient", plain, `{"patient":"` + strings.Repeat("é", 64) + `"}`, 200, strings.Repeat("é", 64), ""},
		{"too long patient", plain, `{"patient":"` + strings.Repeat("é", 64) + `x"}`, 400, "", ""},
		{"broken array", plain, "[" + anna + ",{", 400, "", ""},
		{"array without end", plain, "[" + anna, 400, "", ""},
		{"text behind the array", plain, "[" + anna + "] x", 400, "", ""},
		{"empty array", plain, "[]", 400, "", `{"error":"no events in the body"}`},
		{"empty", "", "", 400, "", ""},
		{"lines as JSON", plain, anna + "\n" + bert, 400, "", ""},
		{"form", "application/x-www-form-urlencoded", anna, 415, "", ""},
		{"malformed type", "application/;", anna, 415, "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			log := &memory{}
			w := do(open(t, log, nil), request(c.contentType, c.body))
			if w.Code != c.status {
				t.Errorf("status %d, want %d: %s", w.Code, c.status, w.Body)
			}
			if log.keys() != c.keys {
				t.Errorf("logged %q, want %q", log.keys(), c.keys)
			}
			if c.answer != "" && strings.TrimSpace(w.Body.String()) != c.answer {
				t.Errorf("answer %s\nwant   %s", w.Body, c.answer)
			}
			if !json.Valid(w.Body.Bytes()) || w.Header().Get("Content-Type") != "application/json" {
				t.Errorf("not a JSON answer: %s", w.Body)
			}
		})
	}
}

func TestAMessageIsTheEventAsItCame(t *testing.T) {
	log := &memory{}
	body := `{"patient":"anna", "value":1.50, "own":{"kept":true}}`
	do(open(t, log, nil), request(plain, "["+body+"]"))
	if len(log.messages) != 1 {
		t.Fatalf("%d messages", len(log.messages))
	}
	m := log.messages[0]
	if string(m.Value) != body || string(m.Key) != "anna" {
		t.Errorf("logged %s under %s", m.Value, m.Key)
	}
	if len(m.Headers) != 1 || m.Headers[0].Key != Produced || string(m.Headers[0].Value) != "1234567890123456789" {
		t.Errorf("headers %q", m.Headers)
	}
}

func TestOnlyKnownTokensAreLetIn(t *testing.T) {
	for header, want := range map[string]int{
		"Bearer " + token: 200, "bearer another one here": 200, "Bearer annas own long secret": 200,
		"Bearer only-to-look-on": 403,
		"":                       401, token: 401, "Basic " + token: 401, "Bearer": 401, "Bearer ": 401,
		"Bearer " + token + "x": 401, "Bearer correct": 401,
	} {
		log := &memory{}
		r := request(plain, anna)
		r.Header.Set("Authorization", header)
		w := do(open(t, log, nil), r)
		if w.Code != want || (want == 200) != (len(log.messages) == 1) {
			t.Errorf("%q: status %d, want %d; %d logged", header, w.Code, want, len(log.messages))
		}
		if want == 401 && w.Header().Get("WWW-Authenticate") != "Bearer" {
			t.Errorf("%q: no challenge", header)
		}
	}
}

func TestOnlyPost(t *testing.T) {
	r := httptest.NewRequest(http.MethodGet, "/v1/events", nil)
	if w := do(open(t, &memory{}, nil), r); w.Code != 405 || w.Header().Get("Allow") != "POST" {
		t.Errorf("status %d, Allow %q", w.Code, w.Header().Get("Allow"))
	}
}

func TestNothingIsAcknowledgedThatTheLogDidNotTake(t *testing.T) {
	for _, c := range []struct {
		err           error
		status        int
		retry, secret string
	}{
		{fmt.Errorf("queue full: %w", ErrBusy), 429, "1", "queue full"},
		{errors.New("broker kafka-7:9092 is down"), 503, "5", "kafka-7"},
		{context.DeadlineExceeded, 503, "5", "deadline"},
	} {
		var told error
		g := open(t, &memory{fail: c.err}, func(o *Options) { o.Failed = func(err error) { told = err } })
		w := do(g, request(plain, anna))
		if w.Code != c.status || w.Header().Get("Retry-After") != c.retry {
			t.Errorf("%v: status %d, Retry-After %q", c.err, w.Code, w.Header().Get("Retry-After"))
		}
		if strings.Contains(w.Body.String(), c.secret) || strings.Contains(w.Body.String(), "202") {
			t.Errorf("%v: answered %s", c.err, w.Body)
		}
		if !errors.Is(told, c.err) {
			t.Errorf("%v: told %v", c.err, told)
		}
	}
}

// stuck never answers by itself.
type stuck struct{}

func (stuck) Send(ctx context.Context, _ []Message) error {
	<-ctx.Done()
	return ctx.Err()
}

func TestALogThatDoesNotAnswerIsGivenUp(t *testing.T) {
	g := open(t, stuck{}, func(o *Options) { o.Timeout = time.Millisecond })
	if w := do(g, request(plain, anna)); w.Code != 503 {
		t.Errorf("status %d", w.Code)
	}
}

func TestATokenOfAPatientWritesThatPatientOnly(t *testing.T) {
	log := &memory{}
	r := request(plain, "["+anna+","+bert+"]")
	r.Header.Set("Authorization", "Bearer annas own long secret")
	w := do(open(t, log, nil), r)
	want := `{"items":[{"n":1,"status":202,"id":"a-1"},{"n":2,"status":403,"error":"this token isn't for the event's patient"}],"accepted":1}`
	if w.Code != 207 || strings.TrimSpace(w.Body.String()) != want || log.keys() != "anna" {
		t.Errorf("%d %s; logged %q", w.Code, w.Body, log.keys())
	}
}

func TestOptionsAreRequired(t *testing.T) {
	good := open(t, &memory{}, nil).opts
	for name, change := range map[string]func(*Options){
		"no log":   func(o *Options) { o.Log = nil },
		"no clock": func(o *Options) { o.Now = nil },
		"no keys":  func(o *Options) { o.Keys = nil },
	} {
		o := good
		change(&o)
		if _, err := New(o); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestOverARealServer(t *testing.T) {
	log := &memory{}
	mux := http.NewServeMux()
	mux.Handle(Pattern, open(t, log, func(o *Options) { o.Now = time.Now }))
	server := httptest.NewServer(mux)
	defer server.Close()
	r, err := http.NewRequest(http.MethodPost, server.URL+"/v1/events", strings.NewReader(anna+"\n"+bert))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("Content-Type", lined)
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var a Answer
	if err := json.NewDecoder(response.Body).Decode(&a); err != nil || response.StatusCode != 200 || a.Accepted != 2 {
		t.Errorf("status %d, %+v, %v", response.StatusCode, a, err)
	}
	if log.keys() != "anna bert" {
		t.Errorf("logged %q", log.keys())
	}
}
