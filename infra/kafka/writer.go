package kafka

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
)

// writer is a transactional producer.
type writer struct {
	client *kafka.Producer
	id     string
	served chan struct{} // closed when the client's events are read to their end
}

// errLost says that the partitions were taken away before the commit.
var errLost = errors.New("kafka: assignment lost before the commit")

// openWriter makes a producer and ends what a predecessor of the same id left
// open. That one, if it still runs, is fenced from here on.
func openWriter(ctx context.Context, cfg Config, id string) (*writer, error) {
	client, err := kafka.NewProducer(cfg.client(producing, kafka.ConfigMap{
		"acks":                   "all",
		"enable.idempotence":     true,
		"partitioner":            "murmur2_random",
		"transactional.id":       id,
		"transaction.timeout.ms": transactionMs,
		"go.delivery.reports":    false, // the commit tells
		"linger.ms":              0,     // somebody waits, and the commit flushes
	}))
	if err != nil {
		return nil, fmt.Errorf("kafka: %w", err)
	}
	w := &writer{client: client, id: id, served: make(chan struct{})}
	go func() {
		defer close(w.served)
		for range client.Events() { // the library stalls if nobody reads them
		}
	}()
	ctx, cancel := context.WithTimeout(ctx, commitGrace)
	defer cancel()
	if err := again(ctx, func() error { return client.InitTransactions(ctx) }); err != nil {
		w.close()
		return nil, w.explain("begin transactions", err)
	}
	return w, nil
}

// begin begins a transaction, which ends with commit or abort.
func (w *writer) begin() error {
	return w.explain("begin transaction", w.client.BeginTransaction())
}

func (w *writer) commit(ctx context.Context) error {
	err := again(ctx, func() error { return w.client.CommitTransaction(ctx) })
	return w.explain("commit transaction", err)
}

// write adds a record to the transaction, waiting while the queue is full.
func (w *writer) write(ctx context.Context, out Out, partition int32) error {
	msg := message(Message{Topic: out.Topic, Key: out.Key, Value: out.Value, Headers: out.Headers})
	msg.TopicPartition.Partition = partition
	for {
		err := w.client.Produce(msg, nil)
		var e kafka.Error
		if !errors.As(err, &e) || e.Code() != kafka.ErrQueueFull {
			return w.explain("produce to "+out.Topic, err)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Millisecond):
		}
	}
}

// consumed adds the consumer's offsets to the transaction.
func (w *writer) consumed(ctx context.Context, offsets []kafka.TopicPartition, consumer *kafka.Consumer) error {
	member, err := consumer.GetConsumerGroupMetadata()
	if err != nil {
		return fmt.Errorf("kafka: group metadata: %w", err)
	}
	add := func() error { return w.client.SendOffsetsToTransaction(ctx, offsets, member) }
	err = again(ctx, add)
	if e, is := errors.AsType[kafka.Error](err); is && e.Code() == kafka.ErrState {
		// The transaction failed while the offsets were under way. Asked once more, the
		// library says of what.
		err = again(ctx, add)
	}
	return w.explain("add offsets to transaction", err)
}

// abort undoes the transaction.
func (w *writer) abort(ctx context.Context) error {
	err := again(ctx, func() error { return w.client.AbortTransaction(ctx) })
	return w.explain("abort transaction", err)
}

func (w *writer) close() {
	w.client.Close()
	<-w.served
}

// again repeats what the library says may be repeated.
func again(ctx context.Context, fn func() error) error {
	for {
		err := fn()
		var e kafka.Error
		if err == nil || !errors.As(err, &e) || !e.IsRetriable() {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// explain says what a fatal error means to who runs the job.
func (w *writer) explain(doing string, err error) error {
	if err == nil {
		return nil
	}
	if fencing(err) {
		return fmt.Errorf("kafka: %s: another process has taken over transactional id %q: give each its own: %w", doing, w.id, err)
	}
	return fmt.Errorf("kafka: %s: %w", doing, err)
}

// broken reports whether this client will never write again.
func (w *writer) broken() bool { return w.client.GetFatalError() != nil }

// fenced reports whether that is because another process has its id now.
func (w *writer) fenced() bool { return fencing(w.client.GetFatalError()) }

func fencing(err error) bool {
	var e kafka.Error
	if !errors.As(err, &e) {
		return false
	}
	switch e.Code() {
	case kafka.ErrFenced, kafka.ErrProducerFenced, kafka.ErrInvalidProducerEpoch:
		return true
	}
	return false
}
