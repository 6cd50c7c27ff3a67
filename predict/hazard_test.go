package predict

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

const safetyFile = "../docs/safety.md"

// TestSafetyPage: docs/safety.md says what the code does. Run with -update to
// write it.
func TestSafetyPage(t *testing.T) {
	want := safetyPage()
	if flag.Lookup("update").Value.String() == "true" {
		if err := os.WriteFile(safetyFile, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(safetyFile)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Errorf("%s is not what the code says; run go test ./predict -run TestSafetyPage -update", safetyFile)
	}
}

// TestEveryHazardIsAnswered by a gate, by a rule elsewhere, or by a reason.
func TestEveryHazardIsAnswered(t *testing.T) {
	known := map[string]bool{}
	for i, h := range Hazards() {
		if h.ID != fmt.Sprintf("H%d", i+1) {
			t.Errorf("hazard %d is called %s", i+1, h.ID)
		}
		if h.Else == "" && len(gatesOf(h.ID)) == 0 {
			t.Errorf("%s, %s: nothing stands against it", h.ID, h.Name)
		}
		known[h.ID] = true
	}
	if len(known) != 26 {
		t.Errorf("%d hazards", len(known))
	}
	for _, r := range Gates() {
		for _, h := range r.Hazards {
			if !known[h] {
				t.Errorf("gate %s is against %s, which nobody knows", r.ID, h)
			}
		}
	}
}

// TestGatesAreInOrder: each has its own id, a stage, words and a source, and stages
// follow each other.
func TestGatesAreInOrder(t *testing.T) {
	stages := []string{"validate", "quality", "state", "formula", "forecast", "caps"}
	at, seen := 0, map[string]bool{}
	for _, r := range Gates() {
		i := slices.Index(stages, r.Stage)
		if i < at || seen[r.ID] || r.Says == "" || r.Source == "" || len(r.Hazards) == 0 {
			t.Errorf("gate %+v", r)
		}
		at, seen[r.ID] = i, true
	}
}

func gatesOf(hazard string) (ids []string) {
	for _, r := range Gates() {
		if slices.Contains(r.Hazards, hazard) {
			ids = append(ids, "`"+r.ID+"`")
		}
	}
	return ids
}

func safetyPage() string {
	var b strings.Builder
	b.WriteString(`# Safety

Written from the code (package predict) by its test; edit the code, then run ` + "`go test ./predict -run TestSafetyPage -update`" + `.
Titrate is a decision aid for research, not a medical device. Numbers that are called a proposal need clinical sign-off.

Every gate runs on every decision and reports pass, reduce or block, with its number. Insulin is advised only if none
blocks. Order: validate, quality, state, formula, model, forecast, caps, rounding down to the device's step.

## Gates

| gate | stage | against | what it does | source |
|---|---|---|---|---|
`)
	for _, r := range Gates() {
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s |\n", r.ID, r.Stage, strings.Join(r.Hazards, ", "), r.Says, r.Source)
	}
	b.WriteString("\n## Hazards\n\n| hazard | | gates | elsewhere, or why not |\n|---|---|---|---|\n")
	for _, h := range Hazards() {
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", h.ID, h.Name, strings.Join(gatesOf(h.ID), ", "), h.Else)
	}
	return b.String()
}
