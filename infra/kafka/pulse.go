package kafka

import (
	"fmt"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
)

// patience is how long all brokers may be gone.
const patience = time.Minute

// pulse notices that the brokers went away and didn't come back. The client
// library tries for ever: a job would hang where its supervisor could restart it.
type pulse struct {
	consumer *kafka.Consumer
	brokers  string
	gone     time.Time // since when; zero: they answer
}

// hear takes an error event of the consumer and returns it if waiting doesn't cure it.
func (p *pulse) hear(e kafka.Error) error {
	switch e.Code() {
	case kafka.ErrAllBrokersDown:
		if p.gone.IsZero() {
			p.gone = time.Now()
		}
		return nil
	case kafka.ErrAutoOffsetReset:
		return fmt.Errorf("log gap: the log no longer holds what is to be read next: %w", e)
	case kafka.ErrUnknownTopicOrPart, kafka.ErrTopicAuthorizationFailed, kafka.ErrGroupAuthorizationFailed:
		return fmt.Errorf("kafka: %w", e)
	case kafka.ErrFencedInstanceID:
		return fmt.Errorf("kafka: another process has joined the group as the same instance: give each its own; "+
			"if there is none, it was a late request of the process before, and this one is to be started again: %w", e)
	}
	if e.IsFatal() {
		return fmt.Errorf("kafka: %w", e)
	}
	return nil
}

// check is called when nothing arrives. The library tells when all brokers are
// down but not when one is up again, so it is asked.
func (p *pulse) check() error {
	if p.gone.IsZero() {
		return nil
	}
	if _, err := p.consumer.GetMetadata(nil, false, 100); err == nil {
		p.gone = time.Time{}
		return nil
	}
	if time.Since(p.gone) < patience {
		return nil
	}
	return fmt.Errorf("kafka: no broker has answered at %s for %v", p.brokers, patience)
}
