package kafka

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/titrate/titrate/ingest"
)

// payload is as long as a glucose event.
var payload = []byte(`{"type":"glucose","patient":"p-0007","time":"2026-11-21T08:05:00Z","value":143,"unit":"mg/dL","source":"cgm","device":"g7-8842"}`)

// fill enqueues n events of 20 people.
func fill(b *testing.B, p *Producer, n int) {
	b.Helper()
	for i := range n {
		m := Message{Topic: "events", Key: fmt.Appendf(nil, "p-%04d", i%20), Value: payload}
		if err := p.Enqueue(b.Context(), m); err != nil {
			b.Fatal(err)
		}
	}
	if err := p.Flush(b.Context()); err != nil {
		b.Fatal(err)
	}
}

func benchProducer(b *testing.B, dir string) (Config, *Producer) {
	b.Helper()
	_, cfg := startBrokerAt(b, BrokerConfig{Dir: dir})
	createTopic(b, cfg, Topic{Name: "events", Partitions: 6})
	createTopic(b, cfg, Topic{Name: "people", Partitions: 6, Compacted: true})
	createTopic(b, cfg, Topic{Name: "answers", Partitions: 6})
	p, err := NewProducer(cfg)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { closeProducer(b, p) })
	return cfg, p
}

// BenchmarkEnqueue is one acknowledged event on a disk-backed broker.
func BenchmarkEnqueue(b *testing.B) {
	_, p := benchProducer(b, b.TempDir())
	fill(b, p, 1)
	b.ResetTimer()
	fill(b, p, b.N)
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
}

// discard is a sink that takes everything and stores nothing.
type discard struct{ n int }

func (d *discard) Assign(context.Context, ingest.Partition) (ingest.Start, error) {
	return ingest.Start{}, nil
}
func (d *discard) Revoke(ingest.Partition)                                {}
func (d *discard) Append(_ context.Context, r []ingest.Record) error      { d.n += len(r); return nil }
func (d *discard) Flush(context.Context, bool) ([]ingest.Position, error) { return nil, nil }

// BenchmarkFetch is one event read from a disk-backed broker.
func BenchmarkFetch(b *testing.B) {
	cfg, p := benchProducer(b, b.TempDir())
	fill(b, p, b.N)
	sink := &discard{}
	src, err := OpenSource(cfg, []string{"events"}, "lake", sink)
	if err != nil {
		b.Fatal(err)
	}
	defer src.Close()
	first, err := src.Fetch(b.Context()) // joining the group is not what is measured
	if err != nil {
		b.Fatal(err)
	}
	b.ResetTimer()
	if !first.CaughtUp {
		if err := ingest.Run(b.Context(), src, sink, ingest.Options{Drain: true}); err != nil {
			b.Fatal(err)
		}
	}
	b.StopTimer()
	if sink.n+len(first.Records) != b.N {
		b.Fatalf("%d records, want %d", sink.n+len(first.Records), b.N)
	}
	b.ReportMetric(float64(sink.n)/b.Elapsed().Seconds(), "events/s")
}

// BenchmarkTransform is the way of a single event through an idle job: sent,
// applied, committed, readable by a tail.
func BenchmarkTransform(b *testing.B) {
	cfg, p := benchProducer(b, b.TempDir())
	ctx, cancel := context.WithCancel(b.Context())
	ready, answered, ended := make(chan struct{}), make(chan struct{}), make(chan error, 2)
	tc := TransformConfig{Config: cfg, Group: "scorer", Input: "events", State: "people", TransactionalID: "s", OnReady: func() { close(ready) }}
	go func() { ended <- Transform(ctx, tc, fresh) }()
	<-ready
	go func() {
		ended <- Tail(ctx, cfg, TailConfig{Topics: []string{"answers"}, OnRecord: func(ingest.Record) { answered <- struct{}{} }})
	}()
	var took []time.Duration
	b.ResetTimer()
	for i := range b.N {
		begin := time.Now()
		if err := p.Send(ctx, []Message{{Topic: "events", Key: fmt.Appendf(nil, "p-%04d", i%20), Value: payload}}); err != nil {
			b.Fatal(err)
		}
		<-answered
		took = append(took, time.Since(begin))
	}
	b.StopTimer()
	cancel()
	for range 2 {
		if err := <-ended; err != nil {
			b.Error(err)
		}
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
}
