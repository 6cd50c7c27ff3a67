package kafka

import (
	"context"
	"errors"
	"math"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
	"github.com/titrate/titrate/ingest"
)

// TailConfig says what to follow.
type TailConfig struct {
	Topics []string
	// Since is the log time to begin at; zero means the beginning of the log.
	Since time.Time
	// OnRecord gets every committed record, in offset order within its
	// partition, on the goroutine that called Tail.
	OnRecord func(ingest.Record)
	// OnCaughtUp is called once, when everything that was there at the start
	// has been passed to OnRecord. May be nil.
	OnCaughtUp func()
}

// Tail follows all partitions of topics without joining a group, until ctx
// ends; then it returns nil. Partitions added meanwhile are not noticed.
func Tail(ctx context.Context, cfg Config, tc TailConfig) error {
	if err := reach(cfg); err != nil {
		return err
	}
	r, err := openReader(cfg, 100*time.Millisecond)
	if err != nil {
		return err
	}
	err = r.follow(ctx, tc)
	if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		err = nil
	}
	return errors.Join(err, r.close())
}

// follow reads on until ctx ends.
func (r *reader) follow(ctx context.Context, tc TailConfig) error {
	left, err := r.followFrom(ctx, tc)
	if err != nil {
		return err
	}
	told := tc.OnCaughtUp == nil
	for {
		if !told && left.done() {
			tc.OnCaughtUp()
			told = true
		}
		err := r.poll(ctx, func(rec ingest.Record) {
			tc.OnRecord(rec)
			left.reach(slot{rec.Topic, rec.Partition}, rec.Offset+1)
		}, left.reach)
		if err != nil {
			return err
		}
	}
}

// followFrom starts all partitions where Since is.
func (r *reader) followFrom(ctx context.Context, tc TailConfig) (*progress, error) {
	topics, err := describe(ctx, r.admin, tc.Topics...)
	if err != nil {
		return nil, err
	}
	var slots []slot
	for _, t := range topics {
		slots = append(slots, t.slots...)
	}
	ends, err := offsets(ctx, r.admin, slots, kafka.LatestOffsetSpec, kafka.IsolationLevelReadCommitted)
	if err != nil {
		return nil, err
	}
	spec := kafka.EarliestOffsetSpec
	if !tc.Since.IsZero() {
		spec = kafka.NewOffsetSpecForTimestamp(tc.Since.UnixMilli())
	}
	starts, err := offsets(ctx, r.admin, slots, spec, kafka.IsolationLevelReadCommitted)
	if err != nil {
		return nil, err
	}
	left := newProgress()
	var stretches []stretch
	for _, at := range slots {
		from := starts[at]
		if from < 0 { // nothing that new: whatever comes
			from = ends[at]
		}
		left.begin(at, from, ends[at])
		stretches = append(stretches, stretch{at, from, math.MaxInt64})
	}
	return left, r.assign(stretches)
}
