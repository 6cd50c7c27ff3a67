package kafka

import (
	"github.com/titrate/titrate/ingest"
	"golang.org/x/sync/errgroup"
)

// asideRoom is how many records of a partition may wait for its fold.
const asideRoom = 256

// aside folds partitions beside each other: each has a goroutine, which gets its
// records in order. The folds share nothing, and reading the log goes on meanwhile.
type aside struct {
	lanes map[int32]chan ingest.Record
	group errgroup.Group
}

// foldAside begins; fn is called for every record that is put, with its partition's
// fold. Whoever begins calls wait.
func (t *transform) foldAside(parts []int32, fn func(Fold, ingest.Record)) *aside {
	a := &aside{lanes: map[int32]chan ingest.Record{}}
	for _, number := range parts {
		lane, fold := make(chan ingest.Record, asideRoom), t.folds[number].fold
		a.lanes[number] = lane
		a.group.Go(func() error {
			for rec := range lane {
				fn(fold, rec)
			}
			return nil
		})
	}
	return a
}

func (a *aside) put(rec ingest.Record) { a.lanes[rec.Partition] <- rec }

// wait returns when everything that was put is folded.
func (a *aside) wait() {
	for _, lane := range a.lanes {
		close(lane)
	}
	_ = a.group.Wait() // nothing in it fails
}
