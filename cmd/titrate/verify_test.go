package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/titrate/titrate/cleanse/lake/audit"
)

// TestVerifyCommand accounts for a lake with and without its log, and says no
// where a file is gone.
func TestVerifyCommand(t *testing.T) {
	broker := startBroker(t).Brokers
	dir := filepath.Join(t.TempDir(), "lake")
	must(t, "simulate", "--patients", "3", "--days", "3", "--seed", "1", "--brokers", broker)
	must(t, "ingest", "--brokers", broker, "--lake", dir, "--drain")
	for _, args := range [][]string{{"verify", "--lake", dir}, {"verify", "--lake", dir, "--brokers", broker}} {
		if out := must(t, args...).stdout; !strings.Contains(out, "every offset is accounted for once") {
			t.Errorf("%v:\n%s", args, out)
		}
	}
	files, err := filepath.Glob(filepath.Join(dir, "glucose", "*", "*.parquet"))
	if err != nil || len(files) == 0 {
		t.Fatal("no files", err)
	}
	if err := os.Remove(files[0]); err != nil {
		t.Fatal(err)
	}
	r := runTitrate(t, "verify", "--lake", dir, "--json")
	var report audit.Report
	if err := json.Unmarshal([]byte(r.stdout), &report); err != nil {
		t.Fatal(err)
	}
	if r.exit != 1 || report.Wrong == 0 {
		t.Errorf("code %d, %d differences, want 1 and some", r.exit, report.Wrong)
	}
}
