package kafka

import (
	"context"
	"sync"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
)

// Lag tells how far a running job is behind its log. It is given to a job in its Config, and may
// be asked at any time; the zero Lag, and nil, know of no job.
type Lag struct {
	mu       sync.Mutex
	consumer *kafka.Consumer // nil: no job runs
}

// endsWithin is how long the brokers may take to tell where the log ends: a scrape waits for it.
const endsWithin = 2 * time.Second

// Each calls fn with the number of records that the log holds beyond what the job has taken, of each
// partition that it has taken something of. It asks the brokers; where none answers, the ends are
// those that came with the last records.
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
	ends := l.ends(taken)
	for _, p := range taken {
		end, known := ends[slotOf(p)]
		if !known {
			if _, end, err = l.consumer.GetWatermarkOffsets(*p.Topic, p.Partition); err != nil {
				continue
			}
		}
		if p.Offset >= 0 && end >= 0 {
			fn(*p.Topic, p.Partition, max(0, end-int64(p.Offset)))
		}
	}
}

// ends is where the log ends, as the brokers say; nothing if they don't.
func (l *Lag) ends(parts []kafka.TopicPartition) map[slot]int64 {
	admin, err := kafka.NewAdminClientFromConsumer(l.consumer)
	if err != nil {
		return nil
	}
	defer admin.Close()
	ctx, cancel := context.WithTimeout(context.Background(), endsWithin)
	defer cancel()
	question := map[kafka.TopicPartition]kafka.OffsetSpec{}
	for _, p := range parts {
		question[slotOf(p).at(0)] = kafka.LatestOffsetSpec
	}
	ends, err := listOffsets(ctx, admin, question, kafka.IsolationLevelReadUncommitted)
	if err != nil {
		return nil
	}
	return ends
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
