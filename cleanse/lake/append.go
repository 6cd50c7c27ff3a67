package lake

import (
	"context"
	"runtime"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/titrate/titrate/cleanse"
	"github.com/titrate/titrate/ingest"
)

// batch is how many records are judged at once: enough to keep every processor
// busy, few enough that their verdicts stay small.
const batch = 4096

// Append judges records and shelves their rows. Records of partitions that are
// not assigned are left out: they belong to another writer now.
func (w *Writer) Append(ctx context.Context, records []ingest.Record) error {
	now := w.options.Now()
	for part := range slices.Chunk(records, batch) {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := w.append(part, now); err != nil {
			return err
		}
	}
	return nil
}

// append works in two steps, because a record by itself can be judged in any
// order, but what depends on earlier records of its partition can't.
func (w *Writer) append(records []ingest.Record, now time.Time) error {
	owners := w.owners(records)
	verdicts := w.check(records, owners)
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for p, indices := range byOwner(owners) {
		group.Go(func() error {
			for _, i := range indices {
				if err := p.take(&records[i], &verdicts[i], now); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	return w.watch(records, owners, verdicts)
}

// owners are the partitions of records, nil where one isn't assigned.
func (w *Writer) owners(records []ingest.Record) []*partition {
	owners := make([]*partition, len(records))
	var last address
	var owner *partition
	for i := range records {
		if a := (address{records[i].Topic, records[i].Partition}); a != last {
			last, owner = a, w.partitions[a]
		}
		owners[i] = owner
	}
	return owners
}

func byOwner(owners []*partition) map[*partition][]int {
	indices := make(map[*partition][]int)
	for i, p := range owners {
		if p != nil {
			indices[p] = append(indices[p], i)
		}
	}
	return indices
}

// check judges records by themselves, on all processors.
func (w *Writer) check(records []ingest.Record, owners []*partition) []cleanse.Verdict {
	if w.verdicts == nil {
		w.verdicts = make([]cleanse.Verdict, batch)
	}
	verdicts := w.verdicts[:len(records)]
	share := (len(records) + runtime.GOMAXPROCS(0) - 1) / runtime.GOMAXPROCS(0)
	var group errgroup.Group
	for start := 0; start < len(records); start += share {
		end := min(start+share, len(records))
		group.Go(func() error {
			for i := start; i < end; i++ {
				if owners[i] != nil {
					verdicts[i] = owners[i].check(&records[i])
				}
			}
			return nil
		})
	}
	_ = group.Wait() // judging can't fail
	return verdicts
}
