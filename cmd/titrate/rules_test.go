package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// An operator sees the rules, changes them, is told what that changes, and jobs go
// by them.
func TestRulesAreListedCheckedAndObeyed(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	good := write("rules.yaml", "rules:\n  carbs_range: {high: 40}\n  flat_line: {action: ignore, because: a study}\n"+
		"add:\n  - {id: night_snack, on: meal, broken_if: 'meal == \"snack\"', action: quarantine}\nerror_if:\n  - {outcome: quarantined, above: 0.5}\n")
	bad := write("bad.yaml", "rules:\n  carbs_range: {high: 4000}\n  cgm_low: {action: ignore}\n")
	meal := write("meal.jsonl", `{"type":"meal","patient":"p","time":"2026-11-21T08:10:00Z","carbs_g":45}`+"\n")

	var list struct {
		Version string
		Rules   []struct{ ID, Action string }
	}
	if err := json.Unmarshal([]byte(runTitrate(t, "rules", "--json", "--rules", good).stdout), &list); err != nil || len(list.Rules) < 80 || !strings.Contains(list.Version, "+") {
		t.Errorf("rules --json: %v, %d rules, version %s", err, len(list.Rules), list.Version)
	}
	for _, c := range []struct {
		args []string
		exit int
		says []string
	}{
		{[]string{"rules"}, 0, []string{"compression_low", "H5", "unit_slip"}},
		{[]string{"rules", "--rules", good, "--markdown"}, 0, []string{"## Added by the operator", "`night_snack`"}},
		{[]string{"lint", good}, 0, []string{"adds night_snack (quarantine", "changes carbs_range", "switches off flat_line, against hazard H4, because a study", "more than 50 %", "rules "}},
		{[]string{"lint", bad}, 1, []string{"line 2: high of carbs_range", "line 3: \"ignore\" isn't possible"}},
		{[]string{"lint"}, 2, []string{"lint --help"}},
		{[]string{"lint", dir + "/none.yaml"}, 1, []string{"none.yaml"}},
		{[]string{"score", "--model", "prior", "--rules", bad, "--in", meal}, 2, []string{"--rules", "line 2"}},
		{[]string{"score", "--model", "prior", "--rules", good, "--in", meal, "--each"}, 0, []string{"carbs_range"}},
		{[]string{"score", "--model", "prior", "--in", meal, "--each"}, 0, []string{`"n":1`}},
	} {
		r := runTitrate(t, c.args...)
		if r.exit != c.exit {
			t.Errorf("%v: exit %d, want %d: %s", c.args, r.exit, c.exit, r.stderr)
		}
		for _, word := range c.says {
			if !strings.Contains(r.stdout+r.stderr, word) {
				t.Errorf("%v doesn't say %q:\n%s%s", c.args, word, r.stdout, r.stderr)
			}
		}
	}
	if r := runTitrate(t, "score", "--model", "prior", "--in", meal, "--each"); strings.Contains(r.stdout, "carbs_range") {
		t.Errorf("45 g are refused by the standard rules: %s", r.stdout)
	}
}
