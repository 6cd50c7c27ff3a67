package kafka

import (
	"fmt"
	"slices"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
	"github.com/titrate/titrate/ingest"
)

// rebalance is called by the client library from inside Poll. It must answer
// every event with an incremental (un)assign, also after an error: otherwise
// the library assigns by itself, at the group's committed offsets.
func (s *Source) rebalance(_ *kafka.Consumer, ev kafka.Event) error {
	var err error
	switch ev := ev.(type) {
	case kafka.AssignedPartitions:
		err = s.assign(ev.Partitions)
	case kafka.RevokedPartitions:
		err = s.revoke(ev.Partitions)
	}
	if err != nil && s.failure == nil {
		s.failure = err
	}
	return nil
}

// assign asks the sink where to start each new partition, and starts there.
func (s *Source) assign(parts []kafka.TopicPartition) error {
	var starts []kafka.TopicPartition
	var err error
	if !s.closing && s.failure == nil {
		slots := make([]slot, len(parts))
		for i, tp := range parts {
			slots[i] = slotOf(tp)
		}
		starts, err = s.starts(slots)
	}
	if err != nil {
		starts = nil
	}
	if e := s.consumer.IncrementalAssign(starts); e != nil && err == nil {
		err = fmt.Errorf("kafka: assign: %w", e)
	}
	return err
}

// starts are where the sink wants partitions to be read from, as many as it can say
// now: at the first outage of its store the rest is put off.
func (s *Source) starts(slots []slot) ([]kafka.TopicPartition, error) {
	if len(slots) == 0 {
		return nil, nil
	}
	var names []string
	for _, at := range slots {
		names = append(names, at.topic)
	}
	slices.Sort(names)
	topics, err := describe(s.ctx, s.admin, slices.Compact(names)...)
	if err != nil {
		return nil, err
	}
	low, end, err := bounds(s.ctx, s.admin, slots, kafka.IsolationLevelReadCommitted)
	if err != nil {
		return nil, err
	}
	starts := make([]kafka.TopicPartition, len(slots))
	for i, at := range slots {
		p := ingest.Partition{Topic: at.topic, TopicID: topics[at.topic].id, Number: at.number}
		start, err := s.start(p, low[at], end[at])
		if ingest.Passes(err) {
			s.want(slots[i:], err)
			return starts[:i], nil
		}
		if err != nil {
			return nil, err
		}
		s.owned[at] = p.TopicID
		s.progress.begin(at, start, end[at])
		if s.funnel != nil {
			s.funnel.join(at)
		}
		starts[i] = at.at(start)
	}
	return starts, nil
}

// start is where the sink wants p to be read from, as far as the log still holds
// it. Retention may have cut into what is read back to rebuild state; what comes
// next must be there, unless nothing was ever stored.
func (s *Source) start(p ingest.Partition, low, end int64) (int64, error) {
	want, err := s.sink.Assign(s.ctx, p)
	if err != nil {
		return 0, fmt.Errorf("assign %s/%d: %w", p.Topic, p.Number, err)
	}
	if want.Next == 0 {
		return low, nil
	}
	if missing := gap(slot{p.Topic, p.Number}, want.Next, low, end); missing != nil {
		return s.skip(p, low, end, missing)
	}
	return max(want.From, low), nil
}

// skip asks the sink to go on behind a gap.
func (s *Source) skip(p ingest.Partition, low, end int64, missing error) (int64, error) {
	skipper, can := s.sink.(ingest.Skipper)
	if !can {
		return 0, missing
	}
	want, err := skipper.Skip(s.ctx, p, low, end)
	if ingest.Passes(err) {
		return 0, fmt.Errorf("record a gap of %s/%d: %w", p.Topic, p.Number, err)
	}
	if err != nil {
		return 0, fmt.Errorf("%w: %w", missing, err)
	}
	return max(want.From, low), nil
}

// gap is the error of a log that doesn't hold what is to be read next: its
// retention has passed over it, or it ends before it.
func gap(at slot, next, low, end int64) error {
	switch {
	case next < low:
		return fmt.Errorf("log gap: %s is to be read from offset %d, but the log begins at %d: what lies between is gone "+
			"(a longer retention of the topic prevents it)", at, next, low)
	case next > end:
		return fmt.Errorf("log gap: %s is to be read from offset %d, but the log ends at %d: it was truncated or belongs to another cluster; "+
			"check --brokers", at, next, end)
	}
	return nil
}

// revoke gives partitions away. Records of theirs that this Fetch has already
// taken are dropped: handed over after the sink's Revoke, they would be stored
// by both this member and the new owner.
func (s *Source) revoke(parts []kafka.TopicPartition) error {
	var assigned []kafka.TopicPartition // the library refuses to give away what was never begun
	for _, tp := range parts {
		at := slotOf(tp)
		if _, waits := s.wanting[at]; waits {
			delete(s.wanting, at)
			s.progress.drop(at)
			continue
		}
		assigned = append(assigned, tp)
		id, mine := s.owned[at]
		if !mine {
			continue
		}
		delete(s.owned, at)
		s.progress.drop(at)
		s.batch = slices.DeleteFunc(s.batch, func(r ingest.Record) bool {
			return r.Partition == at.number && r.Topic == at.topic
		})
		if !s.closing {
			s.sink.Revoke(ingest.Partition{Topic: at.topic, TopicID: id, Number: at.number})
		}
	}
	if err := s.consumer.IncrementalUnassign(assigned); err != nil {
		return fmt.Errorf("kafka: unassign: %w", err)
	}
	return nil
}
