package kafka

import (
	"context"
	"maps"
	"runtime"
	"slices"
	"time"

	"github.com/titrate/titrate/ingest"
	"golang.org/x/sync/errgroup"
)

// Fold is what a job remembers of one partition. Its methods are called one at a
// time, in this order: Restore for each record of the state topic, Replay for the
// recent past, then Apply for what is new; different partitions' at the same time
// while state is rebuilt or there is much to catch up with. After an error a new Fold
// is made and takes the old one's place. A record's key and value are the fold's until the
// call returns, in its answers until those are written: what it keeps it copies.
type Fold interface {
	// Restore takes a record of the state topic, the latest of a key last.
	Restore(ingest.Record)
	// Replay takes a record whose effects are committed already.
	Replay(ingest.Record)
	// Apply takes the next record and returns what to write because of it.
	Apply(ingest.Record) []Out
}

// Out is a record to write. To the state topic it goes to the partition that is
// being folded, to any other to the key's murmur2 partition. A nil Value
// deletes a key of the state topic.
type Out struct {
	Topic   string
	Key     []byte
	Value   []byte
	Headers []ingest.Header
}

// placed is an output and the partition of the record that it answers.
type placed struct {
	Out
	folded int32
}

// folding is a partition's fold and how far it got.
type folding struct {
	low  int64 // where the log begins
	fold Fold
	next int64     // offset after the last folded record
	seen time.Time // log time of the last folded record; zero: none yet
}

// apply folds the batch, and says each answer at once. Much of it is folded partition
// beside partition, since their folds share nothing, and answered by the commit.
func (t *transform) apply(ctx context.Context) {
	if len(t.batch) == 0 {
		return
	}
	if len(t.uncommitted) == 0 {
		t.since = time.Now()
	}
	for _, rec := range t.batch {
		t.uncommitted[rec.Partition] = true
	}
	if len(t.batch) < transformCrowd {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), commitGrace)
		defer cancel()
		for _, rec := range t.batch {
			t.outs = t.folds[rec.Partition].apply(rec, t.outs)
			if t.written < len(t.outs) {
				t.say(ctx)
			}
		}
		return
	}
	for number := range t.crowd {
		t.crowd[number] = t.crowd[number][:0]
	}
	for i := range t.batch { // places: records are large
		number := t.batch[i].Partition
		t.crowd[number] = append(t.crowd[number], int32(i))
	}
	outs := make([][]placed, len(t.crowd))
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i, number := range slices.Sorted(maps.Keys(t.crowd)) {
		group.Go(func() error {
			f := t.folds[number]
			for _, at := range t.crowd[number] {
				outs[i] = f.apply(t.batch[at], outs[i])
			}
			return nil
		})
	}
	_ = group.Wait() // nothing in it fails
	for _, some := range outs {
		t.outs = append(t.outs, some...)
	}
}

// apply folds rec and adds the answers to outs. A record that the fold has seen, which a
// client may hand over again when partitions move, is passed over.
func (f *folding) apply(rec ingest.Record, outs []placed) []placed {
	if rec.Offset < f.next {
		return outs
	}
	for _, out := range f.fold.Apply(rec) {
		outs = append(outs, placed{out, rec.Partition})
	}
	f.next, f.seen = rec.Offset+1, rec.Seen
	return outs
}
