package lake

import (
	"cmp"
	"context"
	"runtime"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/titrate/titrate/cleanse"
	"github.com/titrate/titrate/ingest"
)

// Append judges records and shelves their rows. Records of partitions that are
// not assigned are left out: they belong to another writer now.
//
// A partition's records are taken one after the other, each judged, folded and
// packed while it is in the processor's cache; partitions are taken side by side.
func (w *Writer) Append(ctx context.Context, records []ingest.Record) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	now := w.options.Now()
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for _, one := range w.share(records) {
		group.Go(func() error { return one.take(w, records, now) })
	}
	return group.Wait()
}

// share is the records of one partition, as stretches of a batch.
type share struct {
	*partition
	stretches []stretch
	count     int
}

// stretch is records [from, to) of a batch.
type stretch struct{ from, to int }

// share divides a batch by partition, the largest share first. The log hands over
// long stretches of one partition, so it is stretches that are divided.
func (w *Writer) share(records []ingest.Record) []*share {
	shares := map[*partition]*share{}
	for from, to := 0, 0; from < len(records); from = to {
		first := &records[from]
		for to = from + 1; to < len(records) && records[to].Partition == first.Partition && records[to].Topic == first.Topic; {
			to++
		}
		p := w.partitions[address{first.Topic, first.Partition}]
		if p == nil {
			continue
		}
		if shares[p] == nil {
			shares[p] = &share{partition: p}
		}
		shares[p].stretches = append(shares[p].stretches, stretch{from, to})
		shares[p].count += to - from
	}
	all := make([]*share, 0, len(shares))
	for _, s := range shares {
		all = append(all, s)
	}
	slices.SortFunc(all, func(a, b *share) int { return cmp.Compare(b.count, a.count) })
	return all
}

func (s *share) take(w *Writer, records []ingest.Record, now time.Time) error {
	var v cleanse.Verdict
	for _, part := range s.stretches {
		for i := part.from; i < part.to; i++ {
			s.check(&records[i], &v)
			if err := s.partition.take(&records[i], &v, now); err != nil {
				return err
			}
			if err := w.watch(s.partition, &records[i], &v); err != nil {
				return err
			}
		}
	}
	return nil
}
