package cleanse

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/titrate/titrate/ingest"
)

// scenarioLine is one line of a scenario: what the log took and when. Payload is for
// what JSON can't carry as an event.
type scenarioLine struct {
	Seen    time.Time       `json:"seen"`
	Key     string          `json:"key"`
	Event   json.RawMessage `json:"event"`
	Payload string          `json:"payload"`
}

// TestScenarios cleans each testdata/*.jsonl as one partition and compares the
// verdicts, line by line, with the .golden beside it.
func TestScenarios(t *testing.T) {
	files, err := filepath.Glob("testdata/*.jsonl")
	if err != nil || len(files) == 0 {
		t.Fatalf("scenarios: %v, %d found", err, len(files))
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			golden(t, strings.TrimSuffix(file, ".jsonl")+".golden", play(t, file))
		})
	}
}

// play is the text of the verdicts on a scenario's messages.
func play(t *testing.T, file string) []byte {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	c := New()
	for i, line := range strings.Split(strings.TrimSpace(string(text)), "\n") {
		var l scenarioLine
		if err := json.Unmarshal([]byte(line), &l); err != nil {
			t.Fatalf("%s line %d: %v", file, i+1, err)
		}
		rec := ingest.Record{Offset: int64(i), Seen: l.Seen, Key: []byte(l.Key), Value: l.Event}
		if l.Payload != "" {
			rec.Value = []byte(l.Payload)
		}
		describe(&out, c.Clean(rec))
	}
	return out.Bytes()
}

var outcomeNames = map[Outcome]string{Accepted: "accepted", Quarantined: "quarantined", Duplicate: "duplicate", Late: "late"}

// describe writes a verdict as a line for the outcome, and one for each reason.
func describe(out *bytes.Buffer, v Verdict) {
	fmt.Fprintln(out, strings.TrimSpace(outcomeNames[v.Outcome]+" "+summary(&v.Event)))
	for _, r := range v.Reasons {
		fmt.Fprintf(out, "    %s: %s: %s\n", r.Field, r.Code, r.Note)
	}
}

// summary is an event's kind, time and part.
func summary(e *Event) string {
	parts := map[Kind]any{Glucose: e.Glucose, Meal: e.Meal, Insulin: e.Insulin, Profile: e.Profile,
		Response: e.Response, Activity: e.Activity, Note: e.Note}
	if e.Kind == 0 {
		return ""
	}
	part := parts[e.Kind]
	if e.Kind == Profile {
		part = *e.Profile
	}
	return fmt.Sprintf("%s %s %s %+v", e.Kind, e.Patient, e.At.Format(time.RFC3339Nano), part)
}

// golden compares got with a file, or rewrites the file with -update.
func golden(t *testing.T, file string, got []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v (run go test ./cleanse -update, and read the diff)", err)
	}
	if bytes.Equal(got, want) {
		return
	}
	gotLines, wantLines := strings.Split(string(got), "\n"), strings.Split(string(want), "\n")
	for i := range min(len(gotLines), len(wantLines)) {
		if gotLines[i] != wantLines[i] {
			t.Fatalf("%s line %d:\n got %s\nwant %s", file, i+1, gotLines[i], wantLines[i])
		}
	}
	t.Fatalf("%s has %d lines, want %d", file, len(wantLines), len(gotLines))
}
