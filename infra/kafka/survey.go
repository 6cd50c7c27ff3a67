package kafka

import (
	"context"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
	"github.com/titrate/titrate/ingest"
)

// Survey looks at a log from outside of any group.
type Survey struct{ reader *reader }

// Extent is the part [Low, End) of a partition that the log holds. It ends where
// the first open transaction begins.
type Extent struct{ Low, End int64 }

// OpenSurvey fails if no broker answers.
func OpenSurvey(cfg Config) (*Survey, error) {
	if err := reach(cfg); err != nil {
		return nil, err
	}
	r, err := openReader(cfg, 100*time.Millisecond)
	if err != nil {
		return nil, err
	}
	return &Survey{r}, nil
}

// Topic gives a topic's id and the extent of each of its partitions.
func (s *Survey) Topic(ctx context.Context, name string) (id string, extents map[int32]Extent, err error) {
	topics, err := describe(ctx, s.reader.admin, name)
	if err != nil {
		return "", nil, err
	}
	slots := topics[name].slots
	low, end, err := bounds(ctx, s.reader.admin, slots, kafka.IsolationLevelReadCommitted)
	if err != nil {
		return "", nil, err
	}
	extents = make(map[int32]Extent, len(slots))
	for _, at := range slots {
		extents[at.number] = Extent{low[at], end[at]}
	}
	return topics[name].id, extents, nil
}

// Read passes the committed records of a partition in [from, to) to fn.
func (s *Survey) Read(ctx context.Context, topic string, partition int32, from, to int64, fn func(ingest.Record)) error {
	return s.reader.read(ctx, []stretch{{slot{topic, partition}, from, to}}, fn)
}

// Close frees the client.
func (s *Survey) Close() error { return s.reader.close() }
