package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/titrate/titrate/predict"
)

// TestADeletedTreatmentNoLongerCounts takes a dose and a meal through their lives as
// a user of Nightscout edits and deletes them. After each step of the dose it asks
// what would be advised; in the end, what the page shows and the lake counts.
func TestADeletedTreatmentNoLongerCounts(t *testing.T) {
	cfg, host := serveAnna(t)
	now := time.Now()
	var events []string
	for _, m := range morning("anna", now) {
		if text := string(m.Value); json.Valid(m.Value) && !strings.Contains(text, `"meal"`) && strings.Contains(text, `"unit"`) != strings.Contains(text, `"profile"`) {
			events = append(events, text)
		}
	}
	say(t, "POST", host+"/v1/events", "["+strings.Join(events, ",")+"]", http.StatusOK)
	before := advised(t, host, func(r predict.Recommendation) bool { return r.Components.MealU > 0 })
	if before.Components.IOBU != 0 {
		t.Fatalf("insulin on board before any was given: %+v", before.Components)
	}

	at := ago(20).Format(time.RFC3339)
	dose := func(units float64, id string) string {
		return fmt.Sprintf(`{"eventType":"Correction Bolus","created_at":%q,"insulin":%v%s}`, at, units, id)
	}
	id := store(t, host, dose(6, ""))
	six := advised(t, host, func(r predict.Recommendation) bool { return r.Components.IOBU > 5 })

	say(t, "PUT", host+"/api/v1/treatments.json", dose(2, `,"_id":"`+id+`"`), http.StatusOK)
	two := advised(t, host, func(r predict.Recommendation) bool { return r.Components.IOBU < 2.1 })
	if ratio := float64(two.Components.IOBU / six.Components.IOBU); ratio < 0.3 || ratio > 0.36 {
		t.Errorf("2 U instead of 6 U leave %v of %v on board", two.Components.IOBU, six.Components.IOBU)
	}

	say(t, "DELETE", host+"/api/v1/treatments/"+id, "", http.StatusOK)
	after := advised(t, host, func(r predict.Recommendation) bool { return r.Components.IOBU == 0 })
	if after.Units != before.Units {
		t.Errorf("after the deletion %v U are advised, before the dose %v U", after.Units, before.Units)
	}

	id = store(t, host, fmt.Sprintf(`{"eventType":"Carb Correction","created_at":%q,"carbs":60}`, at))
	say(t, "PUT", host+"/api/v1/treatments.json", fmt.Sprintf(`{"_id":%q,"eventType":"Carb Correction","created_at":%q,"carbs":20}`, id, at), http.StatusOK)
	shows(t, host, `"carbs_g":20`)
	say(t, "DELETE", host+"/api/v1/treatments/"+id, "", http.StatusOK)
	shows(t, host, `"meals":[],"insulin":[]`)

	lake := filepath.Join(t.TempDir(), "lake")
	must(t, "ingest", "--brokers", cfg.Brokers, "--lake", lake, "--drain")
	for table, want := range map[string]string{"meals": `[{"n":0}]`, "insulin": `[{"n":0}]`, "meals_all": `[{"n":2}]`, "insulin_all": `[{"n":2}]`, "retractions": `[{"n":2}]`} {
		if got := ask(t, lake, "select count(*) as n from "+table); got != want {
			t.Errorf("%s: %s, want %s", table, got, want)
		}
	}
}

// store posts a treatment and gives its _id.
func store(t *testing.T, host, doc string) string {
	t.Helper()
	var stored []struct {
		ID string `json:"_id"`
	}
	body := say(t, "POST", host+"/api/v1/treatments.json", doc, http.StatusOK)
	if err := json.Unmarshal([]byte(body), &stored); err != nil || len(stored) != 1 {
		t.Fatalf("%v: %s", err, body)
	}
	return stored[0].ID
}

// shows waits until what the page shows has text.
func shows(t *testing.T, host, text string) {
	t.Helper()
	var shown string
	deadline := time.Now().Add(20 * time.Second)
	for time.Now().Before(deadline) {
		if shown = say(t, "GET", host+"/v1/patients/anna/glucose", "", http.StatusOK); strings.Contains(shown, text) {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("the page doesn't show %s within 20 s: %s", text, shown)
}

// say sends a request as anna, which must be answered with the status.
func say(t *testing.T, method, url, body string, want int) string {
	t.Helper()
	status, text := request(t, method, url, annasSecret, body)
	if status != want {
		t.Fatalf("%s %s: %d, want %d: %s", method, url, status, want, text)
	}
	return text
}

// advised asks what is advised for 45 g until it is as wanted: what was sent comes
// round through the log first.
func advised(t *testing.T, host string, want func(predict.Recommendation) bool) (r predict.Recommendation) {
	t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for time.Now().Before(deadline) {
		status, text := request(t, "POST", host+"/v1/patients/anna/advice", annasSecret, `{"carbs_g":45}`)
		r = predict.Recommendation{}
		if status == http.StatusOK && json.Unmarshal([]byte(text), &r) == nil && want(r) {
			return r
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("not advised as expected within 20 s: %+v because %s", r.Components, r.Because)
	return r
}
