package kafka

import (
	"sync"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
)

// Lag tells how far a running job is behind its log. It is given to a job in its Config, and may
// be asked at any time; the zero Lag, and nil, know of no job. It asks no broker: the ends are
// those that came with the last records, also of those that wait in the client library. Of a job
// that takes nothing for long, as while its store fails, they are as old as that.
type Lag struct {
	mu       sync.Mutex
	consumer *kafka.Consumer // nil: no job runs
}

// Each calls fn with the number of records that the log holds beyond what the job has taken, of each
// partition that it has taken something of.
func (l *Lag) Each(fn func(topic string, partition int32, records int64)) {
	if l == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.consumer == nil {
		return
	}
	assigned, err := l.consumer.Assignment()
	if err != nil {
		return
	}
	taken, err := l.consumer.Position(assigned)
	if err != nil {
		return
	}
	for _, p := range taken {
		_, end, err := l.consumer.GetWatermarkOffsets(*p.Topic, p.Partition)
		if err == nil && p.Offset >= 0 && end >= 0 {
			fn(*p.Topic, p.Partition, max(0, end-int64(p.Offset)))
		}
	}
}

// watch has l know of c, or of nobody (nil), whose handle may be closed then.
func (l *Lag) watch(c *kafka.Consumer) {
	if l == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.consumer = c
}
