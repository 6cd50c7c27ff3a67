package query

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/ipc"
	"github.com/titrate/titrate/cleanse/lake"
	"github.com/titrate/titrate/ingest"
)

// smallLake holds three readings of two people, one of them quarantined.
func smallLake(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	bucket, err := lake.Dir(dir)
	if err != nil {
		t.Fatal(err)
	}
	w := lake.NewWriter(bucket, lake.WriterOptions{ID: "test", Now: time.Now})
	p := ingest.Partition{Topic: "events", TopicID: "topic-1"}
	if _, err := w.Assign(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	seen := time.Date(2026, 11, 21, 8, 6, 0, 0, time.UTC)
	var records []ingest.Record
	for i, text := range []string{
		`{"type":"glucose","patient":"p-2","time":"2026-11-21T08:05:00Z","value":143.5,"unit":"mg/dL","source":"cgm"}`,
		`{"type":"glucose","patient":"p-1","time":"2026-11-21T09:05:00+01:00","value":7.2,"unit":"mmol/L","source":"cgm","trend":"flat"}`,
		`{"type":"glucose","patient":"p-1","time":"2026-11-21T08:05:00Z","value":7.2}`,
	} {
		records = append(records, ingest.Record{Topic: "events", Offset: int64(i), Seen: seen, Value: []byte(text)})
	}
	if err := w.Append(t.Context(), records); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Flush(t.Context(), true); err != nil {
		t.Fatal(err)
	}
	return dir
}

func answer(t *testing.T, dir, sql, format string) string {
	t.Helper()
	db, err := Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var out bytes.Buffer
	if err := db.Run(t.Context(), sql, format, &out); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return out.String()
}

const readings = `select patient, time, mgdl, trend, date from glucose order by patient`

func TestFormats(t *testing.T) {
	dir := smallLake(t)
	for format, want := range map[string]string{
		"csv": "patient,time,mgdl,trend,date\n" +
			"p-1,2026-11-21T08:05:00Z,129.712248,flat,2026-11-21\n" +
			"p-2,2026-11-21T08:05:00Z,143.5,,2026-11-21\n",
		"json": "[\n" +
			`{"patient":"p-1","time":"2026-11-21T08:05:00Z","mgdl":129.712248,"trend":"flat","date":"2026-11-21"},` + "\n" +
			`{"patient":"p-2","time":"2026-11-21T08:05:00Z","mgdl":143.5,"trend":null,"date":"2026-11-21"}` + "\n]\n",
		"table": "patient  time                  mgdl        trend  date\n" +
			"───────  ────                  ────        ─────  ────\n" +
			"p-1      2026-11-21T08:05:00Z  129.712248  flat   2026-11-21\n" +
			"p-2      2026-11-21T08:05:00Z  143.5       ·      2026-11-21\n" +
			"(2 rows)\n",
	} {
		if got := answer(t, dir, readings, format); got != want {
			t.Errorf("%s:\n%s\nwant\n%s", format, got, want)
		}
	}
	if got := answer(t, dir, "select 1 as one where false", "json"); got != "[\n]\n" {
		t.Errorf("no rows as JSON: %q", got)
	}
}

func TestArrowKeepsTypes(t *testing.T) {
	out := answer(t, smallLake(t), readings, "arrow")
	r, err := ipc.NewReader(strings.NewReader(out))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Release()
	if !r.Next() {
		t.Fatal("no record batch")
	}
	rec := r.Record()
	if rec.NumRows() != 2 || rec.Schema().Field(1).Type.String() != "timestamp[us, tz=UTC]" || rec.Schema().Field(4).Type.Name() != "date32" {
		t.Fatalf("%d rows of %v", rec.NumRows(), rec.Schema())
	}
	at := rec.Column(1).(*array.Timestamp).Value(0)
	if got := time.UnixMicro(int64(at)).UTC().Format(time.RFC3339); got != "2026-11-21T08:05:00Z" {
		t.Errorf("time %s", got)
	}
	if rec.Column(2).(*array.Float64).Value(1) != 143.5 || !rec.Column(3).IsNull(1) {
		t.Errorf("row 2: %v", rec)
	}
}

// A table that has no rows yet can be asked like one that has: it has the same columns.
func TestTablesWithoutRows(t *testing.T) {
	dir := smallLake(t)
	for _, table := range lake.TableNames() {
		if got := answer(t, dir, "select count(*) as n from "+table+"_all where date > '2030-01-01'", "csv"); got != "n\n0\n" {
			t.Errorf("%s: %q", table, got)
		}
	}
	types := `select string_agg(column_name || ' ' || data_type, ', ' order by column_name) as columns
		from duckdb_columns() where table_name = '%s'`
	for _, table := range []string{lake.Raw, lake.Glucose, lake.Quarantine} {
		full := answer(t, dir, fmt.Sprintf(types, table), "csv")
		db, err := Open(t.Context(), dir)
		if err != nil {
			t.Fatal(err)
		}
		if err := db.execute(t.Context(), "create view emptied as "+nothing(table)); err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		if err := db.Run(t.Context(), fmt.Sprintf(types, "emptied"), "csv", &out); err != nil || out.String() != full {
			t.Errorf("%s without rows has other columns: %s, not %s (%v)", table, out.String(), full, err)
		}
		db.Close()
	}
}

// Every message is accounted for by one query over all tables.
func TestRowsAreConserved(t *testing.T) {
	got := answer(t, smallLake(t), `select
		(select count(*) from raw) as read,
		(select count(*) from glucose) + (select count(*) from quarantine) as kept,
		(select reasons[1].code from quarantine) as why`, "csv")
	if got != "read,kept,why\n3,3,source_missing\n" && got != "read,kept,why\n3,3,unit_missing\n" {
		t.Errorf("conserved:\n%s", got)
	}
}

func TestOnlyTheLakeCanBeRead(t *testing.T) {
	dir := smallLake(t)
	secret := filepath.Join(t.TempDir(), "secret.csv")
	if err := os.WriteFile(secret, []byte("a\n1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	db, err := Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, sql := range []string{
		fmt.Sprintf("select * from read_csv('%s')", secret),
		fmt.Sprintf("copy (select 1) to '%s.out'", secret),
		"set enable_external_access = true",
		"select * from nowhere",
	} {
		var out bytes.Buffer
		if err := db.Run(t.Context(), sql, "csv", &out); err == nil {
			t.Errorf("%s was allowed: %s", sql, out.String())
		}
	}
	if err := db.Run(t.Context(), "select 1", "xml", &bytes.Buffer{}); err == nil || !strings.Contains(err.Error(), "csv") {
		t.Errorf("unknown format: %v", err)
	}
}
