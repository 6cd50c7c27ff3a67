package lake

import (
	"container/heap"
	"context"
	"errors"
	"io"
	"os"
	"slices"

	"github.com/parquet-go/parquet-go"
)

// scratch is room for sorting: so many rows in memory; more go to temporary files
// in runs, which are merged.
type scratch struct {
	dir  string
	rows int
}

// sorter puts the rows of many files in the order of their keys.
type sorter[R any] struct {
	merging[R]
	scratch
	held  []R
	runs  []*os.File
	count int64
	texts texts
}

// read takes the rows of all inputs.
func (s *sorter[R]) read(ctx context.Context, bucket Bucket, inputs []Object) error {
	for _, o := range inputs {
		if err := ctx.Err(); err != nil {
			return err
		}
		err := withFile(ctx, bucket, o, func(f *parquet.File) (err error) {
			r := parquet.NewGenericReader[R](f)
			defer func() { err = errors.Join(err, r.Close()) }()
			s.count += r.NumRows()
			return readRows(r, r.NumRows(), s.add)
		})
		if err != nil {
			return err
		}
	}
	s.sort()
	return nil
}

func (s *sorter[R]) add(row *R) error {
	s.texts.tidy(row)
	s.held = append(s.held, *row)
	if len(s.held) < s.scratch.rows {
		return nil
	}
	return s.spill()
}

func (s *sorter[R]) sort() {
	slices.SortFunc(s.held, func(a, b R) int { return s.key(&a).compare(s.key(&b)) })
}

// spill writes the rows held to a run.
func (s *sorter[R]) spill() error {
	s.sort()
	f, err := os.CreateTemp(s.dir, "run-*")
	if err != nil {
		return err
	}
	s.runs = append(s.runs, f)
	w := parquet.NewGenericWriter[R](f, s.options()...)
	if _, err := w.Write(s.held); err != nil {
		return err
	}
	clear(s.held)
	s.held = s.held[:0]
	return w.Close()
}

// each calls fn with every row in order.
func (s *sorter[R]) each(ctx context.Context, fn func(*R) error) error {
	h := &runHeap[R]{key: s.key}
	h.push(&sortedRun[R]{rows: s.held})
	for _, f := range s.runs {
		size, err := f.Seek(0, io.SeekEnd)
		if err != nil {
			return err
		}
		p, err := parquet.OpenFile(f, size, parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true))
		if err != nil {
			return err
		}
		r := &sortedRun[R]{texts: s.texts, reader: parquet.NewGenericReader[R](p)}
		if err := r.fill(); err != nil {
			return err
		}
		h.push(r)
	}
	for n := 0; len(h.runs) > 0; n++ {
		if n%gather == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		if err := fn(h.runs[0].first()); err != nil {
			return err
		}
		if err := h.next(); err != nil {
			return err
		}
	}
	return nil
}

func (s *sorter[R]) close() {
	for _, f := range s.runs {
		f.Close() // its folder is removed
	}
}

// sortedRun is rows in order: in memory, or the next few of a file.
type sortedRun[R any] struct {
	rows   []R
	at     int
	reader *parquet.GenericReader[R]
	texts  texts
}

func (r *sortedRun[R]) first() *R { return &r.rows[r.at] }

// fill reads the next rows of a file.
func (r *sortedRun[R]) fill() error {
	if r.reader == nil {
		r.rows, r.at = nil, 0
		return nil
	}
	buffer := make([]R, gather)
	n, err := r.reader.Read(buffer)
	r.rows, r.at = buffer[:n], 0
	for i := range r.rows {
		r.texts.tidy(&r.rows[i])
	}
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

// runHeap has the run with the least row first.
type runHeap[R any] struct {
	key  func(*R) rowKey
	runs []*sortedRun[R]
}

func (h *runHeap[R]) Len() int { return len(h.runs) }
func (h *runHeap[R]) Less(i, j int) bool {
	return h.key(h.runs[i].first()).compare(h.key(h.runs[j].first())) < 0
}
func (h *runHeap[R]) Swap(i, j int) { h.runs[i], h.runs[j] = h.runs[j], h.runs[i] }
func (h *runHeap[R]) Push(r any)    { h.runs = append(h.runs, r.(*sortedRun[R])) }
func (h *runHeap[R]) Pop() any {
	last := h.runs[len(h.runs)-1]
	h.runs = h.runs[:len(h.runs)-1]
	return last
}

func (h *runHeap[R]) push(r *sortedRun[R]) {
	if len(r.rows) > 0 {
		heap.Push(h, r)
	}
}

// next goes one row on in the first run.
func (h *runHeap[R]) next() error {
	r := h.runs[0]
	if r.at++; r.at == len(r.rows) {
		if err := r.fill(); err != nil {
			return err
		}
	}
	if len(r.rows) == 0 {
		heap.Pop(h)
		return nil
	}
	heap.Fix(h, 0)
	return nil
}
