package mobile

import (
	"fmt"
	"math"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/titrate/titrate/ingest"
	"github.com/titrate/titrate/predict"
)

func (w *ward) history(query string) []Advice {
	w.t.Helper()
	var got struct{ Recommendations []Advice }
	if status := w.ask("GET", "/v1/patients/"+person+"/recommendations"+query, "", &got); status != http.StatusOK {
		w.t.Fatalf("recommendations: status %d", status)
	}
	return got.Recommendations
}

func states(list []Advice) string {
	var out []string
	for _, a := range list {
		out = append(out, a.ID+" "+a.State)
	}
	return strings.Join(out, ", ")
}

func TestNewerAdviceSupersedes(t *testing.T) {
	w := newWard(t)
	w.advise("a", 0, nil)
	w.advise("b", time.Minute, nil)
	if got := states(w.history("")); got != "a superseded, b current" {
		t.Error(got)
	}
	if got := states(w.history("?since=2026-11-21T08:01:00Z")); got != "b current" {
		t.Errorf("since 08:01: %s", got)
	}
}

func TestAdviceExpiresByThePatientsClock(t *testing.T) {
	w := newWard(t)
	w.advise("a", 0, nil)
	w.set(10*time.Minute - time.Second)
	if got := states(w.history("")); got != "a current" {
		t.Error(got)
	}
	w.set(10 * time.Minute)
	if got := states(w.history("")); got != "a expired" {
		t.Error(got)
	}
}

func TestReplayCannotPush(t *testing.T) {
	w := newWard(t)
	w.SetReady()
	w.set(time.Hour)
	w.advise("old", 0, nil, produced(time.Hour))
	c, _ := w.chart(person)
	if len(c.feed.ring) != 0 {
		t.Errorf("expired advice was announced: %s", c.feed.ring[0].data)
	}
	if l := w.latency.summary(); l.Count != 0 {
		t.Errorf("expired advice was measured: %+v", l)
	}
	if got := states(w.history("")); got != "old expired" {
		t.Error(got)
	}
}

func TestAdviceComesOnceHoweverOftenItIsRead(t *testing.T) {
	w := newWard(t)
	w.advise("a", 0, nil)
	w.advise("b", 0, nil)
	w.advise("a", 0, nil)
	if got := states(w.history("")); got != "a superseded, b current" {
		t.Error(got)
	}
}

func TestFiftyAdvicesAreKept(t *testing.T) {
	w := newWard(t)
	for i := range 60 {
		w.advise(fmt.Sprint(i), 0, nil)
	}
	if got := w.history(""); len(got) != maxAdvices || got[0].ID != "10" {
		t.Errorf("%d kept, oldest %s", len(got), got[0].ID)
	}
}

func TestAnswerSettlesAdvice(t *testing.T) {
	w := newWard(t)
	w.advise("a", 0, nil)
	w.tell(person, time.Minute, `"type":"response","recommendation":"a","action":"changed","units":3`)
	w.tell(person, time.Minute, `"type":"response","recommendation":"unknown","action":"accepted"`)
	a := w.history("")[0]
	if a.State != "answered" || a.Answer.Action != "changed" || *a.Answer.Units != 3 || a.Answer.CarbsG != nil {
		t.Errorf("%+v, answer %+v", a, a.Answer)
	}
}

// An answer to what a question is about answers the question, and the other way round, and
// nothing else.
func TestAnswerSettlesTheQuestion(t *testing.T) {
	for _, about := range []string{"a", "b"} {
		w := newWard(t)
		w.advise("a", 0, nil)
		w.advise("b", time.Minute, func(r *predict.Recommendation) { r.Kind, r.Asks = predict.Check, "a" })
		w.advise("c", 2*time.Minute, nil)
		w.tell(person, 3*time.Minute, `"type":"response","recommendation":"`+about+`","action":"declined","reason":"not taken"`)
		w.tell(person, 3*time.Minute, `"type":"response","recommendation":"","action":"accepted"`)
		var states []string
		for _, a := range w.history("") {
			states = append(states, a.ID+" "+a.State)
		}
		if got := strings.Join(states, ", "); got != "a answered, b answered, c current" {
			t.Errorf("%s answered: %s", about, got)
		}
	}
}

func TestRecordsThatAreNotAdviceAreRefused(t *testing.T) {
	valid := `{"id":"a","patient":"p","time":"2026-11-21T08:00:00Z","expires":"2026-11-21T08:10:00Z","kind":"bolus","units":1}`
	for _, c := range []struct{ name, old, new, want string }{
		{"not JSON", `{"id"`, `"id"`, "JSON"},
		{"no id", `"id":"a",`, ``, "no id"},
		{"another patient's key", `"patient":"p"`, `"patient":"q"`, "key"},
		{"no expiry", `"expires":"2026-11-21T08:10:00Z",`, ``, "expires"},
		{"negative dose", `"units":1`, `"units":-1`, "-1 U"},
	} {
		err := newWard(t).Recommended(ingest.Record{Key: []byte("p"), Value: []byte(strings.Replace(valid, c.old, c.new, 1))})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	if err := newWard(t).Recommended(ingest.Record{Key: []byte("p"), Value: []byte(valid)}); err != nil {
		t.Errorf("the valid one: %v", err)
	}
}

func TestLatencyIsFromProducedToReadable(t *testing.T) {
	w := newWard(t)
	w.advise("replayed", 0, nil, produced(time.Hour))
	w.SetReady()
	w.advise("live", 0, nil, produced(40*time.Millisecond))
	w.advise("unmeasured", 0, nil)
	w.advise("garbled", 0, nil, ingest.Header{Key: "produced", Value: []byte("soon")})
	var l Latency
	w.ask("GET", "/v1/latency", "", &l)
	if l.Count != 1 || l.LastMs < 40 || l.LastMs > 5000 || l.P99Ms != l.LastMs {
		t.Errorf("latency %+v", l)
	}
	if got := w.history("")[1].LatencyMs; got != l.LastMs {
		t.Errorf("advice says %v ms, summary %v", got, l.LastMs)
	}
}

func TestLatencyQuantilesAreOfTheNewestThousand(t *testing.T) {
	var l latency
	for range 500 {
		l.add(time.Hour)
	}
	for i := range lastLatencies {
		l.add(time.Duration(i+1) * time.Millisecond)
	}
	want := Latency{Count: 1500, LastMs: 1000, P50Ms: 500, P99Ms: 990}
	if got := l.summary(); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}

func TestAskingRecordsNothing(t *testing.T) {
	w := newWard(t)
	w.glucose(0, 143)
	var r predict.Recommendation
	if got := w.ask("POST", "/v1/patients/"+person+"/advice", `{"carbs_g":45}`, &r); got != http.StatusOK {
		t.Fatalf("status %d", got)
	}
	if r.Kind == "" || r.Because == "" || math.IsNaN(float64(r.Units)) {
		t.Errorf("advice %+v", r)
	}
	if got := w.history(""); len(got) != 0 {
		t.Errorf("it was recorded: %s", states(got))
	}
}

func TestBadQuestionsAreToldWhatIsWrong(t *testing.T) {
	w := newWard(t)
	w.glucose(0, 143)
	for body, word := range map[string]string{
		``:                               "not a JSON object",
		`{}`:                             "carbs_g is missing",
		`{"carbs_g":null}`:               "carbs_g is missing",
		`{"carbs_g":"45"}`:               "(carbs_g is of type string)",
		`{"carbs_g":0}`:                  "more than 0",
		`{"carbs_g":-5}`:                 "more than 0",
		`{"carbs_g":251}`:                "250",
		`{"carbs_g":1e999}`:              "number",
		`{"carbs":45}`:                   "carbs",
		`{"carbs_g":45}{"carbs_g":45}`:   "more than one",
		`[45]`:                           "not a JSON object",
		strings.Repeat(" ", 5000) + `{}`: "4 KB",
	} {
		w.refused("POST", "/v1/patients/"+person+"/advice", body, http.StatusBadRequest, word, `{"carbs_g":45}`)
	}
	w.refused("POST", "/v1/patients/p-9/advice", `{"carbs_g":45}`, http.StatusNotFound, "p-9")
}
