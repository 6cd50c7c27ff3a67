package lake

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"github.com/titrate/titrate/ingest"
)

// flight is parts that are being stored, by a goroutine of their own. Until it has
// landed, nobody else touches them. There is one at a time.
type flight struct {
	partitions []*partition // whose parts they are
	parts      []*part
	moved      []bool  // of the parts: more of them is stored than before
	errs       []error // of the parts
	bytes      int64   // that they held when it began
	landed     chan struct{}
}

// launch begins to store due: of a partition what was cut off before, else all that it
// holds now.
func (w *Writer) launch(ctx context.Context, due []*partition) {
	f := &flight{
		partitions: due, moved: make([]bool, len(due)), errs: make([]error, len(due)), landed: make(chan struct{}),
	}
	for _, p := range due {
		if p.cut == nil {
			p.split(w.empty())
		}
		f.parts = append(f.parts, p.cut)
		f.bytes += p.cut.size()
	}
	w.flight = f
	go func() {
		defer close(f.landed)
		f.store(ctx, w)
	}()
}

// enough is how many partitions may fail before a flight leaves the others for the
// next one. A store that is out of reach takes a minute to say so, each time.
const enough = 8

func (f *flight) store(ctx context.Context, w *Writer) {
	var failed atomic.Int32
	var group errgroup.Group
	group.SetLimit(2 * runtime.GOMAXPROCS(0))
	for i, p := range f.parts {
		group.Go(func() error {
			if failed.Load() >= enough {
				return nil
			}
			f.moved[i], f.errs[i] = p.store(ctx, w)
			if f.errs[i] != nil {
				failed.Add(1)
				f.errs[i] = fmt.Errorf("store %s partition %d from offset %d: %w",
					p.partition.Topic, p.partition.Number, p.from, f.errs[i])
			}
			return nil // one partition's trouble must not stop the others
		})
	}
	_ = group.Wait()
}

// flying is how many bytes are being stored.
func (f *flight) flying() int64 {
	if f == nil {
		return 0
	}
	return f.bytes
}

func (f *flight) has(p *part) bool { return f != nil && slices.Contains(f.parts, p) }

// over reports whether nothing is being stored.
func (f *flight) over() bool {
	if f == nil {
		return true
	}
	select {
	case <-f.landed:
		return true
	default:
		return false
	}
}

// land waits for the flight, and goes on from where it has got. What became of
// a partition that was taken away meanwhile is the new owner's to find out.
func (w *Writer) land() ([]ingest.Position, error) {
	f := w.flight
	if f == nil {
		return nil, nil
	}
	<-f.landed
	w.flight = nil
	var positions []ingest.Position
	var errs []error
	for i, p := range f.partitions {
		if w.partitions[address{p.assigned.Topic, p.assigned.Number}] != p {
			w.discard(f.parts[i])
			continue
		}
		errs = append(errs, f.errs[i])
		if f.moved[i] {
			positions = append(positions, ingest.Position{Partition: p.assigned, Next: f.parts[i].from})
		}
		if empty := p.join(); empty != nil {
			w.discard(empty)
		}
	}
	err := errors.Join(errs...)
	w.failed = err != nil
	return positions, err
}
