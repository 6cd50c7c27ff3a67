package mobile

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/titrate/titrate/ingest"
	"github.com/titrate/titrate/predict"
	"github.com/titrate/titrate/train"
)

// morning is when the tests happen, on the patients' clock.
var morning = time.Date(2026, 11, 21, 8, 0, 0, 0, time.UTC)

const (
	token  = "correct-horse"
	person = "p-0007"
)

// ward is a server whose log the test writes and whose patients' clock it sets.
type ward struct {
	*Server
	t      *testing.T
	now    atomic.Int64 // unix seconds
	offset int64
	also   func(ingest.Record) // sees each event too
}

func newWard(t *testing.T) *ward {
	w := &ward{t: t}
	w.now.Store(morning.Unix())
	w.Server = New(Options{
		Admit: admit,
		Model: train.Prior(),
		Clock: func(string) time.Time { return time.Unix(w.now.Load(), 0).UTC() },
		Wall:  time.Now,
		Label: func(string) Label { return Label{Simulated: true, Speed: 60} },
	})
	t.Cleanup(w.Close)
	return w
}

// admit lets the token see everybody, and another person only.
func admit(r *http.Request) (func(string) bool, int, int) {
	switch r.Header.Get("Authorization") {
	case "Bearer " + token, "bearer " + token:
		return func(string) bool { return true }, 0, 0
	case "Bearer of p-8":
		return func(patient string) bool { return patient == "p-8" }, 0, 0
	case "Bearer to write":
		return nil, http.StatusForbidden, 0
	case "Bearer once too often":
		return nil, http.StatusTooManyRequests, 7
	}
	return nil, http.StatusUnauthorized, 0
}

// set moves the patients' clock to so long after morning.
func (w *ward) set(d time.Duration) { w.now.Store(morning.Add(d).Unix()) }

// tell appends a wire event at morning+after to the log, and returns its offset.
func (w *ward) tell(patient string, after time.Duration, fields string) int64 {
	w.offset++
	at := morning.Add(after)
	rec := ingest.Record{Topic: "events", Partition: 3, Offset: w.offset, Seen: at.Add(time.Second), Key: []byte(patient),
		Value: fmt.Appendf(nil, `{"patient":%q,"time":%q,%s}`, patient, at.Format(time.RFC3339), fields)}
	w.Observe(rec)
	if w.also != nil {
		w.also(rec)
	}
	return w.offset
}

func (w *ward) glucose(after time.Duration, mgdl float64) {
	w.tell(person, after, fmt.Sprintf(`"type":"glucose","value":%v,"unit":"mg/dL","source":"cgm"`, mgdl))
}

// advise appends a recommendation that holds for ten minutes from morning+after.
func (w *ward) advise(id string, after time.Duration, change func(*predict.Recommendation), headers ...ingest.Header) {
	w.t.Helper()
	r := predict.Recommendation{ID: id, Patient: person, Time: morning.Add(after), Expires: morning.Add(after + 10*time.Minute),
		Kind: predict.Bolus, Units: 3.5, Because: "45 g ÷ 12 g/U = 3.75 U; rounded down to 3.5 U"}
	if change != nil {
		change(&r)
	}
	value, err := json.Marshal(r)
	if err != nil {
		w.t.Fatal(err)
	}
	rec := ingest.Record{Topic: "recommendations", Key: []byte(r.Patient), Value: value, Headers: headers}
	if err := w.Recommended(rec); err != nil {
		w.t.Fatal(err)
	}
}

// produced is the header of an event that was produced so long ago.
func produced(ago time.Duration) ingest.Header {
	return ingest.Header{Key: "produced", Value: strconv.AppendInt(nil, time.Now().Add(-ago).UnixNano(), 10)}
}

// ask sends a request with the token and decodes the JSON answer into out.
func (w *ward) ask(method, path, body string, out any) int {
	w.t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+token)
	rec := httptest.NewRecorder()
	w.Handler().ServeHTTP(rec, r)
	if out != nil {
		if err := json.Unmarshal(rec.Body.Bytes(), out); err != nil {
			w.t.Fatalf("%s %s: %v in %s", method, path, err, rec.Body)
		}
	}
	return rec.Code
}

// refused asks and wants an error with status whose text contains all of words.
func (w *ward) refused(method, path, body string, status int, words ...string) {
	w.t.Helper()
	var f failure
	if got := w.ask(method, path, body, &f); got != status {
		w.t.Errorf("%s %s %s: status %d, want %d", method, path, body, got, status)
	}
	for _, word := range words {
		if !strings.Contains(f.Error, word) {
			w.t.Errorf("%s %s %s: error %q doesn't say %q", method, path, body, f.Error, word)
		}
	}
}
