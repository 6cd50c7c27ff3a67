package kafka

import (
	"context"
	"maps"
	"testing"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
)

// TestBoundsWhileTheBrokerGoes are those of the log, or an error: the client library tells of a
// leader that went away by an offset, and whoever took it for the end would read nothing.
func TestBoundsWhileTheBrokerGoes(t *testing.T) {
	t.Parallel()
	for range 6 {
		b, err := StartBroker(BrokerConfig{})
		if err != nil {
			t.Fatal(err)
		}
		cfg := Config{Brokers: b.Addr(), Properties: maps.Clone(quick)}
		createTopic(t, cfg, Topic{Name: "people", Partitions: 3})
		send(t, cfg, "people", 9, 0, 900)
		r, err := openReader(cfg, 10*time.Millisecond)
		if err != nil {
			t.Fatal(err)
		}
		slots := []slot{{"people", 0}, {"people", 1}, {"people", 2}}
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		gone := time.AfterFunc(20*time.Millisecond, func() { _ = b.Close() })
		for err == nil {
			var low, end map[slot]int64
			if low, end, err = bounds(ctx, r.admin, slots, kafka.IsolationLevelReadUncommitted); err != nil {
				break
			}
			records := int64(0)
			for _, at := range slots {
				records += end[at] - low[at]
			}
			if records != 900 {
				t.Errorf("from %v to %v", low, end)
			}
		}
		gone.Stop()
		cancel()
		r.close()
	}
}
