package main

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/titrate/titrate/infra/kafka"
	"github.com/titrate/titrate/ingest"
	"github.com/titrate/titrate/ingest/device"
)

// BenchmarkIngest drains the events of the ten t1d-uom people from the embedded
// broker into a directory lake, raw table and all, with default settings. The
// program runs as its own process; the broker shares the machine with it. Polled
// is the ceiling in the same run: the same client reads the same messages and
// drops them.
func BenchmarkIngest(b *testing.B) {
	cfg := startBroker(b)
	events := produceStudy(b, cfg)
	var seconds, polled, memory, cpu float64
	for range b.N {
		polled += poll(b, cfg)
		cmd, summary := drain(b, cfg, b.TempDir())
		if summary.Read != events {
			b.Fatalf("read %d of %d events", summary.Read, events)
		}
		seconds += summary.Seconds
		usage := cmd.SysUsage().(*syscall.Rusage)
		memory = max(memory, float64(usage.Maxrss)/1024)
		cpu += (cmd.UserTime() + cmd.SystemTime()).Seconds()
	}
	n := float64(events) * float64(b.N)
	b.ReportMetric(n/seconds, "events/s")
	b.ReportMetric(n/polled, "polled/s")
	b.ReportMetric(polled/seconds, "of-ceiling")
	b.ReportMetric(cpu/n*1e6, "cpu-s/Mevents")
	b.ReportMetric(memory, "peak-MB")
	b.ReportMetric(0, "ns/op")
}

// produceStudy puts the study's events into the broker and counts them.
func produceStudy(b *testing.B, cfg kafka.Config) (events int64) {
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
		events++
		return producer.Enqueue(ctx, kafka.Message{Topic: topicEvents, Key: []byte(row.Key), Value: row.JSON})
	})
	if err == nil {
		err = producer.Flush(ctx)
	}
	if err != nil {
		b.Fatal(err)
	}
	return events
}

// drain runs the job as a user does, into a new lake.
func drain(b *testing.B, cfg kafka.Config, lake string) (*os.ProcessState, counts) {
	b.Helper()
	name, err := binary()
	if err != nil {
		b.Fatal(err)
	}
	cmd := exec.Command(name, "ingest", "--drain", "--brokers", cfg.Brokers, "--lake", lake, "--group", filepath.Base(lake)+time.Now().String())
	out, err := cmd.Output()
	if err != nil {
		b.Fatalf("ingest: %v", err)
	}
	var s counts
	if err := json.Unmarshal(out, &s); err != nil {
		b.Fatal(err)
	}
	return cmd.ProcessState, s
}

// poll reads everything once and drops it; it returns the seconds that took.
func poll(b *testing.B, cfg kafka.Config) float64 {
	b.Helper()
	source, err := kafka.OpenSource(cfg, []string{topicEvents}, "poll-"+time.Now().String(), &dropped{})
	if err != nil {
		b.Fatal(err)
	}
	begun := time.Now()
	if err := ingest.Run(context.Background(), source, &dropped{}, ingest.Options{Drain: true}); err != nil {
		b.Fatal(err)
	}
	took := time.Since(begun).Seconds()
	if err := source.Close(); err != nil {
		b.Fatal(err)
	}
	return took
}

// dropped is a sink that keeps nothing.
type dropped struct{}

func (*dropped) Assign(context.Context, ingest.Partition) (int64, error) { return 0, nil }
func (*dropped) Revoke(ingest.Partition)                                 {}
func (*dropped) Append(context.Context, []ingest.Record) error           { return nil }
func (*dropped) Flush(context.Context, bool) ([]ingest.Position, error)  { return nil, nil }
