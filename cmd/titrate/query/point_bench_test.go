package query

import (
	"context"
	"database/sql"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/titrate/titrate/cleanse/lake"
	"github.com/titrate/titrate/ingest"
)

// BenchmarkPointQuery asks for one patient's day in a lake of many people's
// readings, as the writer wrote it and never compacted, and counts the bytes that
// are read, by DuckDB and by lake.Scan, of those that the table has.
//
// TITRATE_BENCH_ROWS says how many rows (1,000,000; of 10,000 people, who make
// 2,880,000 a day); TITRATE_BENCH_LAKE is a directory where the lake is kept.
func BenchmarkPointQuery(b *testing.B) {
	rows := 1_000_000
	if text := os.Getenv("TITRATE_BENCH_ROWS"); text != "" {
		var err error
		if rows, err = strconv.Atoi(text); err != nil {
			b.Fatalf("TITRATE_BENCH_ROWS: %v", err)
		}
	}
	dir := readingsLake(b, rows)
	table := sizeOf(b, filepath.Join(dir, lake.Glucose))
	day := firstDay.AddDate(0, 0, rows/readingsPerDay/2)
	var byDuckDB, byScan, found int64
	b.ResetTimer()
	for range b.N {
		byDuckDB += bytesRead(b, func() { found = askDuckDB(b, dir, day) })
		byScan += bytesRead(b, func() {
			if n := askScan(b, dir, day); n != found {
				b.Fatalf("scan finds %d rows, DuckDB %d", n, found)
			}
		})
	}
	if found == 0 {
		b.Fatal("the patient has no reading that day")
	}
	share := 100 / float64(table) / float64(b.N)
	b.ReportMetric(float64(table)/1e6, "table-MB")
	b.ReportMetric(float64(byDuckDB)*share, "%-by-duckdb")
	b.ReportMetric(float64(byScan)*share, "%-by-scan")
	b.ReportMetric(float64(found), "rows-found")
}

const (
	readers        = 10_000 // people who wear a sensor
	readingsPerDay = readers * 288
	logPartitions  = 12
	thePatient     = "p-04711"
)

var firstDay = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

func askDuckDB(b *testing.B, dir string, day time.Time) (found int64) {
	db, err := sql.Open("duckdb", "")
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	var mean float64
	err = db.QueryRow(fmt.Sprintf(
		`SELECT count(*), avg(mgdl) FROM (SELECT time, mgdl FROM read_parquet('%s/glucose/*/*.parquet', hive_partitioning = true)
		WHERE date = '%s' AND patient = '%s' ORDER BY time)`, dir, day.Format(time.DateOnly), thePatient)).Scan(&found, &mean)
	if err != nil {
		b.Fatal(err)
	}
	return found
}

func askScan(b *testing.B, dir string, day time.Time) (found int64) {
	bucket, err := lake.Dir(dir)
	if err != nil {
		b.Fatal(err)
	}
	err = lake.Scan(context.Background(), bucket, lake.ScanOptions{
		Table: lake.Glucose, Since: day, Until: day.AddDate(0, 0, 1),
		Patients: []string{thePatient}, Columns: []string{"time", "mgdl"},
	}, func(r arrow.Record) error {
		found += r.NumRows()
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	return found
}

// bytesRead is how many bytes this process reads from files while fn runs.
func bytesRead(b *testing.B, fn func()) int64 {
	b.Helper()
	before := rchar(b)
	fn()
	return rchar(b) - before
}

func rchar(b *testing.B) int64 {
	text, err := os.ReadFile("/proc/self/io")
	if err != nil {
		b.Skip("only Linux says how much a process has read")
	}
	line, _, _ := strings.Cut(string(text), "\n")
	n, err := strconv.ParseInt(strings.TrimPrefix(line, "rchar: "), 10, 64)
	if err != nil {
		b.Fatal(err)
	}
	return n
}

func sizeOf(b *testing.B, dir string) (bytes int64) {
	b.Helper()
	err := filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		bytes += info.Size()
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
	return bytes
}

// readingsLake is a lake with so many readings, stored as they come.
func readingsLake(b *testing.B, rows int) string {
	b.Helper()
	dir := os.Getenv("TITRATE_BENCH_LAKE")
	if dir == "" {
		dir = b.TempDir()
	}
	dir = filepath.Join(dir, fmt.Sprintf("readings-%d", rows))
	if _, err := os.Stat(filepath.Join(dir, "done")); err == nil {
		return dir
	}
	if err := os.RemoveAll(dir); err != nil {
		b.Fatal(err)
	}
	bucket, err := lake.Dir(dir)
	if err != nil {
		b.Fatal(err)
	}
	w := lake.NewWriter(bucket, lake.WriterOptions{})
	for n := range int32(logPartitions) {
		if _, err := w.Assign(context.Background(), ingest.Partition{Topic: "events", TopicID: "T", Number: n}); err != nil {
			b.Fatal(err)
		}
	}
	writeReadings(b, w, rows)
	if err := os.WriteFile(filepath.Join(dir, "done"), nil, 0o644); err != nil {
		b.Fatal(err)
	}
	return dir
}

func writeReadings(b *testing.B, w *lake.Writer, rows int) {
	ctx := context.Background()
	random := rand.New(rand.NewPCG(1, 2))
	var offsets [logPartitions]int64
	keys := make([][]byte, readers)
	for i := range keys {
		keys[i] = fmt.Appendf(nil, "p-%05d", i)
	}
	for at := firstDay; rows > 0; at = at.Add(5 * time.Minute) {
		clock := at.Format(time.RFC3339)
		var records []ingest.Record
		for p := range logPartitions {
			for i := p; i < readers && len(records) < rows; i += logPartitions {
				mgdl := 60 + (i*7+int(at.Unix()/300)*(3+i%5))%240
				records = append(records, ingest.Record{
					Topic: "events", Partition: int32(p), Offset: offsets[p], Seen: at.Add(7 * time.Second), Key: keys[i],
					Value: fmt.Appendf(nil, `{"type":"glucose","patient":"%s","time":"%s","value":%d,"unit":"mg/dL","source":"cgm","device":"g7-%05d","trend":"flat","id":"%016x"}`,
						keys[i], clock, mgdl, i, random.Uint64()),
				})
				offsets[p]++
			}
		}
		rows -= len(records)
		if err := w.Append(ctx, records); err != nil {
			b.Fatal(err)
		}
		if _, err := w.Flush(ctx, rows == 0); err != nil {
			b.Fatal(err)
		}
	}
}
