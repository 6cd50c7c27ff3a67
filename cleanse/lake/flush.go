package lake

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"github.com/titrate/titrate/ingest"
)

// Flush stores what is due, or all that is held if final, and returns how far
// each partition is stored that moved, also beside an error. After an error
// nothing is lost: what was not stored is still held.
func (w *Writer) Flush(ctx context.Context, final bool) ([]ingest.Position, error) {
	due := w.due(final)
	moved := make([]bool, len(due))
	errs := make([]error, len(due))
	var group errgroup.Group
	group.SetLimit(2 * runtime.GOMAXPROCS(0))
	for i, p := range due {
		group.Go(func() error {
			moved[i], errs[i] = p.store(ctx, w)
			if errs[i] != nil {
				errs[i] = fmt.Errorf("store %s partition %d from offset %d: %w",
					p.partition.Topic, p.partition.Number, p.from, errs[i])
			}
			return nil // one partition's trouble must not stop the others
		})
	}
	_ = group.Wait()
	var positions []ingest.Position
	for i, p := range due {
		if moved[i] {
			positions = append(positions, ingest.Position{Partition: p.assigned, Next: p.from})
		}
	}
	return positions, errors.Join(errs...)
}

// due are the partitions to store now, the largest first.
func (w *Writer) due(final bool) []*partition {
	var held int64
	all := make([]*partition, 0, len(w.partitions))
	for _, p := range w.partitions {
		if len(p.raw.rows) > 0 || p.open != nil {
			all = append(all, p)
			held += p.bytes
		}
	}
	slices.SortFunc(all, func(a, b *partition) int {
		return cmp.Or(cmp.Compare(b.bytes, a.bytes), cmp.Compare(a.partition.Number, b.partition.Number),
			cmp.Compare(a.partition.Topic, b.partition.Topic))
	})
	now := w.options.Now()
	crowded := held >= w.options.RotateBytes
	var due []*partition
	for _, p := range all {
		// Once the budget is spent, half of it is freed: freeing just enough
		// would have the next few records trigger the next, smaller flush.
		free := crowded && held > w.options.RotateBytes/2
		old := now.Sub(p.since) >= w.options.RotateAge
		if final || free || old || p.open != nil || len(p.raw.rows) >= w.options.RotateRows {
			due = append(due, p)
			held -= p.bytes
		}
	}
	return due
}

// putters is how many files of a claim are on their way at once. Most of their
// time is spent waiting for a disk, which syncs for all of them at once, or for
// an object store.
const putters = 64

// put writes files that a claim names. A name that is taken holds the same
// bytes, since a range's rows depend on nothing but the log and the rules.
func (w *Writer) put(ctx context.Context, files []file) error {
	var bytes atomic.Int64
	var group errgroup.Group
	group.SetLimit(putters)
	for _, f := range files {
		group.Go(func() error {
			w.encoders <- struct{}{}
			body, err := f.encode()
			<-w.encoders
			if err != nil {
				return err
			}
			bytes.Add(int64(len(body)))
			if err := w.bucket.Put(ctx, f.Name, Bytes(body)); err != nil && !errors.Is(err, ErrExists) {
				return err
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.summary.Bytes += bytes.Load()
	return nil
}

// count adds a claim that this writer finished to the summary.
func (w *Writer) count(c *Claim) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.summary.Counts = w.summary.Plus(c.Counts)
	w.summary.Files += len(c.Files)
}
