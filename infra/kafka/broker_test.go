package kafka

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"runtime/pprof"
	"strings"
	"testing"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
	"github.com/titrate/titrate/ingest"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"
)

func topicIDs(t *testing.T, cfg Config, names ...string) map[string]string {
	t.Helper()
	admin, err := kafka.NewAdminClient(cfg.client(kafka.ConfigMap{}, kafka.ConfigMap{}))
	if err != nil {
		t.Fatal(err)
	}
	defer admin.Close()
	topics, err := describe(limit(t, 10*time.Second), admin, names...)
	if err != nil {
		t.Fatal(err)
	}
	ids := map[string]string{}
	for name, topic := range topics {
		ids[name] = fmt.Sprint(topic.id, len(topic.slots))
	}
	return ids
}

// TestRestartedBrokerHasEverything closes a disk-backed broker in the middle of
// a job and starts another one on the directory, at another port.
func TestRestartedBrokerHasEverything(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	b, err := StartBroker(BrokerConfig{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	cfg := Config{Brokers: b.Addr(), Properties: quick}
	tc := transformTopics(t, cfg, 2)
	j := startJob(t, tc, fresh)
	send(t, cfg, cfg.in("events"), 7, 0, 300)
	answers(t, cfg, 300)
	j.stop(t)
	ids := topicIDs(t, cfg, cfg.in("events"), cfg.in("people"), cfg.in("answers"))
	leaveOpen(t, cfg)
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}

	_, cfg = startBrokerAt(t, BrokerConfig{Dir: dir})
	tc.Config = cfg
	if now := topicIDs(t, cfg, cfg.in("events"), cfg.in("people"), cfg.in("answers")); !maps.Equal(ids, now) {
		t.Errorf("topics were %v and are %v", ids, now)
	}
	once(t, values(readAll(t, cfg, cfg.in("events"))), 300)
	j = startJob(t, tc, fresh)
	j.waitReady(t)
	send(t, cfg, cfg.in("events"), 7, 300, 100)
	compare(t, answers(t, cfg, 400), uninterrupted(7, 400))
	j.stop(t)
}

// leaveOpen leaves a transaction with output that is never to be read, under
// the job's transactional id: the next one must be able to end it.
func leaveOpen(t *testing.T, cfg Config) {
	t.Helper()
	ctx := limit(t, 10*time.Second)
	w, err := openWriter(ctx, cfg, cfg.in("scorer-1"))
	if err != nil {
		t.Fatal(err)
	}
	defer w.close()
	if err := w.client.BeginTransaction(); err != nil {
		t.Fatal(err)
	}
	if err := w.write(ctx, Out{Topic: cfg.in("answers"), Key: []byte("k"), Value: []byte("never")}, 0); err != nil {
		t.Fatal(err)
	}
	if left := w.client.Flush(5000); left > 0 {
		t.Fatalf("%d messages not written", left)
	}
}

// TestKilledBrokerHasWhatItAcknowledged kills the broker's process, so that
// nothing is written at its end.
func TestKilledBrokerHasWhatItAcknowledged(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	cmd := exec.Command(os.Args[0], "-test.run=^TestBrokerProcess$")
	cmd.Env = append(os.Environ(), "TITRATE_TEST_BROKER="+dir)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var addr string
	if _, err := fmt.Fscanln(out, &addr); err != nil {
		t.Fatal(err)
	}
	cfg := Config{Brokers: addr, Properties: quick}
	tc := transformTopics(t, cfg, 2)
	j := startJob(t, tc, fresh)
	send(t, cfg, cfg.in("events"), 7, 0, 300)
	answers(t, cfg, 300)
	j.stop(t)
	ids := topicIDs(t, cfg, cfg.in("events"), cfg.in("people"), cfg.in("answers"))
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // "signal: killed"

	_, cfg = startBrokerAt(t, BrokerConfig{Dir: dir})
	tc.Config = cfg
	if now := topicIDs(t, cfg, cfg.in("events"), cfg.in("people"), cfg.in("answers")); !maps.Equal(ids, now) {
		t.Errorf("topics were %v and are %v", ids, now)
	}
	j = startJob(t, tc, fresh)
	send(t, cfg, cfg.in("events"), 7, 300, 100)
	compare(t, answers(t, cfg, 400), uninterrupted(7, 400))
	j.stop(t)
}

// TestBrokerProcess is the process that TestKilledBrokerHasWhatItAcknowledged kills.
func TestBrokerProcess(t *testing.T) {
	dir := os.Getenv("TITRATE_TEST_BROKER")
	if dir == "" {
		t.Skip("runs only inside TestKilledBrokerHasWhatItAcknowledged")
	}
	b, err := StartBroker(BrokerConfig{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	fmt.Println(b.Addr())
	time.Sleep(time.Minute)
}

func TestDirectoryHasOneBroker(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	startBrokerAt(t, BrokerConfig{Dir: dir})
	_, err := StartBroker(BrokerConfig{Dir: dir})
	mustContain(t, err, dir, "in use by another process")
}

func TestTakenPortIsAnError(t *testing.T) {
	t.Parallel()
	b, _ := startEmbedded(t)
	_, err := StartBroker(BrokerConfig{Listen: b.Addr()})
	mustContain(t, err, b.Addr(), "in use")
}

func TestTopicsAreCreatedOnce(t *testing.T) {
	t.Parallel()
	b, cfg := startEmbedded(t)
	for range 2 {
		createTopic(t, cfg, Topic{Name: cfg.in("people"), Partitions: 3, Compacted: true, LogAppendTime: true})
	}
	if got := topicIDs(t, cfg, cfg.in("people"))[cfg.in("people")]; !strings.HasSuffix(got, "3") {
		t.Errorf("topic is %s, want three partitions", got)
	}
	b.cluster.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.CreateTopics}, Topic: cfg.in("forbidden"), Err: kerr.PolicyViolation})
	err := CreateTopics(limit(t, 10*time.Second), cfg, []Topic{{Name: cfg.in("forbidden"), Partitions: 1}})
	mustContain(t, err, "create topic "+cfg.in("forbidden"), "olicy")
}

// TestStampedBatchesSurviveARestart reads LogAppendTime records back from disk,
// where a wrong checksum would make them vanish.
func TestStampedBatchesSurviveARestart(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	b, err := StartBroker(BrokerConfig{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	cfg := Config{Brokers: b.Addr(), Properties: map[string]string{"check.crcs": "true"}}
	createTopic(t, cfg, Topic{Name: cfg.in("events"), Partitions: 1, LogAppendTime: true})
	begin := time.Now().Add(-time.Second)
	for i := range 5 {
		sendAt(t, cfg, begin.Add(time.Duration(i-500)*time.Hour), i*100, 100)
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	_, cfg2 := startBrokerAt(t, BrokerConfig{Dir: dir})
	cfg.Brokers = cfg2.Brokers
	got := readAll(t, cfg, cfg.in("events"))
	once(t, values(got), 500)
	for i, r := range got {
		if r.Seen.Before(begin) || i > 0 && r.Seen.Before(got[i-1].Seen) || r.Offset != int64(i) {
			t.Fatalf("record %d has offset %d and log time %v", i, r.Offset, r.Seen)
		}
	}
}

// TestEveryCloseWaits runs everything once and looks for goroutines of ours, or
// of the client library, that outlived their owners.
func TestEveryCloseWaits(t *testing.T) {
	b, err := StartBroker(BrokerConfig{})
	if err != nil {
		t.Fatal(err)
	}
	cfg := Config{Brokers: b.Addr(), Properties: quick}
	tc := transformTopics(t, cfg, 2)
	j := startJob(t, tc, fresh)
	send(t, cfg, cfg.in("events"), 7, 0, 50)
	answers(t, cfg, 50)
	if err := ingestAll(t, cfg, newStored()); err != nil {
		t.Fatal(err)
	}
	j.stop(t)
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	var stacks bytes.Buffer
	waitFor(t, func() bool {
		stacks.Reset()
		if err := pprof.Lookup("goroutine").WriteTo(&stacks, 1); err != nil {
			t.Fatal(err)
		}
		return !strings.Contains(stacks.String(), "confluent-kafka-go") && !strings.Contains(stacks.String(), "kfake.")
	})
}

func TestTailBeginsAtATime(t *testing.T) {
	t.Parallel()
	_, cfg := startBroker(t)
	createTopic(t, cfg, Topic{Name: cfg.in("events"), Partitions: 2})
	long := time.Now().Add(-24 * time.Hour).Truncate(time.Millisecond)
	sendAt(t, cfg, long, 0, 20)
	sendAt(t, cfg, long.Add(2*time.Hour), 20, 20)
	ctx, cancel := context.WithCancel(limit(t, 20*time.Second))
	defer cancel()
	var got []string
	err := Tail(ctx, cfg, TailConfig{Topics: []string{cfg.in("events")}, Since: long.Add(time.Hour),
		OnRecord: func(r ingest.Record) {
			if got = append(got, string(r.Value)); len(got) == 21 {
				cancel()
			}
		},
		OnCaughtUp: func() {
			if len(got) != 20 {
				t.Errorf("caught up after %d records, want 20", len(got))
			}
			sendAt(t, cfg, time.Now(), 40, 1) // and what comes afterwards
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 21 || got[20] != "40" {
		t.Errorf("got %v", got)
	}
}

func TestTailOfNothingNewWaits(t *testing.T) {
	t.Parallel()
	_, cfg := startBroker(t)
	createTopic(t, cfg, Topic{Name: cfg.in("events"), Partitions: 1})
	send(t, cfg, cfg.in("events"), 1, 0, 5)
	ctx, cancel := context.WithCancel(limit(t, 20*time.Second))
	defer cancel()
	err := Tail(ctx, cfg, TailConfig{Topics: []string{cfg.in("events")}, Since: time.Now().Add(time.Hour),
		OnRecord: func(r ingest.Record) {
			if string(r.Value) != "5" {
				t.Errorf("got %s, which is older", r.Value)
			}
			cancel()
		},
		OnCaughtUp: func() { send(t, cfg, cfg.in("events"), 1, 5, 1) },
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestOldRecordsDoNotExpire: the log of virtual people, or of somebody's history, is
// weeks old when it is written.
func TestOldRecordsDoNotExpire(t *testing.T) {
	t.Parallel()
	b, err := StartBroker(BrokerConfig{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.Close() })
	cfg := Config{Brokers: b.Addr(), Properties: quick}
	transformTopics(t, cfg, 1)
	sendAt(t, cfg, time.Now().Add(-21*24*time.Hour), 0, 50)
	b.cluster.ApplyRetention() // as the broker does each hour
	if got := readAll(t, cfg, cfg.in("events")); len(got) != 50 {
		t.Errorf("%d of 50 records are left", len(got))
	}
}
