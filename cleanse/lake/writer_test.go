package lake_test

import (
	"errors"
	"io"
	"maps"
	"math/rand/v2"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/parquet-go/parquet-go"
	"github.com/titrate/titrate/cleanse/lake"
	"github.com/titrate/titrate/ingest"
)

var nameForm = regexp.MustCompile(`^([a-z]+)/date=\d{4}-\d\d-\d\d/[a-z]+-(?:\d+-\d+-\d+|compact-\d+-[0-9a-f]+)\.([A-Za-z0-9_-]+)\.parquet$`)

func splitName(t testing.TB, name string) (table, generation string) {
	t.Helper()
	parts := nameForm.FindStringSubmatch(name)
	if parts == nil {
		t.Fatalf("unexpected name %s", name)
	}
	return parts[1], parts[2]
}

func topic(id string, number int32) ingest.Partition {
	return ingest.Partition{Topic: "events", TopicID: id, Number: number}
}

func TestWriterConservesRecords(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	logs := []*log{newLog(topic("A", 0), 700, random), newLog(topic("A", 1), 900, random)}
	b := openDir(t)
	w := drain(t, b, lake.WriterOptions{RotateRows: 250}, 100, logs...)
	expect(t, b, logs...)
	s := w.Summary()
	if s.Read != 1600 || s.Read != s.Accepted+s.Quarantined+s.Duplicate+s.Late {
		t.Errorf("summary %+v doesn't add up", s)
	}
	if s.Accepted == 0 || s.Quarantined == 0 || s.Duplicate == 0 || s.Late == 0 {
		t.Errorf("summary %+v: the log should hold every outcome", s)
	}
}

// rowsOf are all rows of a lake but raw's file boundaries: what a query sees.
func rowsOf(t *testing.T, b lake.Bucket) map[string][]string {
	t.Helper()
	rows := map[string][]string{}
	for _, table := range lake.TableNames() {
		rows[table] = sorted(scan(t, b, lake.ScanOptions{Table: table}))
	}
	return rows
}

// TestRotationDoesntChangeRows: neither how records come nor when they are stored
// shows in the tables.
func TestRotationDoesntChangeRows(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		random := rand.New(rand.NewPCG(rapid.Uint64().Draw(r, "seed"), 1))
		logs := []*log{newLog(topic("A", 0), 60, random), newLog(topic("A", 1), 20, random)}
		whole, parts := newMemory(), newMemory()
		drain(t, whole, lake.WriterOptions{}, 1000, logs...)
		drain(t, parts, lake.WriterOptions{
			RotateRows:  rapid.IntRange(7, 80).Draw(r, "rows"),
			RotateBytes: int64(rapid.IntRange(2000, 20_000).Draw(r, "bytes")),
		}, rapid.IntRange(7, 80).Draw(r, "step"), logs...)
		if want, got := rowsOf(t, whole), rowsOf(t, parts); !reflect.DeepEqual(got, want) {
			r.Errorf("rows differ")
		}
	})
}

func TestRotationByAgeRowsAndBytes(t *testing.T) {
	now := epoch
	for name, o := range map[string]lake.WriterOptions{
		"age":   {RotateAge: time.Minute},
		"rows":  {RotateRows: 100, RotateAge: time.Hour},
		"bytes": {RotateBytes: 6000, RotateAge: time.Hour},
	} {
		o.Now = func() time.Time { return now }
		l := newLog(topic("A", 0), 100, rand.New(rand.NewPCG(1, 1)))
		r := &reader{log: l, writer: lake.NewWriter(newMemory(), o)}
		if err := r.assign(t.Context()); err != nil {
			t.Fatal(err)
		}
		stored := func(from, to int) bool {
			t.Helper()
			if err := r.writer.Append(t.Context(), l.records[from:to]); err != nil {
				t.Fatal(err)
			}
			positions, err := r.writer.Flush(t.Context(), false)
			if err == nil && len(positions) == 0 { // what is stored for want of memory is told of later
				r.writer.Close()
				positions, err = r.writer.Flush(t.Context(), false)
			}
			if err != nil {
				t.Fatal(err)
			}
			if len(positions) > 0 && positions[0].Next != l.records[to-1].Offset+1 {
				t.Errorf("%s: position %+v", name, positions[0])
			}
			return len(positions) > 0
		}
		if stored(0, 10) {
			t.Errorf("%s: stored too early", name)
		}
		now = now.Add(59 * time.Second)
		if stored(10, 11) {
			t.Errorf("%s: stored too early", name)
		}
		now = now.Add(time.Second)
		if !stored(11, 100) {
			t.Errorf("%s: not stored", name)
		}
	}
}

// TestRestartRemembersDuplicates: the records read back before the first new one
// make no rows, but are remembered.
func TestRestartRemembersDuplicates(t *testing.T) {
	l := newLog(topic("A", 0), 60, rand.New(rand.NewPCG(8, 8)))
	for i := 40; i < 60; i++ { // all that come after the restart were there before
		l.records[i].Key, l.records[i].Value = l.records[i-40].Key, l.records[i-40].Value
	}
	b := newMemory()
	first := &log{Partition: l.Partition, records: l.records[:40]}
	drain(t, b, lake.WriterOptions{}, 100, first)
	w := drain(t, b, lake.WriterOptions{}, 100, l)
	expect(t, b, l)
	if s := w.Summary(); s.Read != 20 || s.Duplicate+s.Quarantined != 20 {
		t.Errorf("after the restart %+v, want duplicates only", s)
	}
}

func TestFinalFlushOfNothing(t *testing.T) {
	l := newLog(topic("A", 0), 60, rand.New(rand.NewPCG(8, 8)))
	b := newMemory()
	w := drain(t, b, lake.WriterOptions{}, 100, l)
	before := len(b.objects)
	for range 2 {
		if positions, err := w.Flush(t.Context(), true); len(positions) > 0 || err != nil {
			t.Errorf("Flush with nothing new = %v, %v", positions, err)
		}
	}
	drain(t, b, lake.WriterOptions{}, 100, l)
	if len(b.objects) != before {
		t.Errorf("reading again made %d objects", len(b.objects)-before)
	}
}

// openClaim leaves a claim without its files, and gives its name.
func openClaim(t *testing.T, b *memory, l *log) string {
	t.Helper()
	f := &faulty{Bucket: b, plan: nth("claim", 1, crashAfter)}
	run(t, f, l, rand.New(rand.NewPCG(1, 1)))
	for name := range b.objects {
		return name
	}
	t.Fatal("no claim")
	return ""
}

// TestClaimOfOtherRulesIsNotFinished: half of its range would be judged by one
// set of rules and half by another.
func TestClaimOfOtherRulesIsNotFinished(t *testing.T) {
	l := newLog(topic("A", 0), 200, rand.New(rand.NewPCG(1, 1)))
	b := newMemory()
	name := openClaim(t, b, l)
	b.objects[name] = []byte(strings.Replace(string(b.objects[name]), `"rules": `, `"rules": 7`, 1))
	_, err := lake.NewWriter(b, lake.WriterOptions{}).Assign(t.Context(), l.Partition)
	if err == nil || !strings.Contains(err.Error(), name) || !strings.Contains(err.Error(), "rules 7") {
		t.Errorf("Assign = %v", err)
	}
}

// TestLogThatLostRecords: what was claimed can't be had any more, and inventing
// an emptier range would hide it.
func TestLogThatLostRecords(t *testing.T) {
	l := newLog(topic("A", 0), 200, rand.New(rand.NewPCG(1, 1)))
	b := newMemory()
	openClaim(t, b, l)
	l.records = slices.Delete(l.records, 3, 5)
	r := &reader{log: l, writer: lake.NewWriter(b, lake.WriterOptions{})}
	if err := r.assign(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := r.step(t.Context(), 1000); err == nil || !strings.Contains(err.Error(), "lost records") {
		t.Errorf("Flush = %v", err)
	}
	if len(b.objects) != 1 {
		t.Errorf("%d objects, want the claim alone", len(b.objects))
	}
}

func TestRecordsOutOfOrderAreRefused(t *testing.T) {
	l := newLog(topic("A", 0), 10, rand.New(rand.NewPCG(1, 1)))
	w := lake.NewWriter(newMemory(), lake.WriterOptions{})
	if _, err := w.Assign(t.Context(), l.Partition); err != nil {
		t.Fatal(err)
	}
	slices.Reverse(l.records)
	if err := w.Append(t.Context(), l.records); err == nil || !strings.Contains(err.Error(), "came after") {
		t.Errorf("Append = %v", err)
	}
}

func TestRevokedPartitionIsForgotten(t *testing.T) {
	l := newLog(topic("A", 0), 50, rand.New(rand.NewPCG(1, 1)))
	b := newMemory()
	r := &reader{log: l, writer: lake.NewWriter(b, lake.WriterOptions{})}
	if err := r.assign(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := r.step(t.Context(), 20); err != nil {
		t.Fatal(err)
	}
	r.writer.Revoke(l.Partition)
	if err := r.step(t.Context(), 1000); err != nil {
		t.Fatal(err)
	}
	if len(b.objects) != 0 {
		t.Errorf("a partition that was revoked was stored: %d objects", len(b.objects))
	}
	drain(t, b, lake.WriterOptions{}, 100, l)
	expect(t, b, l)
}

func TestTopicWithoutAnIdIsRefused(t *testing.T) {
	_, err := lake.NewWriter(newMemory(), lake.WriterOptions{}).Assign(t.Context(), topic("", 0))
	if err == nil || !strings.Contains(err.Error(), "id is not known") {
		t.Errorf("Assign = %v", err)
	}
}

func TestRecommendationsHaveTheirTable(t *testing.T) {
	values := []string{
		`{"id":"r1","patient":"p-7","time":"2026-11-21T08:11:00Z","expires":"2026-11-21T08:26:00Z","kind":"bolus","units":3.5,` +
			`"carbs_g":0,"because":"45 g ÷ 12 g/U","components":{"meal_u":3.75},"model":"m.3","event":{"partition":3,"offset":12345}}`,
		`{"id":"r2"}`, `{`, "\xff", ``,
	}
	l := &log{Partition: ingest.Partition{Topic: "recommendations", TopicID: "R", Number: 0}}
	for i, v := range values {
		l.records = append(l.records, ingest.Record{Topic: "recommendations", Offset: int64(2 * i), Seen: epoch, Value: []byte(v)})
	}
	b := newMemory()
	w := drain(t, b, lake.WriterOptions{}, 10, l)
	if s := w.Summary(); s.Read != 5 || s.Accepted != 1 || s.Quarantined != 4 {
		t.Errorf("summary %+v", s)
	}
	got := scan(t, b, lake.ScanOptions{Table: lake.Recommendations, Columns: []string{
		"id", "patient", "kind", "units", "carbs_g", "model", "event_partition", "event_offset", "kafka_offset", "payload",
	}})
	if want := "r1 p-7 bolus 3.5 0 m.3 3 12345 0 " + values[0]; len(got) != 1 || got[0] != want {
		t.Errorf("rows %q, want %q", got, want)
	}
}

func TestShadowHasItsTable(t *testing.T) {
	values := []string{
		`{"patient":"p-7","time":"2026-11-21T08:11:00Z","event":{"partition":3,"offset":12345},` +
			`"champion":{"model":"m.3","kind":"bolus","units":3.5,"carbs_g":0},"challenger":{"model":"m.4","silent":true,"kind":"","units":0,"carbs_g":0},"differs":true}`,
		`{"patient":"p-7"}`, `{"time":"2026-11-21T08:11:00Z"}`, `{`, "\xff", ``,
	}
	l := &log{Partition: ingest.Partition{Topic: "shadow", TopicID: "S", Number: 2}}
	for i, v := range values {
		l.records = append(l.records, ingest.Record{Topic: "shadow", Partition: 2, Offset: int64(2 * i), Seen: epoch, Value: []byte(v)})
	}
	b := newMemory()
	w := drain(t, b, lake.WriterOptions{}, 10, l)
	if s := w.Summary(); s.Read != 6 || s.Accepted != 1 || s.Quarantined != 5 {
		t.Errorf("summary %+v", s)
	}
	got := scan(t, b, lake.ScanOptions{Table: lake.Shadow, Columns: []string{
		"patient", "differs", "champion", "champion_silent", "champion_kind", "champion_units", "challenger", "challenger_silent",
		"challenger_kind", "challenger_units", "event_partition", "event_offset", "kafka_partition", "kafka_offset",
	}})
	if want := "p-7 true m.3 false bolus 3.5 m.4 true (null) 0 3 12345 2 0"; len(got) != 1 || got[0] != want {
		t.Errorf("rows %q, want %q", got, want)
	}
	if r := verify(t, b, l); !r.OK() {
		t.Errorf("the audit says %+v", r)
	}
}

func TestMomentsHaveTheirTable(t *testing.T) {
	values := []string{
		`{"id":"m1","patient":"p-7","time":"2026-11-21T08:11:00Z","name":"spike","says":"a spike","event":{"partition":3,"offset":12345}}`,
		`{"id":"m2","patient":"p-7","time":"2026-11-21T08:11:00Z","says":"of no name"}`, `{"id":"m3"}`, `[]`, "\xff", ``,
	}
	l := &log{Partition: ingest.Partition{Topic: "moments", TopicID: "M", Number: 2}}
	for i, v := range values {
		l.records = append(l.records, ingest.Record{Topic: "moments", Partition: 2, Offset: int64(2 * i), Seen: epoch, Value: []byte(v)})
	}
	b := newMemory()
	w := drain(t, b, lake.WriterOptions{}, 10, l)
	if s := w.Summary(); s.Read != 6 || s.Accepted != 1 || s.Quarantined != 5 {
		t.Errorf("summary %+v", s)
	}
	got := scan(t, b, lake.ScanOptions{Table: lake.Moments, Columns: []string{
		"id", "patient", "name", "says", "event_partition", "event_offset", "kafka_partition", "kafka_offset",
	}})
	if want := "m1 p-7 spike a spike 3 12345 2 0"; len(got) != 1 || got[0] != want {
		t.Errorf("rows %q, want %q", got, want)
	}
	if r := verify(t, b, l); !r.OK() {
		t.Errorf("the audit says %+v", r)
	}
}

// TestPoisonStopsNothing has every kind of bad message between good ones, and finds
// each, byte for byte, in raw and in quarantine.
func TestPoisonStopsNothing(t *testing.T) {
	l := richLog(topic("A", 0), 1, 1)
	sent := map[string]int{}
	for _, v := range []string{"", "\x00", "[]", "null", `{"type":"glucose","value":1e400}`, `{"value":NaN}`, "\xff\xfe", `{"a":1,"a":2}`,
		"\x00\x00\x00\x00\x07\x02", strings.Repeat("[", 100_000), strings.Repeat("x", 10<<20)} {
		sent[v]++
		good := l.records[0]
		good.Offset = int64(len(l.records)) + 1
		l.records = append(l.records, ingest.Record{
			Topic: "events", Offset: int64(len(l.records)), Seen: epoch, Key: []byte("\xff"), Value: []byte(v),
		}, good)
	}
	b := newMemory()
	drain(t, b, lake.WriterOptions{}, 4, l)
	expect(t, b, l)
	for _, table := range []string{lake.Raw, lake.Quarantine} {
		left := maps.Clone(sent)
		for _, payload := range payloads(t, b, table) {
			left[payload]--
		}
		for v, n := range left {
			if _, bad := sent[v]; bad && n != 0 {
				t.Errorf("%s holds %.20q %d times too few", table, v, n)
			}
		}
	}
}

// payloads are what arrived, as a table holds it.
func payloads(t *testing.T, b lake.Bucket, table string) (all []string) {
	t.Helper()
	for _, o := range objectsOf(t, b) {
		if !strings.HasPrefix(o.Name, table+"/") {
			continue
		}
		f, err := b.Open(t.Context(), o.Name)
		if err != nil {
			t.Fatal(err)
		}
		rows, err := parquet.Read[struct {
			Payload []byte `parquet:"payload"`
		}](io.NewSectionReader(f, 0, f.Size()), f.Size())
		if err := errors.Join(err, f.Close()); err != nil {
			t.Fatal(err)
		}
		for _, r := range rows {
			all = append(all, string(r.Payload))
		}
	}
	return all
}
