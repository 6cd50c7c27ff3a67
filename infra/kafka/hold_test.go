package kafka

import (
	"context"
	"errors"
	"maps"
	"sync/atomic"
	"testing"
	"time"

	"github.com/titrate/titrate/ingest"
)

var errStore = &ingest.Outage{Err: errors.New("the bucket is denied")}

// fragile is a sink whose store may be denied: to flushes, and to assignments.
type fragile struct {
	*stored
	flush, assign atomic.Bool
	denied        atomic.Int64
}

func (f *fragile) Assign(ctx context.Context, p ingest.Partition) (ingest.Start, error) {
	if f.assign.Load() {
		f.denied.Add(1)
		return ingest.Start{}, errStore
	}
	return f.stored.Assign(ctx, p)
}

func (f *fragile) Flush(ctx context.Context, final bool) ([]ingest.Position, error) {
	if f.flush.Load() {
		f.denied.Add(1)
		return nil, errStore
	}
	return f.stored.Flush(ctx, final)
}

// startFragile runs a member with a fragile sink; polled is without the funnel.
func startFragile(t *testing.T, cfg Config, sink *fragile, polled bool, opts ingest.Options) *member {
	t.Helper()
	ctx, cancel := context.WithCancel(limit(t, 50*time.Second))
	m := &member{sink: sink.stored, cancel: cancel, ended: make(chan error, 1)}
	src, err := OpenSource(cfg, []string{cfg.in("events")}, cfg.in("lake"), sink)
	if err != nil {
		t.Fatal(err)
	}
	if polled && src.funnel != nil {
		src.funnel.close()
		src.funnel = nil
	}
	go func() {
		err := ingest.Run(ctx, src, sink, opts)
		m.ended <- errors.Join(err, src.Close())
	}()
	return m
}

// TestAMemberThatWaitsForItsStoreStaysInTheGroup has the store fail for longer than a
// member may go without polling. It keeps its partitions, reads no more than the batch
// in hand, and then everything once.
func TestAMemberThatWaitsForItsStoreStaysInTheGroup(t *testing.T) {
	t.Parallel()
	for name, polled := range map[string]bool{"by the funnel": false, "polled": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, cfg := startBroker(t)
			cfg.Properties = maps.Clone(cfg.Properties)
			cfg.Properties["max.poll.interval.ms"] = "6000"
			createTopic(t, cfg, Topic{Name: cfg.in("events"), Partitions: 3})
			sink := &fragile{stored: newStored()}
			m := startFragile(t, cfg, sink, polled, ingest.Options{})
			send(t, cfg, cfg.in("events"), 9, 0, 100)
			waitFor(t, func() bool { return sink.count() == 100 })
			sink.flush.Store(true)
			send(t, cfg, cfg.in("events"), 9, 100, 1000)
			waitFor(t, func() bool { return sink.denied.Load() > 0 })
			taken := sink.taken.Load()
			send(t, cfg, cfg.in("events"), 9, 1100, 1000)
			time.Sleep(9 * time.Second)
			if now := sink.taken.Load(); now != taken {
				t.Errorf("%d records were taken while the store failed", now-taken)
			}
			sink.flush.Store(false)
			waitFor(t, func() bool { return sink.count() == 2100 })
			m.stop(t)
			if len(sink.revoked) > 0 {
				t.Errorf("partitions were lost: %v", sink.revoked)
			}
			once(t, values(sink.records), 2100)
		})
	}
}

// A member that waits gives partitions away to one that joins, whose store works.
func TestAMemberThatWaitsForItsStoreGivesPartitionsAway(t *testing.T) {
	t.Parallel()
	_, cfg := startBroker(t)
	createTopic(t, cfg, Topic{Name: cfg.in("events"), Partitions: 4})
	lake := newStored()
	first := &fragile{stored: newStored()}
	first.shared = lake
	first.flush.Store(true)
	one := startFragile(t, cfg, first, false, ingest.Options{})
	send(t, cfg, cfg.in("events"), 40, 0, 1000)
	waitFor(t, func() bool { return first.denied.Load() > 0 })
	two := startMember(t, cfg, lake)
	waitFor(t, func() bool { return two.sink.owned.Load() == 2 })
	waitFor(t, func() bool { return lake.count() > 0 })
	first.flush.Store(false)
	waitFor(t, func() bool { return lake.count() == 1000 })
	one.stop(t)
	two.stop(t)
	once(t, values(lake.records), 1000)
}

// A store that fails while partitions are assigned is asked again; until it answers,
// they aren't read, and a drain doesn't end.
func TestAnAssignmentThatTheStoreCantAnswerIsPutOff(t *testing.T) {
	t.Parallel()
	_, cfg := startBroker(t)
	createTopic(t, cfg, Topic{Name: cfg.in("events"), Partitions: 3})
	send(t, cfg, cfg.in("events"), 9, 0, 500)
	sink := &fragile{stored: newStored()}
	sink.assign.Store(true)
	m := startFragile(t, cfg, sink, false, ingest.Options{Drain: true})
	waitFor(t, func() bool { return sink.denied.Load() > 2 })
	if sink.taken.Load() > 0 {
		t.Error("records were read, although nobody could say from where")
	}
	sink.assign.Store(false)
	if err := <-m.ended; err != nil {
		t.Error(err)
	}
	once(t, values(sink.records), 500)
}

// Partitions that were put off may be given to another member meanwhile, and come back.
func TestAnAssignmentThatIsPutOffCanBeRevoked(t *testing.T) {
	t.Parallel()
	_, cfg := startBroker(t)
	createTopic(t, cfg, Topic{Name: cfg.in("events"), Partitions: 4})
	lake := newStored()
	first := &fragile{stored: newStored()}
	first.shared = lake
	first.assign.Store(true)
	one := startFragile(t, cfg, first, false, ingest.Options{})
	waitFor(t, func() bool { return first.denied.Load() > 0 })
	two := startMember(t, cfg, lake)
	waitFor(t, func() bool { return two.sink.owned.Load() == 2 })
	send(t, cfg, cfg.in("events"), 40, 0, 1000)
	first.assign.Store(false)
	waitFor(t, func() bool { return lake.count() == 1000 })
	two.stop(t)
	send(t, cfg, cfg.in("events"), 40, 1000, 500)
	waitFor(t, func() bool { return lake.count() == 1500 })
	one.stop(t)
	once(t, values(lake.records), 1500)
}
