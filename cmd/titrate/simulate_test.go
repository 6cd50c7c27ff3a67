package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/titrate/titrate/ingest"
	"github.com/titrate/titrate/ingest/simulate"
)

const lifeUntil = "2026-11-21T00:00:00Z"

func TestSimulateSameSeedSameBytes(t *testing.T) {
	args := []string{"simulate", "--patients", "3", "--days", "2", "--seed", "5", "--faults", "all", "--until", lifeUntil}
	events := func(procs string, args ...string) string {
		cmd := titrate(t, args...)
		cmd.Env = append(os.Environ(), "GOMAXPROCS="+procs)
		return finish(t, cmd).stdout
	}
	first := events("1", args...)
	if strings.Count(first, "\n") < 3*2*280 {
		t.Fatalf("only %d events", strings.Count(first, "\n"))
	}
	if again := events("4", args...); again != first {
		t.Error("the same seed gives other bytes on more cores")
	}
	if fewer := events("1", append(args, "--patients", "1")...); !strings.HasPrefix(first, fewer) || fewer == "" {
		t.Error("the first person depends on how many there are")
	}
	if other := events("1", append(args, "--seed", "6")...); other == first {
		t.Error("another seed gives the same bytes")
	}
}

func TestSimulateTellsTheTruthBesideTheStream(t *testing.T) {
	dir := t.TempDir()
	events, truth := filepath.Join(dir, "events.jsonl"), filepath.Join(dir, "truth.jsonl")
	r := must(t, "simulate", "--patients", "4", "--days", "7", "--faults", "all", "--until", lifeUntil, "--out", events, "--truth", truth)
	values := map[string]float64{}
	for _, w := range jsonLines[ingest.Wire](t, events) {
		if w.Type == "glucose" {
			values[w.ID] = *w.Value
		}
	}
	seen := map[string]int{}
	until, err := time.Parse(time.RFC3339, lifeUntil)
	if err != nil {
		t.Fatal(err)
	}
	truths := jsonLines[simulate.Truth](t, truth)
	for _, what := range truths {
		seen[what.Fault]++
		if what.ID == "" || what.Sent.After(until) {
			continue
		}
		if shown, sent := values[what.ID]; !sent || shown != what.Reported {
			t.Fatalf("%+v: the stream has %v", what, shown)
		}
	}
	for _, fault := range simulate.Faults() {
		if seen[fault] == 0 {
			t.Errorf("nothing told of %s", fault)
		}
	}
	if got := summary[struct{ Truths int }](t, r); got.Truths != len(truths) {
		t.Errorf("%d told, the summary has %d", len(truths), got.Truths)
	}
}

func TestSimulateToKafka(t *testing.T) {
	cfg := startBroker(t)
	sent := summary[struct{ Events int64 }](t, must(t, "simulate", "--patients", "2", "--days", "2", "--brokers", cfg.Brokers))
	got := summary[counts](t, must(t, "ingest", "--brokers", cfg.Brokers, "--lake", filepath.Join(t.TempDir(), "lake"), "--drain"))
	if sent.Events == 0 || got.Accepted != sent.Events || got.Read != sent.Events {
		t.Errorf("sent %+v, ingested %+v", sent, got)
	}
}

// By the clock people live the same lives, transmit when it happens, and stop at
// a signal without an error.
func TestSimulateByTheClock(t *testing.T) {
	args := []string{"simulate", "--patients", "2", "--days", "1", "--until", lifeUntil}
	cmd := titrate(t, append(args, "--speed", "3600")...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	time.Sleep(3 * time.Second) // of 24
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Fatalf("%v: %s", err, stderr.String())
	}
	history := must(t, args...).stdout
	for _, patient := range []string{"p-0001", "p-0002"} {
		lived, all := linesOf(stdout.String(), patient), linesOf(history, patient)
		if len(lived) < 5 || len(lived) >= len(all) || !slices.Equal(lived, all[:len(lived)]) {
			t.Errorf("%s: %d events by the clock are not the first of %d", patient, len(lived), len(all))
		}
	}
	if strings.Contains(stdout.String(), "backfill") {
		t.Error("life by the clock is declared as history")
	}
}

// linesOf are the events of one person, without the mark of declared history.
func linesOf(text, patient string) (found []string) {
	for line := range strings.Lines(text) {
		if strings.Contains(line, `"patient":"`+patient+`"`) {
			found = append(found, strings.Replace(line, `,"backfill":true`, "", 1))
		}
	}
	return found
}

func jsonLines[T any](t *testing.T, name string) (all []T) {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	for line := range bytes.Lines(text) {
		var v T
		if err := json.Unmarshal(line, &v); err != nil {
			t.Fatalf("%s: %v: %s", name, err, line)
		}
		all = append(all, v)
	}
	return all
}
