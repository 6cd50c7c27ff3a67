package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var shellBlock = regexp.MustCompile("(?s)```sh\n(.*?)```")

// TestReadmeCommandsRun runs each block of the README as it stands, one after the
// other in one directory; only the broker's address is another.
func TestReadmeCommandsRun(t *testing.T) {
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	name, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	blocks := shellBlock.FindAllStringSubmatch(string(text), -1)
	if len(blocks) < 2 {
		t.Fatalf("README has %d shell blocks: the test looks for something else", len(blocks))
	}
	cfg := startBroker(t)
	dir := t.TempDir()
	for _, block := range blocks {
		script := strings.ReplaceAll(block[1], "localhost:9092", cfg.Brokers)
		// Jobs of the background get a moment to fail, and are then stopped.
		script += "\nfor job in $(jobs -p); do sleep 2; kill -TERM $job; wait $job; done\n"
		cmd := exec.CommandContext(t.Context(), "bash", "-euo", "pipefail", "-c", script)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "PATH="+filepath.Dir(name)+":"+os.Getenv("PATH"), "TITRATE_LISTEN=127.0.0.1:0")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("README's commands: %v\n%s\n%s", err, script, out)
		}
	}
	for _, made := range []string{"lake/glucose", "models", "events.jsonl", "advice.jsonl"} {
		if _, err := os.Stat(filepath.Join(dir, made)); err != nil {
			t.Errorf("the README's commands made no %s", made)
		}
	}
}

// TestReadmeTargetsExist holds the two commands of the first screen to the
// Makefile; make demo itself is run by TestUp, make test by CI.
func TestReadmeTargetsExist(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, target := range regexp.MustCompile(`make (\w+)`).FindAllStringSubmatch(string(readme), -1) {
		if out, err := exec.Command("make", "-C", "../..", "-n", target[1]).CombinedOutput(); err != nil {
			t.Errorf("make %s: %v\n%s", target[1], err, out)
		}
	}
}
