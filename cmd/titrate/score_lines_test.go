package main

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// TestScoredLinesAreSummedUp: a job on a file ends with what came of its lines, on stdout if
// the answers are elsewhere and else on stderr.
func TestScoredLinesAreSummedUp(t *testing.T) {
	in := filepath.Join(t.TempDir(), "events.jsonl")
	lines := []string{
		`{"type":"glucose","patient":"p","time":"2026-11-01T08:00:00Z","value":62,"unit":"mg/dL","source":"cgm"}`,
		`{"type":"glucose","patient":"p","time":"2026-11-01T08:00:00Z","value":62,"unit":"mg/dL","source":"cgm"}`,
		`not JSON`,
	}
	if err := os.WriteFile(in, []byte(strings.Join(lines, "\n")), 0o644); err != nil {
		t.Fatal(err)
	}
	want := linesSummary{Lines: 3, Outcomes: map[string]int64{"accepted": 1, "duplicate": 1, "quarantined": 1}, Recommendations: 1}
	r := must(t, "score", "--model", "prior", "--in", in, "--out", in+".advice")
	if got := summary[linesSummary](t, r); !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
	r = must(t, "score", "--model", "prior", "--in", in)
	if strings.Contains(r.stdout, `"lines":3`) || !strings.Contains(r.stderr, `"lines":3`) {
		t.Errorf("answers on stdout, and the summary not beside them:\n%s\n%s", r.stdout, r.stderr)
	}
}
