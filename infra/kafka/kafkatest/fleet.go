// Package kafkatest has clients for benchmarks of jobs on a log.
package kafkatest

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/titrate/titrate/infra/kafka"
	"github.com/twmb/franz-go/pkg/kgo"
)

// Fleet produces as a fleet does whose clients put the records of all partitions into
// one request to their broker, as Java's client does, too. [kafka.Producer] sends a
// request a partition: with twelve of them and 10,000 events a second more than 3,000 a
// second, which keep a broker and a load that share processors with the job under test
// busier than the job.
type Fleet struct {
	client  *kgo.Client
	settled func(kafka.Message)

	mu      sync.Mutex
	failure error // the first since the last Flush
}

// OpenFleet makes a fleet that waits so long for more records before it sends some. It
// calls settled with each message that the log has acknowledged.
func OpenFleet(cfg kafka.Config, linger time.Duration, settled func(kafka.Message)) (*Fleet, error) {
	client, err := kgo.NewClient(kgo.SeedBrokers(cfg.Brokers), kgo.ProducerLinger(linger),
		kgo.ProducerBatchCompression(kgo.NoCompression()), // of one record there is nothing to compress
		kgo.MaxBufferedRecords(100_000))
	if err != nil {
		return nil, fmt.Errorf("fleet: %w", err)
	}
	return &Fleet{client: client, settled: settled}, nil
}

// Enqueue hands m over, waiting while too much is under way. Flush tells what became of it.
func (f *Fleet) Enqueue(ctx context.Context, m kafka.Message) error {
	r := &kgo.Record{Topic: m.Topic, Key: m.Key, Value: m.Value, Timestamp: m.Seen}
	for _, h := range m.Headers {
		r.Headers = append(r.Headers, kgo.RecordHeader{Key: h.Key, Value: h.Value})
	}
	f.client.Produce(ctx, r, func(_ *kgo.Record, err error) { f.settle(m, err) })
	return nil
}

func (f *Fleet) settle(m kafka.Message, err error) {
	if err == nil {
		f.settled(m)
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.failure == nil {
		f.failure = err
	}
}

// Flush waits until everything is acknowledged, and returns the first refusal since it
// was last called.
func (f *Fleet) Flush(ctx context.Context) error {
	if err := f.client.Flush(ctx); err != nil {
		return fmt.Errorf("fleet: %w", err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	err := f.failure
	f.failure = nil
	return err
}

// Close drops what is not sent.
func (f *Fleet) Close() { f.client.Close() }
