package kafka

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/titrate/titrate/ingest"
)

// Of eight partitions at least four are read ahead, and at least five are given away to
// two members that join: what was read of those is theirs.
func TestWhatWasReadAheadIsNotHandedOverOnceItsPartitionIsGone(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("the funnel, which alone is read ahead, is for Linux")
	}
	const count = 32_000
	_, cfg := startBroker(t)
	createTopic(t, cfg, Topic{Name: cfg.in("events"), Partitions: 8})
	send(t, cfg, cfg.in("events"), 800, 0, count)
	lake := newStored()
	sink := newStored()
	sink.shared = lake
	src, err := OpenSource(cfg, []string{cfg.in("events")}, cfg.in("lake"), sink)
	if err != nil {
		t.Fatal(err)
	}
	for begun := time.Now(); time.Since(begun) < 2*time.Second || sink.owned.Load() < 8; { // all of it is there then
		if err := src.Hold(limit(t, 20*time.Second), 20*time.Millisecond); err != nil {
			t.Fatal(err)
		}
	}
	batch, err := src.Fetch(limit(t, 20*time.Second))
	if err := errors.Join(err, sink.Append(context.Background(), batch.Records)); err != nil {
		t.Fatal(err)
	}
	src.rejoin()
	ahead := map[int32]bool{}
	for _, r := range src.batch {
		ahead[r.Partition] = true
	}
	others := []*member{startMember(t, cfg, lake), startMember(t, cfg, lake)}
	waitFor(t, func() bool {
		if err := src.Hold(limit(t, 20*time.Second), 20*time.Millisecond); err != nil {
			t.Error(err)
		}
		return sink.owned.Load() <= 3
	})
	if !slices.ContainsFunc(sink.revoked, func(p ingest.Partition) bool { return ahead[p.Number] }) {
		t.Fatalf("of %v nothing had been read ahead", sink.revoked)
	}
	err = ingest.Run(limit(t, 30*time.Second), src, sink, ingest.Options{Drain: true}) // its sink refuses what isn't its own
	if err := errors.Join(err, src.Close()); err != nil {
		t.Fatal(err)
	}
	waitFor(t, func() bool { return lake.count() >= count })
	for _, m := range others {
		m.stop(t)
	}
	once(t, values(lake.records), count)
}
