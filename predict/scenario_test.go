package predict_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/titrate/titrate/cleanse"
	"github.com/titrate/titrate/ingest"
	"github.com/titrate/titrate/predict"
	"github.com/titrate/titrate/train"
)

var update = flag.Bool("update", false, "rewrite the golden answers")

// TestScenarios: wire events in, recommendations out. The golden answers are to be
// read, by somebody who would have to live with them.
func TestScenarios(t *testing.T) {
	files, err := filepath.Glob("../testdata/scenarios/*.jsonl")
	if err != nil || len(files) < 30 {
		t.Fatalf("found %d scenarios: %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".jsonl"), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			compare(t, strings.TrimSuffix(file, "jsonl")+"golden", play(text))
		})
	}
}

func compare(t *testing.T, golden string, got []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(golden, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("differs from %s; read the difference, then run with -update\n--- got\n%s--- want\n%s", golden, got, want)
	}
}

// play applies the lines and writes down what is said, in words.
func play(text []byte) []byte {
	var out bytes.Buffer
	s := predict.NewScorer(modelOf(text))
	for n, line := range bytes.Split(bytes.TrimSpace(text), []byte("\n")) {
		a := apply(s, int64(n), line)
		if a.Outcome != "accepted" {
			fmt.Fprintf(&out, "line %d %s %v\n", n, a.Outcome, a.Reasons)
		}
		for _, r := range a.Recommendations {
			write(&out, n, &r)
		}
	}
	return out.Bytes()
}

// modelOf is the model that a scenario's first line asks for; most ask for none.
func modelOf(text []byte) *train.Model {
	var first struct{ Model string }
	if json.NewDecoder(bytes.NewReader(text)).Decode(&first) == nil && first.Model == "adults" {
		return predict.LearnedFromAdults()
	}
	return train.Prior()
}

var words = map[cleanse.Outcome]string{
	cleanse.Accepted: "accepted", cleanse.Quarantined: "quarantined", cleanse.Duplicate: "duplicate", cleanse.Late: "late",
}

// apply is Line, but a line may say when the log took it ("seen").
func apply(s *predict.Scorer, n int64, line []byte) predict.Answer {
	var stamp struct {
		Seen    time.Time
		Patient string
	}
	if json.Unmarshal(line, &stamp) != nil || stamp.Seen.IsZero() {
		return s.Line(n, line)
	}
	rs, v := s.Apply(ingest.Record{Key: []byte(stamp.Patient), Value: line, Offset: n, Seen: stamp.Seen})
	return predict.Answer{Recommendations: rs, Outcome: words[v.Outcome], Reasons: v.Reasons}
}

func write(out *bytes.Buffer, n int, r *predict.Recommendation) {
	fmt.Fprintf(out, "line %d %s %s", n, r.Time.Format("15:04"), r.Kind)
	switch r.Kind {
	case predict.Bolus, predict.Correction:
		fmt.Fprintf(out, " %v U", r.Units)
	case predict.Carbs:
		fmt.Fprintf(out, " %v g", r.CarbsG)
	}
	if r.Alert != "" {
		fmt.Fprintf(out, " (alert %s)", r.Alert)
	}
	fmt.Fprintf(out, "\n  because %s\n", r.Because)
	for _, g := range r.Gates {
		if g.Outcome != predict.Pass {
			fmt.Fprintf(out, "  %s %s: %s\n", g.Outcome, g.ID, g.Note)
		}
	}
	fmt.Fprint(out, "  forecast")
	for _, p := range r.Forecast {
		if p.Minutes%60 == 0 || p.Minutes == 30 {
			fmt.Fprintf(out, " %d:%.0f", p.Minutes, p.P50)
		}
	}
	if r.Escalate {
		fmt.Fprint(out, "\n  escalate")
	}
	if r.Asks != "" {
		fmt.Fprintf(out, "\n  asks %s", r.Asks)
	}
	fmt.Fprintf(out, "\n  id %s", r.ID)
	if r.Supersedes != "" {
		fmt.Fprintf(out, " supersedes %s", r.Supersedes)
	}
	out.WriteByte('\n')
}
