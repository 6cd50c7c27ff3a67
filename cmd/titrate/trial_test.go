package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/titrate/titrate/ingest/simulate"
	"github.com/titrate/titrate/train/trial"
	"github.com/titrate/titrate/train/trial/detect"
)

func TestTrialComparesAndReports(t *testing.T) {
	file := filepath.Join(t.TempDir(), "trial.html")
	r := runTitrate(t, "trial", "--model", "prior", "--patients", "2", "--days", "1", "--seeds", "2",
		"--arms", "calculator-iob,titrate", "--report", file)
	if r.exit != 0 {
		t.Fatalf("exit %d: %s", r.exit, r.stderr)
	}
	got := summary[trial.Result](t, r)
	if got.People != 4 || len(got.Arms) != 2 || got.Model != "prior" || got.Reference != trial.ClinicIOB {
		t.Errorf("%+v", got)
	}
	page, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(page), "calculator-iob") {
		t.Error("the report knows no arms")
	}
}

func TestTrialRefusesWhatItDoesNotKnow(t *testing.T) {
	for name, c := range map[string]struct {
		args []string
		exit int
		says string
	}{
		"arm":       {[]string{"--arms", "pray"}, 2, "calculator-iob"},
		"cohort":    {[]string{"--cohort", "elves"}, 2, "adolescent"},
		"condition": {[]string{"--condition", "war"}, 2, "stress"},
		"days":      {[]string{"--days", "-1"}, 2, "--days"},
		"model":     {[]string{"--models", filepath.Join(t.TempDir(), "none")}, 1, "titrate train"},
	} {
		r := runTitrate(t, append([]string{"trial"}, c.args...)...)
		if r.exit != c.exit || !strings.Contains(r.stderr, c.says) {
			t.Errorf("%s: exit %d, %q; want %d and a mention of %q", name, r.exit, r.stderr, c.exit, c.says)
		}
	}
}

func TestTrialScoresTheRules(t *testing.T) {
	r := must(t, "trial", "rules", "--patients", "2", "--days", "3", "--faults", "duplicate")
	got := summary[detect.Result](t, r)
	if len(got.Faults) != len(simulate.Faults()) || got.Readings == 0 || !strings.Contains(r.stderr, "| `duplicate` | `duplicate` |") {
		t.Errorf("%+v\n%s", got, r.stderr)
	}
}
