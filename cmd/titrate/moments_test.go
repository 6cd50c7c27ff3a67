package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/titrate/titrate/predict"
)

// someMoments is a file of definitions: every meal is one.
func someMoments(t *testing.T) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "moments.yaml")
	if err := os.WriteFile(file, []byte(`moments: [{name: eats, on: meal, when: "glucose_mgdl > 0", says: a meal}]`), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// TestMomentsAreStored: what a scorer tells stands in the lake, and the accounts hold.
func TestMomentsAreStored(t *testing.T) {
	cfg := startBroker(t)
	must(t, "control", "status", "--brokers", cfg.Brokers) // makes the topics
	told := follow(t, cfg, topicMoments)
	scorer := start(t, "score", "--brokers", cfg.Brokers, "--model", "prior", "--moments", someMoments(t))
	send(t, cfg, morning("p-1", time.Now())...)
	m := next[predict.Moment](t, told)
	scorer.stop(t)
	lake := filepath.Join(t.TempDir(), "lake")
	must(t, "ingest", "--brokers", cfg.Brokers, "--lake", lake, "--drain")
	rows := ask(t, lake, "select m.id, m.name, m.says, carbs_g from moments m join meals on (m.event_partition, m.event_offset) = (meals.kafka_partition, meals.kafka_offset)")
	if want := fmt.Sprintf(`[{"carbs_g":45,"id":%q,"name":"eats","says":"a meal"}]`, m.ID); rows != want {
		t.Errorf("moments in the lake: %s, want %s", rows, want)
	}
	must(t, "verify", "--lake", lake, "--brokers", cfg.Brokers)
	must(t, "compact", "--lake", lake)
}

// TestMomentsAreReadAgain: a changed file takes effect, a bad one doesn't, and a good
// one after it does.
func TestMomentsAreReadAgain(t *testing.T) {
	file := filepath.Join(t.TempDir(), "moments.yaml")
	write := func(text string) {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(`moments: [{name: a, on: day, when: "true", says: x}]`)
	c := &charge{}
	first, err := readMoments(file)
	if err != nil {
		t.Fatal(err)
	}
	c.standing.Store(&standing{moments: first})
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- c.watchMoments(ctx, file, time.Millisecond) }()
	changed := func(from *predict.Moments, within time.Duration) bool {
		for end := time.Now().Add(within); time.Now().Before(end); time.Sleep(time.Millisecond) {
			if c.standing.Load().moments != from {
				return true
			}
		}
		return false
	}
	time.Sleep(20 * time.Millisecond) // it has seen the first
	write(`moments: [{name: a, on: never, when: "true", says: x}]`)
	if changed(first, 100*time.Millisecond) {
		t.Error("a bad file was put in place")
	}
	write(`moments: [{name: b, on: day, when: "true", says: y}]`)
	if !changed(first, 10*time.Second) {
		t.Error("a good file was not read")
	}
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// TestBacktestOfHistory: imports are declared history, which makes no moments live; a coach
// who asks for it is told when they would have come up.
func TestBacktestOfHistory(t *testing.T) {
	cfg := startBroker(t)
	lake := filepath.Join(t.TempDir(), "lake")
	must(t, "simulate", "--brokers", cfg.Brokers, "--patients", "1", "--days", "2")
	must(t, "ingest", "--brokers", cfg.Brokers, "--lake", lake, "--drain")
	file := someMoments(t)
	if r := must(t, "moments", "backtest", "--lake", lake, "--moments", file); r.stdout != "" || !strings.Contains(r.stderr, "--history") {
		t.Errorf("told %q, said %q", r.stdout, r.stderr)
	}
	if r := must(t, "moments", "backtest", "--lake", lake, "--moments", file, "--history"); strings.Count(r.stdout, `"name":"eats"`) < 4 {
		t.Errorf("of two days of meals it told %s", r.stdout)
	}
}
