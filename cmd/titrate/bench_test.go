package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/titrate/titrate/infra/kafka"
	"github.com/titrate/titrate/ingest/device"
)

// BenchmarkIngest drains the lives of 10,000 virtual people from the embedded
// broker into a directory lake, raw table and all, with default settings.
// Producing them is not counted. The broker and the program are processes of their
// own, on one machine. There are two ceilings in the same run, processes too that read
// the same messages and drop them: each-polled one by one by the client library's Poll, as
// programs that use it do, and polled by the thousand, as this one does (docs/adr/0010).
//
// TITRATE_BENCH_EVENTS says how many events (5,000,000); TITRATE_BENCH_LOG is a
// directory where the log is kept for the next run.
func BenchmarkIngest(b *testing.B) {
	events := 5_000_000
	if text := os.Getenv("TITRATE_BENCH_EVENTS"); text != "" {
		var err error
		if events, err = strconv.Atoi(text); err != nil {
			b.Fatalf("TITRATE_BENCH_EVENTS: %v", err)
		}
	}
	broker := brokerApart(b, eventLog(b, events, 10_000))
	benchmarkIngest(b, broker, int64(events))
}

// BenchmarkIngestStudy is the same for the ten people of t1d-uom: few people, and
// hundreds of days.
func BenchmarkIngestStudy(b *testing.B) {
	broker := brokerApart(b, b.TempDir())
	benchmarkIngest(b, broker, produceStudy(b, broker.Config))
}

func benchmarkIngest(b *testing.B, broker apart, events int64) {
	var t totals
	b.ResetTimer()
	for range b.N {
		t.each += dropping(b, neighbour(b, roleEach, fmt.Sprint(broker.Brokers, " ", events)))
		t.polled += dropping(b, neighbour(b, rolePoll, broker.Brokers))
		t.drain(b, broker, events)
	}
	n := float64(events) * float64(b.N)
	b.ReportMetric(n/t.seconds, "events/s")
	b.ReportMetric(n/t.polled, "polled/s")
	b.ReportMetric(t.polled/t.seconds, "of-ceiling")
	b.ReportMetric(n/t.each, "each-polled/s")
	b.ReportMetric(t.each/t.seconds, "of-each-polled")
	b.ReportMetric(t.cpu.Seconds()/n*1e6, "cpu-s/Mevents")
	b.ReportMetric(t.broker.Seconds()/n*1e6, "broker-cpu-s/Mevents")
	b.ReportMetric(t.memory, "peak-MB")
	b.ReportMetric(float64(t.last.Files), "files")
	b.ReportMetric(float64(t.last.Bytes)/float64(events), "B/event")
	b.ReportMetric(0, "ns/op")
}

// totals add up what runs took.
type totals struct {
	polled, each, seconds float64
	cpu, broker           time.Duration // of the job, and of the broker meanwhile
	memory                float64       // the largest, MB
	last                  counts
}

// drain runs the job as a user does, into a new lake.
func (t *totals) drain(b *testing.B, broker apart, events int64) {
	b.Helper()
	name, err := binary()
	if err != nil {
		b.Fatal(err)
	}
	before := broker.cpu(b)
	cmd := exec.Command(name, "ingest", "--drain", "--brokers", broker.Brokers, "--lake", b.TempDir(),
		"--group", "bench-"+time.Now().String())
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		b.Fatalf("ingest: %v", err)
	}
	if err := json.Unmarshal(out, &t.last); err != nil {
		b.Fatal(err)
	}
	if t.last.Read != events {
		b.Fatalf("read %d of %d events", t.last.Read, events)
	}
	t.broker += broker.cpu(b) - before
	t.seconds += t.last.Seconds
	t.cpu += cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	t.memory = max(t.memory, float64(cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss)/1024)
}

// dropping is how many seconds a process took to read everything and drop it.
func dropping(b *testing.B, cmd *exec.Cmd) float64 {
	b.Helper()
	out, err := cmd.Output()
	if err != nil {
		b.Fatalf("poll: %v", err)
	}
	seconds, err := strconv.ParseFloat(strings.TrimSpace(string(out)), 64)
	if err != nil {
		b.Fatal(err)
	}
	return seconds
}

// produceStudy puts the study's events into the broker and counts them.
func produceStudy(b *testing.B, cfg kafka.Config) (n int64) {
	b.Helper()
	dir := shared(b, "t1d_uom")
	ctx := context.Background()
	if err := kafka.CreateTopics(ctx, cfg, topics(topicEvents, 12, true)); err != nil {
		b.Fatal(err)
	}
	producer, err := kafka.NewProducer(cfg)
	if err != nil {
		b.Fatal(err)
	}
	defer producer.Close()
	_, err = device.Read("t1d-uom", []string{dir}, device.Options{}, func(row device.Row) error {
		n++
		return producer.Enqueue(ctx, kafka.Message{Topic: topicEvents, Key: []byte(row.Key), Value: row.JSON})
	})
	if err == nil {
		err = producer.Flush(ctx)
	}
	if err != nil {
		b.Fatal(err)
	}
	return n
}
