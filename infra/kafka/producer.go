package kafka

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
	"github.com/titrate/titrate/ingest"
)

// Message is a record to be. Its partition is the key's murmur2 hash, as Java
// clients compute it: whoever produces, one patient stays in one partition.
type Message struct {
	Topic   string
	Key     []byte
	Value   []byte
	Seen    time.Time // zero: now; a topic with LogAppendTime takes the broker's clock anyway
	Headers []ingest.Header
}

// closeGrace is how long Close waits for acknowledgements.
const closeGrace = 30 * time.Second

// Producer writes records that every replica has acknowledged, each once and in
// order per key, whatever is retried on the way. It is safe for concurrent use.
type Producer struct {
	client  *kafka.Producer
	reports chan struct{} // closed when all delivery reports are read

	mu       sync.Mutex
	changed  *sync.Cond // a report arrived, or a wait is over
	inFlight int        // enqueued, not yet reported
	failed   int        // enqueued and refused since the last Flush
	failure  error      // the first of those
}

// NewProducer connects to the brokers of cfg, or fails if none answers.
func NewProducer(cfg Config) (*Producer, error) {
	if err := reach(cfg); err != nil {
		return nil, err
	}
	client, err := kafka.NewProducer(cfg.client(producing, kafka.ConfigMap{
		"acks":               "all",
		"enable.idempotence": true,
		"partitioner":        "murmur2_random",
		// Delivery reports name the topic; key and value would be copies for nothing.
		"go.delivery.reports":       true,
		"go.delivery.report.fields": "none",
	}))
	if err != nil {
		return nil, fmt.Errorf("kafka: %w", err)
	}
	p := &Producer{client: client, reports: make(chan struct{})}
	p.changed = sync.NewCond(&p.mu)
	go p.listen()
	return p, nil
}

// producing is tuning that every producer shares. The library's own channels
// would take 24 MB each.
var producing = kafka.ConfigMap{
	"linger.ms":                    1,
	"batch.size":                   512 << 10,
	"compression.type":             "lz4",
	"queue.buffering.max.messages": 200_000,
	"queue.buffering.max.kbytes":   128 << 10,
	"go.events.channel.size":       10_000,
	"go.produce.channel.size":      1,
}

// delivery collects the reports of one Send.
type delivery struct {
	wait   sync.WaitGroup
	mu     sync.Mutex
	failed int
	first  error
}

func (d *delivery) report(err error) {
	if err != nil {
		d.mu.Lock()
		d.failed++
		if d.first == nil {
			d.first = err
		}
		d.mu.Unlock()
	}
	d.wait.Done()
}

// Send produces all of msgs and waits until each is acknowledged. An error says
// how many were not; those may have been written all the same if ctx ended
// first, so whoever sends again should give events an id.
func (p *Producer) Send(ctx context.Context, msgs []Message) error {
	d := &delivery{}
	for i, m := range msgs {
		d.wait.Add(1)
		if err := p.produce(ctx, m, d); err != nil {
			d.wait.Done()
			return fmt.Errorf("kafka: produce message %d of %d to %s: %w", i+1, len(msgs), m.Topic, err)
		}
	}
	if err := d.settle(ctx); err != nil {
		return fmt.Errorf("kafka: produce %d messages: not all acknowledged: %w", len(msgs), err)
	}
	if d.failed > 0 {
		return fmt.Errorf("kafka: %d of %d messages not written: %w", d.failed, len(msgs), d.first)
	}
	return nil
}

// settle waits for all reports. When ctx ends first the waiting goroutine stays
// until the client has reported, which message.timeout.ms bounds and Close awaits.
func (d *delivery) settle(ctx context.Context) error {
	all := make(chan struct{})
	go func() { d.wait.Wait(); close(all) }()
	select {
	case <-all:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Enqueue hands m over without waiting for its acknowledgement; Flush tells
// what became of it. A full queue makes it wait, never drop.
func (p *Producer) Enqueue(ctx context.Context, m Message) error {
	p.mu.Lock()
	p.inFlight++
	p.mu.Unlock()
	if err := p.produce(ctx, m, nil); err != nil {
		p.settled(nil)
		return fmt.Errorf("kafka: produce to %s: %w", m.Topic, err)
	}
	return nil
}

// produce gives m to the client, waiting while its queue is full.
func (p *Producer) produce(ctx context.Context, m Message, d *delivery) error {
	msg := message(m)
	if d != nil {
		msg.Opaque = d
	}
	for {
		err := p.client.Produce(msg, nil)
		var e kafka.Error
		if !errors.As(err, &e) || e.Code() != kafka.ErrQueueFull {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Millisecond):
		}
	}
}

func message(m Message) *kafka.Message {
	msg := &kafka.Message{
		TopicPartition: kafka.TopicPartition{Topic: &m.Topic, Partition: kafka.PartitionAny},
		Key:            m.Key, Value: m.Value, Timestamp: m.Seen,
	}
	for _, h := range m.Headers {
		msg.Headers = append(msg.Headers, kafka.Header{Key: h.Key, Value: h.Value})
	}
	return msg
}

// Flush waits until everything enqueued is acknowledged. An error says how many
// since the last Flush were not written, and why the first was not.
func (p *Producer) Flush(ctx context.Context) error {
	stop := context.AfterFunc(ctx, func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.changed.Broadcast()
	})
	defer stop()
	p.mu.Lock()
	defer p.mu.Unlock()
	for p.inFlight > 0 && ctx.Err() == nil {
		p.changed.Wait()
	}
	failed, failure := p.failed, p.failure
	p.failed, p.failure = 0, nil
	if failed > 0 {
		return fmt.Errorf("kafka: %d messages not written: %w", failed, failure)
	}
	if p.inFlight > 0 {
		return fmt.Errorf("kafka: %d messages not yet acknowledged: %w", p.inFlight, ctx.Err())
	}
	return nil
}

// listen reads delivery reports until the client is closed.
func (p *Producer) listen() {
	defer close(p.reports)
	for ev := range p.client.Events() {
		m, ok := ev.(*kafka.Message)
		if !ok {
			continue
		}
		if d, ok := m.Opaque.(*delivery); ok {
			d.report(m.TopicPartition.Error)
			continue
		}
		p.settled(m.TopicPartition.Error)
	}
}

func (p *Producer) settled(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.inFlight--
	if err != nil {
		p.failed++
		if p.failure == nil {
			p.failure = err
		}
	}
	if p.inFlight == 0 {
		p.changed.Broadcast()
	}
}

// Close flushes, waits for the acknowledgements and frees the client. What
// could not be written in half a minute is an error.
func (p *Producer) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), closeGrace)
	defer cancel()
	err := p.Flush(ctx)
	if left := p.client.Flush(int(closeGrace.Milliseconds())); left > 0 && err == nil {
		err = fmt.Errorf("kafka: %d messages not acknowledged", left)
	}
	p.client.Close()
	<-p.reports
	return err
}
