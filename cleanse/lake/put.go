package lake

import (
	"context"
	"errors"
	"sync/atomic"

	"golang.org/x/sync/errgroup"
)

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
			e := <-w.encoders
			body, err := f.encode(e)
			w.encoders <- e
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
