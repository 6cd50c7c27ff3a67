package lake

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/parquet-go/parquet-go"

	"github.com/titrate/titrate/cleanse"
)

// source is a table whose rows are events.
type source struct {
	table string
	// read decodes the rows of runs and hands them to add, with the number of
	// the topic's generation that the file is of.
	read func(ctx context.Context, h *history, runs []located, add func(cleanse.Event, int32)) error
}

func sources() []source {
	return []source{
		sourceOf(Glucose, (*glucoseRow).decode), sourceOf(Meals, (*mealRow).decode),
		sourceOf(Insulin, (*insulinRow).decode), sourceOf(Profiles, (*profileRow).decode),
		sourceOf(Responses, (*responseRow).decode), sourceOf(Activities, (*activityRow).decode),
		sourceOf(Notes, (*noteRow).decode), sourceOf(Retractions, (*retractionRow).decode),
	}
}

func sourceOf[R any](table string, decode func(*R) (cleanse.Event, error)) source {
	read := func(ctx context.Context, h *history, runs []located, add func(cleanse.Event, int32)) error {
		for len(runs) > 0 {
			n := 1
			for n < len(runs) && runs[n].object == runs[0].object {
				n++
			}
			generation := h.generation(runs[0].object.Name)
			err := withFile(ctx, h.bucket, runs[0].object, func(f *parquet.File) error {
				return readRuns(f, runs[:n], func(row *R) error {
					e, err := decode(row)
					add(e, generation)
					return err
				})
			})
			if err != nil {
				return err
			}
			runs = runs[n:]
		}
		return ctx.Err()
	}
	return source{table: table, read: read}
}

// generation numbers the topic ids that are in files' names.
func (h *history) generation(name string) int32 {
	id := generation(name)
	n, ok := h.generations[id]
	if !ok {
		n = int32(len(h.generations))
		h.generations[id] = n
	}
	return n
}

// readRuns calls fn with the rows of runs, which are of one file and in order.
func readRuns[R any](f *parquet.File, runs []located, fn func(*R) error) error {
	for len(runs) > 0 {
		n := 1
		for n < len(runs) && runs[n].group == runs[0].group {
			n++
		}
		if err := readGroup(f.RowGroups()[runs[0].group], runs[:n], fn); err != nil {
			return err
		}
		runs = runs[n:]
	}
	return nil
}

func readGroup[R any](group parquet.RowGroup, runs []located, fn func(*R) error) (err error) {
	r := parquet.NewGenericRowGroupReader[R](group)
	defer func() { err = errors.Join(err, r.Close()) }()
	var at int64
	for _, run := range runs {
		if run.start != at {
			if err := r.SeekToRow(run.start); err != nil {
				return err
			}
		}
		if err := readRows(r, run.rows, fn); err != nil {
			return err
		}
		at = run.start + run.rows
	}
	return nil
}

func readRows[R any](r *parquet.GenericReader[R], count int64, fn func(*R) error) error {
	var buffer [gather]R
	for count > 0 {
		n, err := r.Read(buffer[:min(count, gather)])
		for i := range buffer[:n] {
			if err := fn(&buffer[i]); err != nil {
				return fmt.Errorf("row: %w", err)
			}
			var zero R
			buffer[i] = zero // rows keep pointers into what was read before
		}
		count -= int64(n)
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		if n == 0 && count > 0 {
			return io.ErrUnexpectedEOF
		}
	}
	return nil
}
