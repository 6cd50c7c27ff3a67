package main

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/titrate/titrate/infra/kafka"
	"github.com/titrate/titrate/infra/s3/s3test"
)

// TestReplayCommand repairs what a sender forgot: the events are in the lake once,
// and the lake balances with the log.
func TestReplayCommand(t *testing.T) {
	t.Run("directory", func(t *testing.T) { replayed(t, filepath.Join(t.TempDir(), "lake")) })
	t.Run("S3", func(t *testing.T) { replayed(t, "s3://lake/replayed?endpoint="+s3test.Start(t)) })
}

func replayed(t *testing.T, lake string) {
	cfg := startBroker(t)
	must(t, "ingest", "--brokers", cfg.Brokers, "--lake", lake, "--drain") // makes the topics
	var messages []kafka.Message
	for i := range 20 {
		patient := fmt.Sprintf("p-%d", i%3)
		messages = append(messages, kafka.Message{Topic: topicEvents, Key: []byte(patient), Value: fmt.Appendf(nil,
			`{"type":"glucose","patient":%q,"time":%q,"value":%d,"source":"cgm"}`,
			patient, time.Now().Add(-time.Duration(i)*5*time.Minute).UTC().Format(time.RFC3339), 100+i)})
	}
	send(t, cfg, messages...)
	ingest := []string{"ingest", "--brokers", cfg.Brokers, "--lake", lake, "--drain"}
	if got := summary[counts](t, must(t, ingest...)); got.Quarantined != 20 {
		t.Fatalf("%+v", got)
	}
	again := []string{"replay", "--quarantine", "--brokers", cfg.Brokers, "--lake", lake,
		"--where", "list_contains(codes, 'unit_missing')", "--set", `unit="mg/dL"`}
	type sent struct {
		Selected, Sent, Before int
	}
	if got := summary[sent](t, must(t, append(again, "--dry-run")...)); got != (sent{20, 20, 0}) {
		t.Errorf("dry run: %+v", got)
	}
	for n, want := range []sent{{20, 20, 0}, {20, 0, 20}} {
		if got := summary[sent](t, must(t, again...)); got != want {
			t.Errorf("replay %d: %+v, want %+v", n+1, got, want)
		}
	}
	if got := summary[counts](t, must(t, ingest...)); got.Accepted+got.Late != 20 || got.Read != 20 {
		t.Errorf("after the replay the lake took %+v", got)
	}
	if out := must(t, "verify", "--lake", lake, "--brokers", cfg.Brokers).stdout; !strings.Contains(out, "accounted for once") {
		t.Error(out)
	}
	if r := runTitrate(t, "replay", "--lake", lake); r.exit != 2 || !strings.Contains(r.stderr, "--quarantine") {
		t.Errorf("exit %d: %s", r.exit, r.stderr)
	}
}
