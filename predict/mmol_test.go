package predict_test

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/titrate/titrate/predict"
)

// TestSentencesInMmol: the examples are written by hand; the page's test reads them, too.
func TestSentencesInMmol(t *testing.T) {
	text, err := os.ReadFile("../testdata/mmol/examples.tsv")
	if err != nil {
		t.Fatal(err)
	}
	examples := strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
	if len(examples) < 15 {
		t.Fatalf("%d examples", len(examples))
	}
	for _, line := range examples {
		recorded, want, ok := strings.Cut(line, "\t")
		if !ok {
			t.Fatalf("no tab in %q", line)
		}
		if got, known := predict.InUnit(predict.MmolPerL, recorded); got != want || known != (want != "") {
			t.Errorf("%s\ngot  %s (%t)\nwant %s", recorded, got, known, want)
		}
		if got, known := predict.InUnit(predict.MgPerDL, recorded); got != recorded || !known {
			t.Errorf("for who reads mg/dL %q is %q (%t)", recorded, got, known)
		}
	}
}

// TestRecordedSentencesInMmol: each sentence and note of the golden answers is known, none keeps
// a number in mg/dL, only glucose changes, and the page says it in the same words: its test
// compares with the same file.
func TestRecordedSentencesInMmol(t *testing.T) {
	files, err := filepath.Glob("../testdata/scenarios/*.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	var recorded []string
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		s := predict.NewScorer(modelOf(text))
		for n, line := range bytes.Split(bytes.TrimSpace(text), []byte("\n")) {
			for _, r := range apply(s, int64(n), line).Recommendations {
				recorded = append(recorded, r.Because)
				for _, g := range r.Gates {
					recorded = append(recorded, g.Note)
				}
			}
		}
	}
	slices.Sort(recorded)
	recorded = slices.Compact(recorded)
	if len(recorded) < 400 {
		t.Fatalf("only %d sentences", len(recorded))
	}
	others := regexp.MustCompile(`[\d.]+ (?:U|g|min|h|%)(?:[^\w/]|$)`)
	var out strings.Builder
	for _, s := range recorded {
		said, known := predict.InUnit(predict.MmolPerL, s)
		if !known || strings.Contains(said, predict.MgPerDL) {
			t.Errorf("%s\nis said as %q (%t)", s, said, known)
		}
		if want, got := others.FindAllString(s, -1), others.FindAllString(said, -1); !slices.Equal(got, want) {
			t.Errorf("%s\nhas %q, and said in mmol/L %q", s, want, got)
		}
		out.WriteString(s + "\t" + said + "\n")
	}
	compare(t, "../testdata/mmol/scenarios.golden", []byte(out.String()))
}
