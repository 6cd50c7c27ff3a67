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
	funnel   *funnel // nil: records come by Poll
	admin    *kafka.AdminClient
	pulse    pulse
	registry *Registry // may be nil
	// patience is how long nothing may come of what read waits for.
	patience time.Duration
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
		"socket.timeout.ms":          silence,
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
	return &reader{consumer: c, funnel: openFunnel(c), admin: admin, pulse: pulse{consumer: c, brokers: cfg.Brokers}, registry: cfg.Registry, patience: patience}, nil
}

// read passes every record of the stretches to fn, in offset order within each,
// and returns when all are read to their end. It fails if nothing comes for a minute: what
// is left may lie behind a transaction that nobody ends, and a job that waits for ever looks
// like one that has nothing to do.
func (r *reader) read(ctx context.Context, stretches []stretch, fn func(ingest.Record)) error {
	left := newProgress()
	rest := map[slot]*stretch{}
	for _, s := range stretches {
		if s.from < s.to {
			left.begin(s.at, s.from, s.to)
			rest[s.at] = &s
		}
	}
	if len(rest) == 0 {
		return nil
	}
	if err := r.assign(stretches); err != nil {
		return err
	}
	came := false
	for heard := time.Now(); !left.done(); {
		err := r.poll(ctx, func(rec ingest.Record) {
			at := slot{rec.Topic, rec.Partition}
			came = true
			if rest[at].take(rec.Offset) {
				fn(rec)
			}
			left.reach(at, rec.Offset+1)
		}, func(at slot, next int64) {
			came = true
			left.reach(at, next)
		})
		if err != nil {
			return err
		}
		if came {
			heard, came = time.Now(), false
		} else if time.Since(heard) > r.patience {
			return fmt.Errorf("kafka: nothing came for %v of what is left to read: %v (an open transaction may hold it back: kafka-transactions.sh finds those)",
				r.patience, left)
		}
	}
	if err := r.consumer.Unassign(); err != nil {
		return fmt.Errorf("kafka: unassign: %w", err)
	}
	return nil
}

// take reports whether the record at offset is the next of the stretch, and moves on behind
// it. One that a client hands over again, as it may when a partition's leader moves, isn't.
func (s *stretch) take(offset int64) bool {
	if s == nil || offset < s.from || offset >= s.to {
		return false
	}
	s.from = offset + 1
	return true
}

// assign starts reading the stretches that hold something, and nothing else.
//
// A partition joins the funnel twice. The library stops the assignment before in the
// background, and a stop that comes after the first join undoes it: the messages would
// come neither by the funnel nor by Poll, and whoever reads would wait for ever. All
// stops are over when Assign returns. The first join is for what comes before the second.
func (r *reader) assign(stretches []stretch) error {
	var starts []kafka.TopicPartition
	for _, s := range stretches {
		if s.from < s.to {
			starts = append(starts, s.at.at(s.from))
		}
	}
	r.join(starts)
	if err := r.consumer.Assign(starts); err != nil {
		return fmt.Errorf("kafka: assign: %w", err)
	}
	r.join(starts)
	return nil
}

func (r *reader) join(parts []kafka.TopicPartition) {
	if r.funnel == nil {
		return
	}
	for _, tp := range parts {
		r.funnel.join(slotOf(tp))
	}
}

// poll handles what there is, or nothing after a short while: records, and partitions
// that are read to where they end now.
func (r *reader) poll(ctx context.Context, fn func(ingest.Record), end func(slot, int64)) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if r.funnel == nil {
		return r.one(ctx, pollMs, fn, end)
	}
	if err := r.one(ctx, 0, fn, end); err != nil {
		return err
	}
	var failed error
	r.funnel.take(pollMs, funnelItems, func(rec ingest.Record) {
		if failed == nil {
			failed = r.pass(ctx, rec, fn)
		}
	}, func(at slot, code kafka.ErrorCode, offset int64, text string) {
		if code == kafka.ErrPartitionEOF {
			end(at, offset)
		} else if err := r.pulse.hear(kafka.NewError(code, text, false)); failed == nil {
			failed = err
		}
	})
	return failed
}

func (r *reader) pass(ctx context.Context, rec ingest.Record, fn func(ingest.Record)) error {
	if err := r.registry.Decode(ctx, &rec); err != nil {
		return err
	}
	fn(rec)
	return nil
}

// one handles one event of the client, or none after so long.
func (r *reader) one(ctx context.Context, waitMs int, fn func(ingest.Record), end func(slot, int64)) error {
	switch ev := r.consumer.Poll(waitMs).(type) {
	case *kafka.Message:
		return r.pass(ctx, record(ev), fn)
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
	if r.funnel != nil {
		r.funnel.close()
	}
	if err := r.consumer.Close(); err != nil {
		return fmt.Errorf("kafka: close reader: %w", err)
	}
	return nil
}
