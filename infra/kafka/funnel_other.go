//go:build !linux

package kafka

import (
	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
	"github.com/titrate/titrate/ingest"
)

// funnel is for Linux; elsewhere messages are polled one by one.
type funnel struct{}

func openFunnel(*kafka.Consumer) *funnel { return nil }

func (*funnel) join(slot) {}

func (*funnel) take(int, int, func(ingest.Record), func(slot, kafka.ErrorCode, int64, string)) int {
	return 0
}

func (*funnel) trim() {}

func (*funnel) reuse(int) {}

func (*funnel) turn(int) {}

func (*funnel) close() {}
