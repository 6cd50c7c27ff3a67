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
	var failed atomic.Int32
	var group errgroup.Group
	group.SetLimit(2 * runtime.GOMAXPROCS(0))
	for i, p := range due {
		group.Go(func() error {
			if failed.Load() >= enough {
				return nil
			}
			moved[i], errs[i] = p.store(ctx, w)
			if errs[i] != nil {
				failed.Add(1)
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

// enough is how many partitions may fail before a flush leaves the others for the
// next one. A store that is out of reach takes a minute to say so, each time.
const enough = 8

// holding is a partition and how many bytes it holds.
type holding struct {
	*partition
	bytes int64
}

// due are the partitions to store now, the largest first.
func (w *Writer) due(final bool) []*partition {
	all, held := w.holdings()
	now := w.options.Now()
	crowded := held >= w.options.RotateBytes
	var due []*partition
	for _, p := range all {
		// Once the budget is spent, a quarter of it is freed. Freeing more would
		// make the files smaller. Freeing less would leave processors idle: nothing
		// is read while the store is waited for, so let several partitions wait at once.
		free := crowded && held > w.options.RotateBytes-w.options.RotateBytes/4
		old := !p.empty() && now.Sub(p.since) >= w.options.RotateAge
		if final || free || old || p.open != nil || len(p.outcomes) >= w.options.RotateRows {
			due = append(due, p.partition)
			held -= p.bytes
		}
	}
	return due
}

// holdings are the partitions that hold something or have a claim to finish, the
// largest first, and what all of them hold.
func (w *Writer) holdings() (all []holding, held int64) {
	for _, p := range w.partitions {
		if !p.empty() || p.open != nil {
			h := holding{p, p.size()}
			all = append(all, h)
			held += h.bytes
		}
	}
	slices.SortFunc(all, func(a, b holding) int {
		return cmp.Or(cmp.Compare(b.bytes, a.bytes), cmp.Compare(a.assigned.Number, b.assigned.Number),
			cmp.Compare(a.assigned.Topic, b.assigned.Topic))
	})
	return all, held
}

// putters is how many files of a claim are on their way at once. Most of their
// time is spent waiting for a disk, which syncs for all of them at once, or for
// an object store.
const putters = 64

// put writes files that a claim names. A name that is taken holds the same
// bytes, since a range's rows depend on nothing but the log and the rules.
func (w *Writer) put(ctx context.Context, files []file) error {
	var bytes atomic.Int64
	group, unbroken := errgroup.WithContext(ctx)
	group.SetLimit(putters)
	for _, f := range files {
		group.Go(func() error {
			if err := unbroken.Err(); err != nil {
				return err // after that of the file that failed
			}
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
