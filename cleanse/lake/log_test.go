package lake_test

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/parquet-go/parquet-go"

	"github.com/titrate/titrate/cleanse"
	"github.com/titrate/titrate/cleanse/lake"
	"github.com/titrate/titrate/ingest"
)

// epoch is when the first record of a test's log arrives.
var epoch = time.Date(2026, 11, 20, 22, 0, 0, 0, time.UTC)

// log is a partition of a topic, with gaps as transactions and compaction leave.
type log struct {
	ingest.Partition
	records []ingest.Record
}

// newLog makes a log in which every outcome occurs and whose events are of
// several days and people.
func newLog(p ingest.Partition, count int, random *rand.Rand) *log {
	l := &log{Partition: p}
	offset := int64(random.IntN(3))
	for i := range count {
		at := epoch.Add(time.Duration(i) * time.Minute)
		patient := fmt.Sprintf("patient-%03d", random.IntN(5))
		value := message(random, patient, at)
		if i > 0 && random.IntN(10) == 0 { // sent twice
			again := l.records[i-1-random.IntN(min(i, 5))]
			patient, value = string(again.Key), again.Value
		}
		l.records = append(l.records, ingest.Record{
			Topic: p.Topic, Partition: p.Number, Offset: offset, Seen: at, Key: []byte(patient), Value: value,
		})
		offset += int64(1 + random.IntN(8)/7*random.IntN(4))
	}
	return l
}

func message(random *rand.Rand, patient string, seen time.Time) []byte {
	at := seen.Add(-time.Duration(random.IntN(3600)) * time.Second)
	if random.IntN(8) == 0 {
		at = at.Add(-time.Duration(random.IntN(5*24)) * time.Hour)
	}
	head := fmt.Sprintf(`"patient":%q,"time":%q`, patient, at.Format(time.RFC3339))
	switch random.IntN(8) {
	case 0:
		return fmt.Appendf(nil, `{"type":"meal",%s,"carbs_g":%d,"meal":"lunch"}`, head, 1+random.IntN(90))
	case 1:
		return fmt.Appendf(nil, `{"type":"insulin",%s,"units":%g,"kind":"rapid"}`, head, 0.5+float64(random.IntN(20)))
	case 2:
		return [][]byte{nil, []byte("{"), []byte("\xff\xfe"), []byte(`{"type":"glucose"}`), []byte(`{"type":"tea",` + head + `}`)}[random.IntN(5)]
	default:
		return fmt.Appendf(nil, `{"type":"glucose",%s,"value":%d,"unit":"mg/dL","source":"cgm","device":"g7"}`, head, 60+random.IntN(200))
	}
}

// from is the index of the first record at or behind offset.
func (l *log) from(offset int64) int {
	i, _ := slices.BinarySearchFunc(l.records, offset, func(r ingest.Record, o int64) int { return int(r.Offset - o) })
	return i
}

// reader feeds a log to a writer as ingest.Run does.
type reader struct {
	*log
	writer *lake.Writer
	next   int // index
}

func (r *reader) assign(ctx context.Context) error {
	start, err := r.writer.Assign(ctx, r.Partition)
	r.next = r.from(start.From)
	return err
}

// step appends up to n records and flushes.
func (r *reader) step(ctx context.Context, n int) error {
	end := min(r.next+n, len(r.records))
	if err := r.writer.Append(ctx, r.records[r.next:end]); err != nil {
		return err
	}
	r.next = end
	_, err := r.writer.Flush(ctx, end == len(r.records))
	return err
}

// drain stores all of a log.
func drain(t *testing.T, b lake.Bucket, o lake.WriterOptions, step int, logs ...*log) *lake.Writer {
	t.Helper()
	w := lake.NewWriter(b, o)
	for _, l := range logs {
		r := &reader{log: l, writer: w}
		if err := r.assign(t.Context()); err != nil {
			t.Fatal(err)
		}
		for r.next < len(l.records) {
			if err := r.step(t.Context(), step); err != nil {
				t.Fatal(err)
			}
		}
	}
	return w
}

// position is a place in a log, as a lake's rows and names tell it.
type position struct {
	generation string
	partition  int32
	offset     int64
}

// stored is where the rows of a lake are: the tables that hold each position,
// with the outcome that raw gives.
type stored struct {
	tables   map[position][]string
	outcomes map[position]string
}

// readLake reads all rows with no code of the lake's.
func readLake(t testing.TB, b lake.Bucket) stored {
	t.Helper()
	s := stored{tables: map[position][]string{}, outcomes: map[position]string{}}
	err := b.List(context.Background(), "", "", func(o lake.Object) error {
		if o.Name[0] == '_' {
			return nil
		}
		table, generation := splitName(t, o.Name)
		for _, r := range readFile(t, b, o) {
			p := position{generation, r.Partition, r.Offset}
			s.tables[p] = append(s.tables[p], table)
			if table == lake.Raw {
				s.outcomes[p] = r.Outcome
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

type anyRow struct {
	Partition int32  `parquet:"kafka_partition"`
	Offset    int64  `parquet:"kafka_offset"`
	Outcome   string `parquet:"outcome,optional"`
}

func readFile(t testing.TB, b lake.Bucket, o lake.Object) []anyRow {
	t.Helper()
	f, err := b.Open(context.Background(), o.Name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := parquet.Read[anyRow](io.NewSectionReader(f, 0, f.Size()), f.Size())
	if err != nil {
		t.Fatalf("%s: %v", o.Name, err)
	}
	return rows
}

// expect makes sure that each record of the logs is stored once, as a cleaner
// judges that reads the log in one go.
func expect(t testing.TB, b lake.Bucket, logs ...*log) {
	t.Helper()
	got := readLake(t, b)
	for _, l := range logs {
		cleaner := cleanse.New()
		for _, rec := range l.records {
			verdict := cleaner.Clean(rec)
			want := []string{lake.Raw}
			switch verdict.Outcome {
			case cleanse.Quarantined:
				want = []string{lake.Quarantine, lake.Raw}
			case cleanse.Accepted, cleanse.Late:
				want = []string{tableOf[verdict.Event.Kind], lake.Raw}
			}
			p := position{l.TopicID, l.Number, rec.Offset}
			if tables := got.tables[p]; !slices.Equal(sorted(tables), sorted(want)) {
				t.Errorf("%v is in %v, want %v", p, tables, want)
			}
			if want := words[verdict.Outcome]; got.outcomes[p] != want {
				t.Errorf("%v is %q in raw, want %q", p, got.outcomes[p], want)
			}
			delete(got.tables, p)
		}
	}
	for p, tables := range got.tables {
		t.Errorf("%v is in %v and nowhere in the log", p, tables)
	}
}

var tableOf = map[cleanse.Kind]string{
	cleanse.Glucose: lake.Glucose, cleanse.Meal: lake.Meals, cleanse.Insulin: lake.Insulin,
	cleanse.Profile: lake.Profiles, cleanse.Response: lake.Responses, cleanse.Activity: lake.Activities,
	cleanse.Note: lake.Notes, cleanse.Retraction: lake.Retractions,
}

var words = map[cleanse.Outcome]string{
	cleanse.Accepted: "accepted", cleanse.Late: "late", cleanse.Duplicate: "duplicate", cleanse.Quarantined: "quarantined",
}

func sorted(s []string) []string {
	return slices.Sorted(slices.Values(s))
}
