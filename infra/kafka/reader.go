package kafka

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
	"github.com/titrate/titrate/ingest"
)

// reader reads stretches of the log outside any group's assignment. Only
// committed records are seen.
type reader struct {
	consumer *kafka.Consumer
	admin    *kafka.AdminClient
	pulse    pulse
	registry *Registry // may be nil
}

// stretch is the part [from, to) of a partition.
type stretch struct {
	at       slot
	from, to int64
}

// openReader makes a reader whose fetches wait so long for new records. The end
// of a partition whose last offset is a transaction marker is only noticed when
// such a wait is over.
func openReader(cfg Config, wait time.Duration) (*reader, error) {
	c, err := kafka.NewConsumer(cfg.client(kafka.ConfigMap{
		"fetch.wait.max.ms":          int(wait.Milliseconds()),
		"fetch.queue.backoff.ms":     5,
		"queued.min.messages":        200_000,
		"queued.max.messages.kbytes": 65_536,
	}, kafka.ConfigMap{
		"group.id":             "titrate-reader", // the library wants one; it is never joined
		"enable.auto.commit":   false,
		"auto.offset.reset":    "error",
		"isolation.level":      "read_committed",
		"enable.partition.eof": true,
	}))
	if err != nil {
		return nil, fmt.Errorf("kafka: %w", err)
	}
	admin, err := kafka.NewAdminClientFromConsumer(c)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("kafka: %w", err), c.Close())
	}
	return &reader{consumer: c, admin: admin, pulse: pulse{consumer: c, brokers: cfg.Brokers}, registry: cfg.Registry}, nil
}

// read passes every record of the stretches to fn, in offset order within each,
// and returns when all are read to their end.
func (r *reader) read(ctx context.Context, stretches []stretch, fn func(ingest.Record)) error {
	left := newProgress()
	ends := map[slot]int64{}
	for _, s := range stretches {
		if s.from < s.to {
			left.begin(s.at, s.from, s.to)
			ends[s.at] = s.to
		}
	}
	if len(ends) == 0 {
		return nil
	}
	if err := r.assign(stretches); err != nil {
		return err
	}
	for !left.done() {
		err := r.poll(ctx, func(rec ingest.Record) {
			at := slot{rec.Topic, rec.Partition}
			if rec.Offset < ends[at] {
				fn(rec)
			}
			left.reach(at, rec.Offset+1)
		}, left.reach)
		if err != nil {
			return err
		}
	}
	if err := r.consumer.Unassign(); err != nil {
		return fmt.Errorf("kafka: unassign: %w", err)
	}
	return nil
}

// assign starts reading the stretches that hold something, and nothing else.
func (r *reader) assign(stretches []stretch) error {
	var starts []kafka.TopicPartition
	for _, s := range stretches {
		if s.from < s.to {
			starts = append(starts, s.at.at(s.from))
		}
	}
	if err := r.consumer.Assign(starts); err != nil {
		return fmt.Errorf("kafka: assign: %w", err)
	}
	return nil
}

// poll handles one event, or none after a short while: a record, or a partition
// that is read to where it ends now.
func (r *reader) poll(ctx context.Context, fn func(ingest.Record), end func(slot, int64)) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	switch ev := r.consumer.Poll(pollMs).(type) {
	case *kafka.Message:
		rec := record(ev)
		if err := r.registry.Decode(ctx, &rec); err != nil {
			return err
		}
		fn(rec)
	case kafka.PartitionEOF:
		end(slotOf(kafka.TopicPartition(ev)), int64(ev.Offset))
	case kafka.Error:
		return r.pulse.hear(ev)
	case nil:
		return r.pulse.check()
	}
	return nil
}

func (r *reader) close() error {
	if err := r.consumer.Close(); err != nil {
		return fmt.Errorf("kafka: close reader: %w", err)
	}
	return nil
}
