package main

import (
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/titrate/titrate/infra/kafka"
	"github.com/titrate/titrate/infra/s3/s3test"
	"github.com/titrate/titrate/predict"
)

// TestExplainReproducesFromLogAndLake: what a running scorer said is said again, bit
// for bit, from either place; without its model it is not, and that is said.
func TestExplainReproducesFromLogAndLake(t *testing.T) {
	cfg := startBroker(t)
	dir := t.TempDir()
	registry, lake := filepath.Join(dir, "models"), filepath.Join(dir, "lake")
	publish(t, registry, "2026-11-20.1")
	must(t, "control", "status", "--brokers", cfg.Brokers) // makes the topics
	said := follow(t, cfg, topicRecommendations)
	metrics := s3test.FreeAddress(t)
	scorer := start(t, "score", "--brokers", cfg.Brokers, "--models", registry, "--metrics", metrics)
	send(t, cfg, morning("p-1", time.Now())...)
	send(t, cfg, morning("p-2", time.Now())...)
	var r predict.Recommendation
	for r.Patient != "p-2" {
		r = next[predict.Recommendation](t, said)
	}
	if status, _ := get(t, "http://"+metrics+"/readyz", ""); status != http.StatusOK {
		t.Errorf("a scorer that answers isn't ready: status %d", status)
	}
	ahead := time.Now().Add(time.Hour + 5*time.Second).UTC().Format(time.RFC3339)
	send(t, cfg, kafka.Message{Topic: topicEvents, Key: []byte("p-2"),
		Value: fmt.Appendf(nil, `{"type":"glucose","patient":"p-2","time":%q,"value":52,"unit":"mg/dL","source":"cgm","device":"g7"}`, ahead)})
	low := next[predict.Recommendation](t, said)
	for low.Alert != predict.AlertUrgentLow { // by a clock that is ahead: of a record that is quarantined
		low = next[predict.Recommendation](t, said)
	}
	scorer.stop(t)
	must(t, "ingest", "--brokers", cfg.Brokers, "--lake", lake, "--drain")

	for name, from := range map[string][]string{"log": {"--brokers", cfg.Brokers}, "lake": {"--lake", lake}} {
		x := summary[explanation](t, must(t, append([]string{"explain", r.ID, "--json", "--models", registry}, from...)...))
		if !x.Reproduced || string(x.Recorded) != string(x.Replayed) || x.Events < 10 {
			t.Errorf("from the %s: %+v", name, x)
		}
		x = summary[explanation](t, must(t, append([]string{"explain", low.ID, "--json", "--models", registry}, from...)...))
		if !x.Reproduced || x.Earlier == 0 || x.Differ > 0 || !strings.Contains(string(x.Replayed), "clock is 60 min ahead") {
			t.Errorf("a low by a clock ahead, from the %s: %+v", name, x)
		}
	}
	card := must(t, "explain", r.ID, "--lake", lake, "--models", registry, "--unit", "mmol/L", "--timezone", "Europe/Berlin").stdout
	because, known := predict.InUnit(predict.MmolPerL, r.Because)
	if !known {
		t.Errorf("%q can't be said in mmol/L", r.Because)
	}
	for _, want := range []string{"Bolus", because, "mmol/L", "2026-11-20.1", "bit for bit", "predicted_low"} {
		if !strings.Contains(card, want) {
			t.Errorf("the card lacks %q:\n%s", want, card)
		}
	}
	gone := runTitrate(t, "explain", r.ID, "--lake", lake, "--models", filepath.Join(dir, "none"))
	if gone.exit != 1 || !strings.Contains(gone.stderr, "2026-11-20.1") || !strings.Contains(gone.stdout, "Not reproduced") {
		t.Errorf("without its model: exit %d\n%s\n%s", gone.exit, gone.stdout, gone.stderr)
	}
	unknown := runTitrate(t, "explain", "0000", "--lake", lake, "--models", registry)
	if unknown.exit != 1 || !strings.Contains(unknown.stderr, "no recommendation 0000") {
		t.Errorf("of an unknown id: exit %d, %s", unknown.exit, unknown.stderr)
	}
}
