package lake

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/parquet-go/parquet-go"

	"github.com/titrate/titrate/cleanse"
)

// merger merges files of one table.
type merger interface {
	tableName() string
	// merge writes the rows of inputs, sorted, to out, and says which it left out.
	// It needs temp for the sorting.
	merge(ctx context.Context, bucket Bucket, inputs []Object, out io.Writer, temp string) (rows int64, dropped []LogOffset, err error)
}

// mergers are those of all tables. The rows of raw and quarantine are messages,
// which all stay, and recommendations are made once.
func mergers(t *tables) []merger {
	return []merger{
		merging[rawRow]{table: t.raw, key: (*rawRow).key},
		merging[glucoseRow]{table: t.glucose, key: (*glucoseRow).key, event: (*glucoseRow).decode},
		merging[mealRow]{table: t.meals, key: (*mealRow).key, event: (*mealRow).decode},
		merging[insulinRow]{table: t.insulin, key: (*insulinRow).key, event: (*insulinRow).decode},
		merging[profileRow]{table: t.profiles, key: (*profileRow).key, event: (*profileRow).decode},
		merging[responseRow]{table: t.responses, key: (*responseRow).key, event: (*responseRow).decode},
		merging[activityRow]{table: t.activities, key: (*activityRow).key, event: (*activityRow).decode},
		merging[noteRow]{table: t.notes, key: (*noteRow).key, event: (*noteRow).decode},
		merging[retractionRow]{table: t.retractions, key: (*retractionRow).key, event: (*retractionRow).decode},
		merging[quarantineRow]{table: t.quarantine, key: (*quarantineRow).key},
		merging[recommendationRow]{table: t.recommendations, key: (*recommendationRow).key},
	}
}

// rowKey is what the rows of a merged file are sorted by: whose and when, then
// where in the log, so that the order has no ties.
type rowKey struct {
	patient string
	time    int64
	LogOffset
}

func (k rowKey) compare(l rowKey) int {
	return cmp.Or(strings.Compare(k.patient, l.patient), cmp.Compare(k.time, l.time), k.LogOffset.compare(l.LogOffset))
}

func (p LogOffset) compare(q LogOffset) int {
	return cmp.Or(cmp.Compare(p.Partition, q.Partition), cmp.Compare(p.Offset, q.Offset))
}

func (r *row) key() rowKey     { return rowKey{r.Patient, r.Time, LogOffset{r.Partition, r.Offset}} }
func (m *message) key() rowKey { return rowKey{LogOffset: LogOffset{m.Partition, m.Offset}} }
func (r *recommendationRow) key() rowKey {
	return rowKey{r.Patient, r.Time, LogOffset{r.Partition, r.Offset}}
}

// merging merges the files of a table. event decodes a row, where rows can say
// the same; nil where each stays.
type merging[R any] struct {
	table *table[R]
	key   func(*R) rowKey
	event func(*R) (cleanse.Event, error)
}

func (m merging[R]) tableName() string { return m.table.name }

// sortRows is how many rows are sorted in memory at a time.
const sortRows = 128 << 10

func (m merging[R]) merge(ctx context.Context, bucket Bucket, inputs []Object, out io.Writer, temp string) (int64, []LogOffset, error) {
	sorted, err := os.CreateTemp(temp, "sorted-*")
	if err != nil {
		return 0, nil, err
	}
	defer sorted.Close()
	read, err := m.sort(ctx, bucket, inputs, sorted, temp)
	if err != nil {
		return 0, nil, err
	}
	w := &mergeWriter[R]{merging: m, out: parquet.NewGenericWriter[R](out, m.options(temp)...), winners: map[uint64]int{}}
	if err := w.copy(ctx, sorted); err != nil {
		return 0, nil, err
	}
	if w.rows+int64(len(w.dropped)) != read {
		return 0, nil, fmt.Errorf("%d rows were read, %d written and %d left out: that doesn't add up", read, w.rows, len(w.dropped))
	}
	return w.rows, w.dropped, nil
}

// options are those of the table's files, with the merged order.
func (m merging[R]) options(temp string) []parquet.WriterOption {
	var order []parquet.SortingColumn
	for _, column := range append(m.table.sorting[:len(m.table.sorting):len(m.table.sorting)], "kafka_partition", "kafka_offset") {
		if column == "kafka_offset" && len(order) == 0 { // by arrival: partitions one after another
			continue
		}
		order = append(order, parquet.Ascending(column))
	}
	return append(m.table.options(largestPage), parquet.SortingWriterConfig(
		parquet.SortingColumns(order...), parquet.SortingBuffers(parquet.NewFileBufferPool(temp, "run-*"))))
}

// sort writes the rows of inputs to a file in the order of their keys.
func (m merging[R]) sort(ctx context.Context, bucket Bucket, inputs []Object, sorted io.Writer, temp string) (read int64, err error) {
	w := parquet.NewSortingWriter[R](sorted, sortRows, m.options(temp)...)
	for _, o := range inputs {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		err := withFile(ctx, bucket, o, func(f *parquet.File) error {
			r := parquet.NewGenericReader[R](f)
			defer r.Close()
			read += r.NumRows()
			return readRows(r, r.NumRows(), func(row *R) error {
				_, err := w.Write([]R{*row})
				return err
			})
		})
		if err != nil {
			return 0, err
		}
	}
	return read, w.Close()
}

// mergeWriter writes sorted rows, a person at a time: of rows that say the same it
// keeps the one that came first in the log.
type mergeWriter[R any] struct {
	merging[R]
	out     *parquet.GenericWriter[R]
	last    rowKey
	rows    int64
	dropped []LogOffset

	held    []R            // of one person
	winners map[uint64]int // index of the row that stays, by identity
}

func (w *mergeWriter[R]) copy(ctx context.Context, sorted *os.File) error {
	size, err := sorted.Seek(0, io.SeekEnd)
	if err != nil {
		return err
	}
	f, err := parquet.OpenFile(sorted, size, parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true))
	if err != nil {
		return err
	}
	r := parquet.NewGenericReader[R](f)
	defer r.Close()
	first := true
	err = readRows(r, r.NumRows(), func(row *R) error {
		key := w.key(row)
		if !first && w.last.compare(key) >= 0 {
			return fmt.Errorf("offset %d of partition %d is there twice, or the rows aren't sorted", key.Offset, key.Partition)
		}
		if !first && key.patient != w.last.patient || len(w.held) >= gather && w.event == nil {
			if err := w.flush(); err != nil {
				return err
			}
		}
		first, w.last = false, key
		w.held = append(w.held, *row)
		return ctx.Err()
	})
	if err := errors.Join(err, w.flush()); err != nil {
		return err
	}
	return w.out.Close()
}

// flush writes the rows of a person, but for those that repeat another.
func (w *mergeWriter[R]) flush() error {
	kept := w.held
	if w.event != nil {
		var err error
		if kept, err = w.distinct(); err != nil {
			return err
		}
	}
	if len(kept) > 0 {
		if _, err := w.out.Write(kept); err != nil {
			return err
		}
	}
	w.rows += int64(len(kept))
	clear(w.held)
	w.held = w.held[:0]
	return nil
}

// distinct leaves out the rows that say what one earlier in the log says. Rows are
// in order of time, and an event's id alone can make it the same.
func (w *mergeWriter[R]) distinct() ([]R, error) {
	clear(w.winners)
	identities := make([]uint64, len(w.held))
	for i := range w.held {
		e, err := w.event(&w.held[i])
		if err != nil {
			return nil, err
		}
		identities[i] = cleanse.Identity(&e)
		best, known := w.winners[identities[i]]
		if !known || w.key(&w.held[i]).LogOffset.compare(w.key(&w.held[best]).LogOffset) < 0 {
			w.winners[identities[i]] = i
		}
	}
	kept := w.held[:0]
	for i := range identities {
		if w.winners[identities[i]] != i {
			w.dropped = append(w.dropped, w.key(&w.held[i]).LogOffset)
			continue
		}
		kept = append(kept, w.held[i])
	}
	return kept, nil
}
