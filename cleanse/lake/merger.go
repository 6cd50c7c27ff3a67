package lake

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"

	"github.com/parquet-go/parquet-go"

	"github.com/titrate/titrate/cleanse"
)

// merger merges files of one table.
type merger interface {
	tableName() string
	// merge writes the rows of inputs, sorted, to out, and says which it left out.
	merge(ctx context.Context, bucket Bucket, inputs []Object, out io.Writer, room scratch) (rows int64, dropped []LogOffset, err error)
}

// mergers are those of all tables. The rows of raw and quarantine are messages,
// which all stay, and recommendations and what stands beside them are made once.
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
		merging[shadowRow]{table: t.shadow, key: (*shadowRow).key},
		merging[momentRow]{table: t.moments, key: (*momentRow).key},
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
func (r *shadowRow) key() rowKey { return rowKey{r.Patient, r.Time, LogOffset{r.Partition, r.Offset}} }
func (r *momentRow) key() rowKey { return rowKey{r.Patient, r.Time, LogOffset{r.Partition, r.Offset}} }

// merging merges the files of a table. event decodes a row, where rows can say
// the same; nil where each stays.
type merging[R any] struct {
	table *table[R]
	key   func(*R) rowKey
	event func(*R) (cleanse.Event, error)
}

func (m merging[R]) tableName() string { return m.table.name }

func (m merging[R]) merge(ctx context.Context, bucket Bucket, inputs []Object, out io.Writer, room scratch) (int64, []LogOffset, error) {
	s := &sorter[R]{merging: m, scratch: room, texts: textsOf(reflect.TypeFor[R]())}
	defer s.close()
	if err := s.read(ctx, bucket, inputs); err != nil {
		return 0, nil, err
	}
	w := &mergeWriter[R]{merging: m, out: parquet.NewGenericWriter[R](out, m.options()...), winners: map[uint64]int{}}
	if err := s.each(ctx, w.add); err != nil {
		return 0, nil, err
	}
	if err := errors.Join(w.flush(), w.out.Close()); err != nil {
		return 0, nil, err
	}
	if w.rows+int64(len(w.dropped)) != s.count {
		return 0, nil, fmt.Errorf("%d rows were read, %d written and %d left out: that doesn't add up", s.count, w.rows, len(w.dropped))
	}
	return w.rows, w.dropped, nil
}

// options are those of the table's files, with the merged order.
func (m merging[R]) options() []parquet.WriterOption {
	order := append(m.table.sorting[:len(m.table.sorting):len(m.table.sorting)], "kafka_partition", "kafka_offset")
	if m.table.sorting[0] == "kafka_offset" { // by arrival: partitions one after another
		order = order[1:]
	}
	var columns []parquet.SortingColumn
	for _, column := range order {
		columns = append(columns, parquet.Ascending(column))
	}
	return append(m.table.options(m.table.page), parquet.SortingWriterConfig(parquet.SortingColumns(columns...)))
}

// mergeWriter writes sorted rows, a person at a time: of rows that say the same it
// keeps the one that came first in the log.
type mergeWriter[R any] struct {
	merging[R]
	out     *parquet.GenericWriter[R]
	begun   bool
	last    rowKey
	rows    int64
	dropped []LogOffset

	held    []R            // of one person
	winners map[uint64]int // index of the row that stays, by identity
}

// add takes the next row.
func (w *mergeWriter[R]) add(row *R) error {
	key := w.key(row)
	if w.begun && w.last.compare(key) >= 0 {
		return fmt.Errorf("offset %d of partition %d is there twice", key.Offset, key.Partition)
	}
	if w.begun && key.patient != w.last.patient || w.event == nil && len(w.held) >= gather {
		if err := w.flush(); err != nil {
			return err
		}
	}
	w.begun, w.last = true, key
	if r, ok := any(row).(interface{ tidy() }); ok {
		r.tidy()
	}
	w.held = append(w.held, *row)
	return nil
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
