package main

import (
	"bytes"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestADrainThatIsInterruptedIsNoSuccess: what a script does next would be done with a part of
// the log. The next run goes on, and nothing is lost or doubled.
func TestADrainThatIsInterruptedIsNoSuccess(t *testing.T) {
	cfg := startBroker(t)
	lake := filepath.Join(t.TempDir(), "lake")
	must(t, "simulate", "--brokers", cfg.Brokers, "--patients", "6", "--days", "14")
	args := []string{"ingest", "--brokers", cfg.Brokers, "--lake", lake, "--drain", "--rotate-rows", "500"}
	cmd := titrate(t, args...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(time.Millisecond) {
		// Once something is stored, and long before all is.
		if files, _ := filepath.Glob(filepath.Join(lake, "raw", "*", "*.parquet")); len(files) > 0 {
			break
		}
	}
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	if exit := cmd.ProcessState.ExitCode(); exit != exitInterrupted || !strings.Contains(stderr.String(), "titrate: interrupted") ||
		!strings.Contains(stderr.String(), "goes on") {
		t.Errorf("exit %d: %s", exit, stderr.String())
	}
	must(t, args...)
	if out := must(t, "verify", "--lake", lake, "--brokers", cfg.Brokers).stdout; !strings.Contains(out, "every offset is accounted for once") {
		t.Error(out)
	}
}
