package kafka

import (
	"context"
	"fmt"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
	"github.com/titrate/titrate/ingest"
)

// Hold implements [ingest.Source]. A member that doesn't poll for five minutes
// (max.poll.interval.ms) is thrown out of its group, so events are polled: rebalances
// are answered, and brokers that went away are noticed. Messages wait in the funnel,
// in as much memory as the library prefetches anyway; where they come by Poll, their
// partitions are paused, and the few that come all the same are kept for Fetch.
func (s *Source) Hold(ctx context.Context, d time.Duration) error {
	s.ctx = ctx
	s.rejoin()
	if s.funnel == nil {
		resume, err := s.pause()
		if err != nil {
			return err
		}
		defer resume()
	}
	for deadline := time.Now().Add(d); time.Now().Before(deadline); {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := s.poll(pollMs); err != nil {
			return err
		}
	}
	return nil
}

// pause stops reading what is assigned until resume is called. What was assigned
// meanwhile isn't paused, and what was revoked is another's.
func (s *Source) pause() (resume func(), err error) {
	var parts []kafka.TopicPartition
	for at := range s.owned {
		parts = append(parts, kafka.TopicPartition{Topic: &at.topic, Partition: at.number})
	}
	if err := s.consumer.Pause(parts); err != nil {
		return nil, fmt.Errorf("kafka: pause: %w", err)
	}
	return func() {
		if err := s.consumer.Resume(parts); err != nil && s.failure == nil {
			s.failure = fmt.Errorf("kafka: resume: %w", err)
		}
	}, nil
}

// want remembers partitions of which the sink can't say where to start. They are the
// group's gift all the same: a drain must not end without them.
func (s *Source) want(slots []slot, outage error) {
	s.outage = outage
	for _, at := range slots {
		s.wanting[at] = struct{}{}
		s.progress.await(at)
	}
}

// settle asks the sink again, and begins to read what it has an answer for. It
// returns why the rest must wait.
func (s *Source) settle() error {
	if len(s.wanting) == 0 {
		return nil
	}
	slots := make([]slot, 0, len(s.wanting))
	for at := range s.wanting {
		slots = append(slots, at)
	}
	clear(s.wanting)
	s.outage = nil
	starts, err := s.starts(slots)
	if err != nil {
		return err
	}
	if len(starts) > 0 {
		if err := s.consumer.IncrementalAssign(starts); err != nil {
			return fmt.Errorf("kafka: assign: %w", err)
		}
	}
	return s.outage
}

var _ ingest.Source = (*Source)(nil)
