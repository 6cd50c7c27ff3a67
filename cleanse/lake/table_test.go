package lake

import (
	"bytes"
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/parquet-go/parquet-go"
)

// shelfOf holds rows as a writer does.
func shelfOf(rows []glucoseRow) *shelf[glucoseRow] {
	s := newShelf(newTables().glucose, &pool{})
	for _, r := range rows {
		s.add(r)
	}
	return &s
}

// encoded are the rows as a file, in their order.
func encoded[R any](t *testing.T, table *table[R], rows []R) []byte {
	t.Helper()
	body, err := table.encode(len(rows), func(i int, into *R) { *into = rows[i] })
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// readings are rows of a few people and days in no order of time.
func readings(count int) []glucoseRow {
	random := rand.New(rand.NewPCG(1, 1))
	rows := make([]glucoseRow, count)
	for i := range rows {
		at := time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC).Add(time.Duration(random.IntN(3*24*60)) * time.Minute)
		rows[i] = glucoseRow{MgdL: float64(i), row: row{
			Patient: fmt.Sprintf("somebody-with-a-long-name-%03d", 10*random.IntN(20)),
			Time:    at.UnixMicro(), Received: at.UnixMicro(), Offset: int64(i),
		}}
	}
	return rows
}

func open(t *testing.T, body []byte) *parquet.File {
	t.Helper()
	f, err := parquet.OpenFile(bytes.NewReader(body), int64(len(body)))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestFilesAreSortedAndSaySo(t *testing.T) {
	rows := readings(5000)
	files := shelfOf(rows).files(reach{next: math.MaxInt64})
	if len(files) != 3 {
		t.Fatalf("%d files, want one for each of 3 days", len(files))
	}
	total := 0
	for _, f := range files {
		body, err := f.encode(&encoder{})
		if err != nil {
			t.Fatal(err)
		}
		got, err := parquet.Read[glucoseRow](bytes.NewReader(body), int64(len(body)))
		if err != nil {
			t.Fatal(err)
		}
		total += len(got)
		for i, r := range got {
			if !strings.Contains(f.Name, "date="+dayOf(r.Time).String()) {
				t.Fatalf("row of %v in %s", dayOf(r.Time), f.Name)
			}
			if i > 0 && cmp.Or(cmp.Compare(got[i-1].Patient, r.Patient), cmp.Compare(got[i-1].Time, r.Time)) > 0 {
				t.Fatalf("row %d is out of order", i)
			}
		}
		sorting := open(t, body).Metadata().RowGroups[0].SortingColumns
		if len(sorting) != 2 || sorting[0].ColumnIdx != 0 || sorting[1].ColumnIdx != 1 {
			t.Errorf("the file says that it is sorted by %v", sorting)
		}
	}
	if total != len(rows) {
		t.Errorf("%d rows in all files, want %d", total, len(rows))
	}
}

// TestBytesDependOnRowsAlone: whoever finishes a claim must write the same file,
// whatever the writer wrote before.
func TestBytesDependOnRowsAlone(t *testing.T) {
	for _, count := range []int{1, 100, 2000, 20_000} {
		rows := readings(count)
		fresh, used := newTables().glucose, newTables().glucose
		for _, other := range []int{3, 4000, 30_000} {
			encoded(t, used, readings(other))
		}
		if !bytes.Equal(encoded(t, fresh, rows), encoded(t, used, rows)) {
			t.Errorf("%d rows give other bytes", count)
		}
	}
}

func TestRowGroupsWithoutThePatientAreSkipped(t *testing.T) {
	body, err := shelfOf(readings(3000)).files(reach{next: math.MaxInt64})[0].encode(&encoder{})
	if err != nil {
		t.Fatal(err)
	}
	group := open(t, body).RowGroups()[0]
	held, falsely := 0, 0
	for n := range 200 {
		b := newBounds(time.Time{}, time.Time{}, []string{fmt.Sprintf("somebody-with-a-long-name-%03d", n)})
		switch may := b.may(group); {
		case n%10 == 0 && !may:
			t.Errorf("a patient who is there was skipped: %q", b.patients)
		case n%10 == 0:
			held++
		case may:
			falsely++
		}
	}
	if held != 20 || falsely > 18 {
		t.Errorf("%d of 20 patients found, %d of 180 others not skipped", held, falsely)
	}
	for _, name := range []string{"", "a", "somebody-with-a-long-name", "somebody-with-a-long-name-1900", "z"} {
		if b := newBounds(time.Time{}, time.Time{}, []string{name}); b.may(group) {
			t.Errorf("%q was not skipped", name)
		}
	}
	day := time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)
	for _, w := range []struct {
		since, until time.Time
		want         bool
	}{
		{day, day.Add(time.Hour), true}, {day.AddDate(0, 0, 1), time.Time{}, false}, {time.Time{}, day, false},
	} {
		if b := newBounds(w.since, w.until, nil); b.may(group) != w.want {
			t.Errorf("%v to %v: may hold %t", w.since, w.until, !w.want)
		}
	}
}

func TestDaysAreUTCAndFloor(t *testing.T) {
	for text, want := range map[string]string{
		"1969-12-31T23:59:59.999999Z": "1969-12-31", "1970-01-01T00:00:00Z": "1970-01-01",
		"2026-11-21T00:30:00+02:00": "2026-11-20", "1900-03-01T00:00:00Z": "1900-03-01",
	} {
		at, err := time.Parse(time.RFC3339Nano, text)
		if err != nil {
			t.Fatal(err)
		}
		if got := dayOf(at.UnixMicro()).String(); got != want {
			t.Errorf("%s is of %s, want %s", text, got, want)
		}
	}
}

// TestNullsStayNulls: whatever stands around it, a cell that nobody filled is null,
// neither empty nor 0.
func TestNullsStayNulls(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 3))
	for range 40 {
		flag, object := "flag", "{}"
		rows := make([]insulinRow, 1+random.IntN(100))
		share := random.Float64()
		filled := func() bool { return random.Float64() < share }
		for i := range rows {
			rows[i].Offset = int64(i)
			if filled() {
				rows[i].Flags = &flag
			}
			if filled() {
				rows[i].Extra = &object
			}
			if filled() {
				rows[i].DurationMin = positive(30.0)
			}
		}
		insulin := newTables().insulin
		group := open(t, encoded(t, insulin, rows)).RowGroups()[0]
		for i := range rows {
			r := &rows[i]
			for name, null := range map[string]bool{"flags": r.Flags == nil, "extra": r.Extra == nil, "duration_min": r.DurationMin == nil, "device": true} {
				if cells := nulls(t, group, name); cells[i] != null {
					t.Fatalf("of %d rows, %s of row %d is null %v, want %v", len(rows), name, i, cells[i], null)
				}
			}
		}
	}
}

// nulls says of each cell of a column whether it is null.
func nulls(t *testing.T, group parquet.RowGroup, name string) (cells []bool) {
	t.Helper()
	column := openFlat(group, name)
	defer column.Close()
	if err := column.each(int(group.NumRows()), func(_ int, v parquet.Value) { cells = append(cells, v.IsNull()) }); err != nil {
		t.Fatal(err)
	}
	return cells
}
