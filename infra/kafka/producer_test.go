package kafka

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// TestKeysGoWhereJavaPutsThem uses the vectors of Apache Kafka's own
// UtilsTest.testMurmur2, by DefaultPartitioner's rule: (hash & 0x7fffffff) % n.
func TestKeysGoWhereJavaPutsThem(t *testing.T) {
	t.Parallel()
	_, cfg := startBroker(t)
	const partitions = 50
	createTopic(t, cfg, Topic{Name: cfg.in("events"), Partitions: partitions})
	hashes := map[string]int32{
		"21":                         -973932308,
		"foobar":                     -790332482,
		"a-little-bit-long-string":   -985981536,
		"a-little-bit-longer-string": -1486304829,
		"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8": -58897971,
		"abc": 479470107,
	}
	p, err := NewProducer(cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer closeProducer(t, p)
	var msgs []Message
	for key := range hashes {
		msgs = append(msgs, Message{Topic: cfg.in("events"), Key: []byte(key)})
	}
	if err := p.Send(limit(t, 10*time.Second), msgs); err != nil {
		t.Fatal(err)
	}
	for _, r := range readAll(t, cfg, cfg.in("events")) {
		if want := (hashes[string(r.Key)] & 0x7fffffff) % partitions; r.Partition != want {
			t.Errorf("key %s is in partition %d, Java puts it into %d", r.Key, r.Partition, want)
		}
	}
}

func refuse(b *Broker, topic string, count int) {
	b.cluster.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Topic: topic, Err: kerr.TopicAuthorizationFailed, Count: count})
}

func TestSendSaysWhatWasNotWritten(t *testing.T) {
	t.Parallel()
	b, cfg := startEmbedded(t)
	createTopic(t, cfg, Topic{Name: cfg.in("events"), Partitions: 1})
	createTopic(t, cfg, Topic{Name: cfg.in("closed"), Partitions: 1})
	p, err := NewProducer(cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer closeProducer(t, p)
	refuse(b, cfg.in("closed"), -1)
	err = p.Send(limit(t, 10*time.Second), []Message{
		{Topic: cfg.in("events"), Value: []byte("0")}, {Topic: cfg.in("closed"), Value: []byte("x")}, {Topic: cfg.in("events"), Value: []byte("1")},
	})
	mustContain(t, err, "1 of 3 messages not written", "authorization")
	once(t, values(readAll(t, cfg, cfg.in("events"))), 2)
}

func TestSendEndsWithItsContext(t *testing.T) {
	t.Parallel()
	b, cfg := startEmbedded(t)
	createTopic(t, cfg, Topic{Name: cfg.in("events"), Partitions: 1})
	p, err := NewProducer(cfg)
	if err != nil {
		t.Fatal(err)
	}
	h := b.cluster.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Topic: cfg.in("events"), Err: kerr.NotEnoughReplicas, Count: -1})
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	err = p.Send(ctx, []Message{{Topic: cfg.in("events"), Value: []byte("0")}})
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error %v", err)
	}
	mustContain(t, err, "not all acknowledged")
	h.Remove() // the client retries, and Close waits for it
	closeProducer(t, p)
	once(t, values(readAll(t, cfg, cfg.in("events"))), 1)
}

func TestFlushCountsWhatWasNotWritten(t *testing.T) {
	t.Parallel()
	b, cfg := startEmbedded(t)
	createTopic(t, cfg, Topic{Name: cfg.in("events"), Partitions: 1})
	createTopic(t, cfg, Topic{Name: cfg.in("closed"), Partitions: 1})
	p, err := NewProducer(cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer closeProducer(t, p)
	refuse(b, cfg.in("closed"), -1)
	for i := range 100 {
		if err := p.Enqueue(t.Context(), Message{Topic: cfg.in("events"), Value: fmt.Append(nil, i)}); err != nil {
			t.Fatal(err)
		}
	}
	if err := p.Enqueue(t.Context(), Message{Topic: cfg.in("closed")}); err != nil {
		t.Fatal(err)
	}
	mustContain(t, p.Flush(limit(t, 10*time.Second)), "1 messages not written", "authorization")
	if err := p.Flush(limit(t, 10*time.Second)); err != nil {
		t.Errorf("failures are counted twice: %v", err)
	}
	once(t, values(readAll(t, cfg, cfg.in("events"))), 100)
}

// TestRetriedProduceIsWrittenOnce has the broker write a batch and then say
// that it timed out, so that the client sends it again.
func TestRetriedProduceIsWrittenOnce(t *testing.T) {
	t.Parallel()
	b, cfg := startEmbedded(t)
	createTopic(t, cfg, Topic{Name: cfg.in("events"), Partitions: 1})
	h := b.cluster.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Topic: cfg.in("events"), Err: kerr.RequestTimedOut, Count: 2})
	send(t, cfg, cfg.in("events"), 3, 0, 100)
	if h.Hits() == 0 {
		t.Error("the fault hit nothing: this test shows nothing")
	}
	once(t, values(readAll(t, cfg, cfg.in("events"))), 100)
}

func TestAFullQueueWaitsAndLosesNothing(t *testing.T) {
	t.Parallel()
	_, cfg := startBroker(t)
	cfg.Properties["queue.buffering.max.messages"] = "100"
	createTopic(t, cfg, Topic{Name: cfg.in("events"), Partitions: 1})
	p, err := NewProducer(cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer closeProducer(t, p)
	for i := range 5000 {
		if err := p.Enqueue(t.Context(), Message{Topic: cfg.in("events"), Value: fmt.Append(nil, i)}); err != nil {
			t.Fatal(err)
		}
	}
	if err := p.Flush(limit(t, 20*time.Second)); err != nil {
		t.Fatal(err)
	}
	once(t, values(readAll(t, cfg, cfg.in("events"))), 5000)
}
