package lake_test

import (
	"reflect"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/titrate/titrate/cleanse"
	"github.com/titrate/titrate/cleanse/lake"
	"github.com/titrate/titrate/ingest"
)

// TestFilesOfVersion1AreRead reads a lake that the first version wrote. Its raw
// table says what its events are: what the messages give now, but for the columns
// that it hadn't yet.
func TestFilesOfVersion1AreRead(t *testing.T) {
	b, err := lake.Dir("testdata/v1")
	if err != nil {
		t.Fatal(err)
	}
	want := map[string][]cleanse.Event{}
	cleaner := cleanse.New()
	for _, rec := range rawRecords(t, b) {
		v := cleaner.Clean(rec)
		if v.Outcome == cleanse.Accepted || v.Outcome == cleanse.Late {
			v.Event.Flags = ""
			want[v.Event.Patient] = append(want[v.Event.Patient], v.Event)
		}
	}
	if _, got := readEvents(t, b, lake.EventOptions{}); len(got) == 0 || !reflect.DeepEqual(got, want) {
		t.Error(difference(got, want))
	}
	rows := 0
	err = lake.Scan(t.Context(), b, lake.ScanOptions{Table: lake.Meals, Columns: []string{"kafka_offset", "replaces", "flags", "extra"}}, func(r arrow.Record) error {
		rows += int(r.NumRows())
		for i := 1; i < 4; i++ {
			if r.Column(i).NullN() != int(r.NumRows()) {
				t.Errorf("%s holds %v, which version 1 never wrote", r.ColumnName(i), r.Column(i))
			}
		}
		return nil
	})
	if err != nil || rows != 2 {
		t.Errorf("%d meals, want 2: %v", rows, err)
	}
	if err := lake.Scan(t.Context(), b, lake.ScanOptions{Table: lake.Retractions}, nil); err != nil {
		t.Errorf("a table that version 1 hadn't: %v", err)
	}
}

// rawRecords are the messages in the raw table of a lake of one file.
func rawRecords(t *testing.T, b lake.Bucket) (records []ingest.Record) {
	t.Helper()
	err := lake.Scan(t.Context(), b, lake.ScanOptions{Table: lake.Raw, Columns: []string{"payload", "key", "kafka_offset", "received"}}, func(r arrow.Record) error {
		for i := range int(r.NumRows()) {
			at := r.Column(3).(*array.Timestamp).Value(i).ToTime(arrow.Microsecond)
			records = append(records, ingest.Record{
				Offset: r.Column(2).(*array.Int64).Value(i), Seen: at,
				Key: r.Column(1).(*array.Binary).Value(i), Value: r.Column(0).(*array.Binary).Value(i),
			})
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return records
}
