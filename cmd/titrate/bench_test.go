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
	"github.com/titrate/titrate/ingest/simulate"
)

// BenchmarkIngestStudy drains the events of the ten t1d-uom people from the embedded
// broker into a directory lake, raw table and all, with default settings. The
// program runs as its own process; the broker shares the machine with it. Polled
// is the ceiling in the same run: the same client reads the same messages and
// drops them.
func BenchmarkIngestStudy(b *testing.B) { benchmarkIngest(b, produceStudy) }

// BenchmarkIngestPeople is the same for two days of 1,500 virtual people, which is
// nearer to what a service sees: many people and few dates, so few and large files.
func BenchmarkIngestPeople(b *testing.B) { benchmarkIngest(b, producePeople) }

func benchmarkIngest(b *testing.B, produce func(*testing.B, kafka.Config) int64) {
	cfg := startBroker(b)
	events := produce(b, cfg)
	var seconds, polled, memory, cpu float64
	var files int
	b.ResetTimer()
	for range b.N {
		polled += poll(b, cfg)
		cmd, summary := drain(b, cfg, b.TempDir())
		if summary.Read != events {
			b.Fatalf("read %d of %d events", summary.Read, events)
		}
		seconds += summary.Seconds
		files = summary.Files
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
	b.ReportMetric(float64(files), "files")
	b.ReportMetric(0, "ns/op")
}

// produceStudy puts the study's events into the broker and counts them.
func produceStudy(b *testing.B, cfg kafka.Config) int64 {
	b.Helper()
	dir := shared(b, "t1d_uom")
	return produce(b, cfg, func(put func(kafka.Message) error) error {
		_, err := device.Read("t1d-uom", []string{dir}, device.Options{}, func(row device.Row) error {
			return put(kafka.Message{Key: []byte(row.Key), Value: row.JSON})
		})
		return err
	})
}

func producePeople(b *testing.B, cfg kafka.Config) int64 {
	b.Helper()
	start := time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
	people, err := simulate.People(simulate.Options{Patients: 1500, Seed: 1, Start: start, Cohort: "mixed"})
	if err != nil {
		b.Fatal(err)
	}
	return produce(b, cfg, func(put func(kafka.Message) error) error {
		_, err := makeHistory(context.Background(), people, start, start.AddDate(0, 0, 2), put, func(int) {})
		return err
	})
}

// produce makes the topic, puts into it what events gives, and counts it.
func produce(b *testing.B, cfg kafka.Config, events func(put func(kafka.Message) error) error) (n int64) {
	b.Helper()
	ctx := context.Background()
	if err := kafka.CreateTopics(ctx, cfg, topics(topicEvents, 12, true)); err != nil {
		b.Fatal(err)
	}
	producer, err := kafka.NewProducer(cfg)
	if err != nil {
		b.Fatal(err)
	}
	defer producer.Close()
	err = events(func(m kafka.Message) error {
		n++
		m.Topic = topicEvents
		return producer.Enqueue(ctx, m)
	})
	if err == nil {
		err = producer.Flush(ctx)
	}
	if err != nil {
		b.Fatal(err)
	}
	return n
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

func (*dropped) Assign(context.Context, ingest.Partition) (ingest.Start, error) {
	return ingest.Start{}, nil
}
func (*dropped) Revoke(ingest.Partition)                                {}
func (*dropped) Append(context.Context, []ingest.Record) error          { return nil }
func (*dropped) Flush(context.Context, bool) ([]ingest.Position, error) { return nil, nil }
