package main

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/titrate/titrate/cleanse/lake"
	"github.com/titrate/titrate/infra/kafka"
)

// read is what a reader saw of a column; infra/readers/read.py says how Sum is made.
type read struct {
	Type   string
	Rows   int64
	Values int64
	Sum    float64
}

// TestReadersAgree has DuckDB, pyarrow and Spark read a lake with rows in every
// table, and compares rows, values, sums and types of each column with our own scan.
func TestReadersAgree(t *testing.T) {
	python := os.Getenv("TITRATE_READERS")
	if python == "" {
		t.Skip("needs a Python with DuckDB, pyarrow and Spark: make test-readers makes one")
	}
	dir := fullLake(t)
	cmd := exec.Command(python, filepath.Join("..", "..", "infra", "readers", "read.py"), dir)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("read.py: %v", err)
	}
	var readers map[string]map[string]map[string]read
	if err := json.Unmarshal(out, &readers); err != nil {
		t.Fatalf("read.py: %v\n%s", err, out)
	}
	if len(readers) != 3 {
		t.Fatalf("%d readers answered, want 3", len(readers))
	}
	for _, table := range lake.TableNames() {
		ours := scanned(t, dir, table)
		for reader, tables := range readers {
			if len(tables[table]) != len(ours) {
				t.Errorf("%s sees %d columns in %s, our own scan %d", reader, len(tables[table]), table, len(ours))
			}
			for column, want := range ours {
				if got := tables[table][column]; got.Type != want.Type || got.Rows != want.Rows || got.Values != want.Values || !near(got.Sum, want.Sum) {
					t.Errorf("%s sees %s.%s as %+v, our own scan %+v", reader, table, column, got, want)
				}
			}
		}
	}
	for table, c := range map[string]string{"glucose": "trend", "meals": "kcal", "insulin": "product"} {
		if got := scanned(t, dir, table)[c]; got.Values == 0 || got.Values == got.Rows {
			t.Errorf("%s.%s has %d values in %d rows: the comparison wants some that are absent", table, c, got.Values, got.Rows)
		}
	}
}

func near(a, b float64) bool { return math.Abs(a-b) <= 1e-9*max(1, math.Abs(a), math.Abs(b)) }

// fullLake drains virtual people with faulty devices, and a message for each
// table that they leave empty.
func fullLake(t *testing.T) string {
	t.Helper()
	cfg := startBroker(t)
	dir := filepath.Join(t.TempDir(), "lake")
	must(t, "simulate", "--brokers", cfg.Brokers, "--patients", "20", "--days", "3", "--seed", "11", "--faults", "all")
	scorer := start(t, "score", "--brokers", cfg.Brokers, "--model", "prior", "--challenger", "prior", "--moments", someMoments(t))
	send(t, cfg, morning("p-1", time.Now())...)
	send(t, cfg, strays(time.Now())...)
	for begun := time.Now(); ; time.Sleep(time.Second) {
		must(t, "ingest", "--brokers", cfg.Brokers, "--lake", dir, "--drain")
		if files, _ := filepath.Glob(filepath.Join(dir, "recommendations", "*", "*.parquet")); len(files) > 0 {
			break
		}
		if time.Since(begun) > time.Minute {
			t.Fatal("no recommendation within a minute")
		}
	}
	scorer.stop(t)
	return dir
}

// strays are events of the kinds and with the gaps that virtual people don't send.
func strays(now time.Time) []kafka.Message {
	var out []kafka.Message
	for i, text := range []string{
		`{"type":"response","recommendation":"r-1","action":"changed","units":2.5}`,
		`{"type":"response","recommendation":"r-2","action":"declined"}`,
		`{"type":"activity","minutes":30,"intensity":"moderate"}`,
		`{"type":"note","code":"hypo-symptoms","text":"zittrig — ½ Saft"}`,
		`{"type":"retraction","replaces":"e-1","id":"e-2"}`,
		`{"type":"glucose","value":7.2,"unit":"mmol/L","source":"fingerstick"}`,
		`{"type":"glucose","value":143,"unit":"mg/dL","source":"cgm","trend":"flat","battery":0.4}`,
		`{"type":"meal","carbs_g":45}`,
		`{"type":"meal","carbs_g":30,"kcal":220.5,"protein_g":0}`,
		`{"type":"insulin","units":4.5,"kind":"rapid","product":"lispro"}`,
		`{"type":"insulin","units":3,"kind":"rapid"}`,
	} {
		at := now.Add(-time.Duration(60-i) * time.Minute).UTC().Format(time.RFC3339)
		value := fmt.Sprintf(`{"patient":"p-2","time":%q,%s`, at, text[1:])
		out = append(out, kafka.Message{Topic: topicEvents, Key: []byte("p-2"), Value: []byte(value)})
	}
	return out
}

// scanned is what our own reader sees of a table.
func scanned(t *testing.T, dir, table string) map[string]read {
	t.Helper()
	bucket, err := lake.Dir(dir)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]read{}
	err = lake.Scan(t.Context(), bucket, lake.ScanOptions{Table: table}, func(rec arrow.Record) error {
		for i, f := range rec.Schema().Fields() {
			c := seen[f.Name]
			kind, sum := measured(t, rec.Column(i))
			c.Type = kind
			c.Rows += rec.NumRows()
			c.Values += rec.NumRows() - int64(rec.Column(i).NullN())
			c.Sum += sum
			seen[f.Name] = c
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(seen) == 0 {
		t.Fatalf("table %s is empty: the comparison would show nothing about it", table)
	}
	return seen
}

func measured(t *testing.T, column arrow.Array) (kind string, sum float64) {
	t.Helper()
	var measure func(i int) float64
	switch c := column.(type) {
	case *array.String:
		kind, measure = "string", func(i int) float64 { return float64(len(c.Value(i))) }
	case *array.Binary:
		kind, measure = "binary", func(i int) float64 { return float64(len(c.Value(i))) }
	case *array.Float64:
		kind, measure = "double", c.Value
	case *array.Int64:
		kind, measure = "long", func(i int) float64 { return float64(c.Value(i)) }
	case *array.Int32:
		kind, measure = "int", func(i int) float64 { return float64(c.Value(i)) }
	case *array.Boolean:
		kind, measure = "bool", func(i int) float64 {
			if c.Value(i) {
				return 1
			}
			return 0
		}
	case *array.Timestamp:
		stamp := c.DataType().(*arrow.TimestampType)
		kind = "timestamp[" + stamp.Unit.String() + ", " + stamp.TimeZone + "]"
		measure = func(i int) float64 { return float64(int64(c.Value(i)) % 1_000_000_000) }
	case *array.List:
		kind, measure = "list", func(i int) float64 { from, to := c.ValueOffsets(i); return float64(to - from) }
	default:
		t.Fatalf("a column of type %s", column.DataType())
	}
	for i := range column.Len() {
		if column.IsValid(i) {
			sum += measure(i)
		}
	}
	return kind, sum
}
