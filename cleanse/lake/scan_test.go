package lake_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/titrate/titrate/cleanse"
	"github.com/titrate/titrate/cleanse/lake"
)

// scan gives the rows of a scan as text, a file's rows in their order.
func scan(t *testing.T, b lake.Bucket, o lake.ScanOptions) []string {
	t.Helper()
	var rows []string
	err := lake.Scan(context.Background(), b, o, func(r arrow.Record) error {
		for i := range int(r.NumRows()) {
			var cells []string
			for c := range int(r.NumCols()) {
				cells = append(cells, r.Column(c).ValueStr(i))
			}
			rows = append(rows, strings.Join(cells, " "))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func TestScanPicksRowsAndColumns(t *testing.T) {
	l := richLog(topic("A", 0), 5, 6)
	b := newMemory()
	drain(t, b, lake.WriterOptions{RotateRows: 100}, 33, l)
	events := slices.Concat(slices.Collect(valuesOf(accepted(t, l)))...)
	cut := events[60].At
	for _, o := range []lake.ScanOptions{
		{},
		{Since: cut},
		{Until: cut},
		{Since: cut.AddDate(0, 0, -1), Until: cut, Patients: []string{events[60].Patient}},
		{Patients: []string{"nobody", events[0].Patient}},
		{Patients: []string{}},
	} {
		var want []string
		for _, e := range events {
			inTime := !e.At.Before(o.Since) && (o.Until.IsZero() || e.At.Before(o.Until))
			if e.Kind == cleanse.Insulin && inTime && (o.Patients == nil || slices.Contains(o.Patients, e.Patient)) {
				product := e.Insulin.Product
				if product == "" {
					product = array.NullValueStr
				}
				want = append(want, fmt.Sprintf("%d %v %s %s", e.Offset, float64(e.Insulin.Units), product, e.Patient))
			}
		}
		o.Table, o.Columns = lake.Insulin, []string{"kafka_offset", "units", "product", "patient"}
		if got := scan(t, b, o); !slices.Equal(sorted(got), sorted(want)) {
			t.Errorf("%+v\n got %q\nwant %q", o, got, want)
		}
	}
}

func valuesOf(m map[string][]cleanse.Event) func(func([]cleanse.Event) bool) {
	return func(yield func([]cleanse.Event) bool) {
		for _, events := range m {
			if !yield(events) {
				return
			}
		}
	}
}

func TestScanReadsLists(t *testing.T) {
	l := newLog(topic("A", 0), 500, rand.New(rand.NewPCG(5, 5)))
	b := newMemory()
	drain(t, b, lake.WriterOptions{}, 100, l)
	cleaner := cleanse.New()
	var want []string
	for _, rec := range l.records {
		if v := cleaner.Clean(rec); v.Outcome == cleanse.Quarantined {
			var list []string
			for _, r := range v.Reasons {
				list = append(list, r.Field+"/"+r.Code+"/"+r.Note)
			}
			want = append(want, fmt.Sprintf("%d %q %q", rec.Offset, rec.Value, list))
		}
	}
	var got []string
	o := lake.ScanOptions{Table: lake.Quarantine, Columns: []string{"kafka_offset", "payload", "reasons"}}
	err := lake.Scan(t.Context(), b, o, func(r arrow.Record) error {
		lists := r.Column(2).(*array.List)
		reasons := lists.ListValues().(*array.Struct)
		for i := range int(r.NumRows()) {
			var list []string
			start, end := lists.ValueOffsets(i)
			for k := int(start); k < int(end); k++ {
				list = append(list, reasons.Field(0).ValueStr(k)+"/"+reasons.Field(1).ValueStr(k)+"/"+reasons.Field(2).ValueStr(k))
			}
			got = append(got, fmt.Sprintf("%d %q %q", r.Column(0).(*array.Int64).Value(i), r.Column(1).(*array.Binary).Value(i), list))
		}
		return nil
	})
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("%v\n got %.300q\nwant %.300q", err, got, want)
	}
	if len(want) < 20 {
		t.Errorf("only %d messages were quarantined", len(want))
	}
}

func TestScanOfTheUnknown(t *testing.T) {
	nothing := func(arrow.Record) error { return nil }
	for _, o := range []lake.ScanOptions{
		{Table: "tea"}, {Table: lake.Glucose, Columns: []string{"sugar"}}, {Table: lake.Raw, Patients: []string{"p"}},
	} {
		if err := lake.Scan(t.Context(), newMemory(), o, nothing); err == nil || !strings.Contains(err.Error(), o.Table) {
			t.Errorf("%+v = %v", o, err)
		}
	}
	if got := scan(t, newMemory(), lake.ScanOptions{Table: lake.Glucose}); len(got) != 0 {
		t.Errorf("an empty lake has rows: %q", got)
	}
}

func TestScanStopsWithTheCallersError(t *testing.T) {
	b := newMemory()
	drain(t, b, lake.WriterOptions{}, 100, richLog(topic("A", 0), 2, 3))
	boom := errors.New("boom")
	err := lake.Scan(t.Context(), b, lake.ScanOptions{Table: lake.Glucose}, func(arrow.Record) error { return boom })
	if !errors.Is(err, boom) {
		t.Errorf("Scan = %v, want boom", err)
	}
}

// counting counts the files that are opened.
type counting struct {
	lake.Bucket
	opened atomic.Int64
}

func (c *counting) Open(ctx context.Context, name string) (lake.File, error) {
	c.opened.Add(1)
	return c.Bucket.Open(ctx, name)
}

// TestScanOpensOnlyItsDates: reading one day must not cost more as the lake grows.
func TestScanOpensOnlyItsDates(t *testing.T) {
	b := newMemory()
	drain(t, b, lake.WriterOptions{}, 1000, richLog(topic("A", 0), 2, 30))
	c := &counting{Bucket: b}
	day := epoch.AddDate(0, 0, 10).Truncate(24 * time.Hour)
	rows := scan(t, c, lake.ScanOptions{Table: lake.Glucose, Since: day, Until: day.AddDate(0, 0, 1)})
	if len(rows) != 6 || c.opened.Load() != 1 {
		t.Errorf("read %d rows from %d files, want 6 from 1", len(rows), c.opened.Load())
	}
}
