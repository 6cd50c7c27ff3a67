package lake_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"

	"github.com/titrate/titrate/cleanse/lake"
	"github.com/titrate/titrate/cleanse/lake/audit"
)

// audited is a bucket as the audit sees it.
type audited struct{ lake.Bucket }

func (a audited) List(ctx context.Context, prefix string, fn func(string, int64) error) error {
	return a.Bucket.List(ctx, prefix, "", func(o lake.Object) error { return fn(o.Name, o.Size) })
}

func (a audited) Open(ctx context.Context, name string) (audit.Object, error) {
	return a.Bucket.Open(ctx, name)
}

// auditedLog is logs as the audit sees them.
type auditedLog []*log

func (a auditedLog) Topic(_ context.Context, name string) (string, map[int32]audit.Bounds, error) {
	id, parts := "", map[int32]audit.Bounds{}
	for _, l := range a {
		if l.Topic == name {
			id = l.TopicID
			parts[l.Number] = audit.Bounds{Low: l.records[0].Offset, End: l.records[len(l.records)-1].Offset + 1}
		}
	}
	return id, parts, nil
}

func (a auditedLog) Offsets(_ context.Context, topic string, partition int32, from, to int64, fn func(int64)) error {
	for _, l := range a {
		for _, r := range l.records {
			if l.Topic == topic && l.Number == partition && r.Offset >= from && r.Offset < to {
				fn(r.Offset)
			}
		}
	}
	return nil
}

// verify audits a lake, compared with logs if there are any.
func verify(t testing.TB, b lake.Bucket, logs ...*log) *audit.Report {
	t.Helper()
	var l audit.Log
	if len(logs) > 0 {
		l = auditedLog(logs)
	}
	report, err := audit.Run(context.Background(), audited{b}, l, audit.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func text(r *audit.Report) string {
	var out strings.Builder
	_ = r.Write(&out)
	return out.String()
}

func TestVerifyBalances(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	logs := []*log{newLog(topic("A", 0), 700, random), newLog(topic("A", 1), 900, random)}
	b := openDir(t)
	w := drain(t, b, lake.WriterOptions{RotateRows: 250}, 100, logs...)
	for _, r := range []*audit.Report{verify(t, b), verify(t, b, logs...)} {
		s := w.Summary()
		want := audit.Counts{Read: s.Read, Accepted: s.Accepted, Late: s.Late, Quarantined: s.Quarantined, Duplicate: s.Duplicate}
		if !r.OK() || r.Total != want || r.Files != s.Files {
			t.Errorf("%s\nwant %+v in %d files", text(r), want, s.Files)
		}
	}
	if r := verify(t, b, logs...); r.Partitions[0].Compared != 700 || r.Partitions[1].Compared != 900 {
		t.Errorf("compared %d and %d records with the log", r.Partitions[0].Compared, r.Partitions[1].Compared)
	}
}

// TestVerifyInPasses: a lake that doesn't fit in memory gives the same account.
func TestVerifyInPasses(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	logs := auditedLog{newLog(topic("A", 0), 700, random), newLog(topic("A", 1), 90, random)}
	b := newMemory()
	drain(t, b, lake.WriterOptions{RotateRows: 50}, 40, logs...)
	whole := verify(t, b, logs...)
	for _, atOnce := range []int64{1, 100, 300} {
		r, err := audit.Run(t.Context(), audited{b}, logs, audit.Options{AtOnce: atOnce})
		if err != nil {
			t.Fatal(err)
		}
		if text(r) != text(whole) {
			t.Errorf("%d at once:\n%s\nwant\n%s", atOnce, text(r), text(whole))
		}
	}
}

// rewrite replaces the rows of one file of a lake in memory.
func rewrite[R any](t *testing.T, b *memory, name string, change func([]R) []R) {
	t.Helper()
	var rows []R
	for _, o := range objectsOf(t, b) {
		if o.Name != name {
			continue
		}
		f, err := b.Open(t.Context(), name)
		if err != nil {
			t.Fatal(err)
		}
		if rows, err = parquet.Read[R](f, f.Size()); err != nil {
			t.Fatal(err)
		}
	}
	var out strings.Builder
	if err := parquet.Write(&out, change(rows)); err != nil {
		t.Fatal(err)
	}
	b.objects[name] = []byte(out.String())
}

func objectsOf(t *testing.T, b lake.Bucket) []lake.Object {
	t.Helper()
	var all []lake.Object
	if err := b.List(t.Context(), "", "", func(o lake.Object) error { all = append(all, o); return nil }); err != nil {
		t.Fatal(err)
	}
	return all
}

// first is the first name that begins and ends so.
func first(t *testing.T, b lake.Bucket, prefix, suffix string) string {
	t.Helper()
	for _, o := range objectsOf(t, b) {
		if strings.HasPrefix(o.Name, prefix) && strings.HasSuffix(o.Name, suffix) {
			return o.Name
		}
	}
	t.Fatalf("no %s…%s", prefix, suffix)
	return ""
}

// event is a row of glucose as far as verify looks.
type event struct {
	Patient   string `parquet:"patient"`
	Time      int64  `parquet:"time,timestamp(microsecond:utc)"`
	Late      bool   `parquet:"late"`
	Partition int32  `parquet:"kafka_partition"`
	Offset    int64  `parquet:"kafka_offset"`
}

type rawMessage struct {
	Payload   []byte `parquet:"payload"`
	Received  int64  `parquet:"received,timestamp(microsecond:utc)"`
	Partition int32  `parquet:"kafka_partition"`
	Offset    int64  `parquet:"kafka_offset"`
	Outcome   string `parquet:"outcome"`
}

// TestVerifyFindsWhatIsWrong breaks a lake that balances in every way that a
// writer, a store or a hand can.
func TestVerifyFindsWhatIsWrong(t *testing.T) {
	glucose := func(change func([]event) []event) func(*testing.T, *memory, *log) {
		return func(t *testing.T, b *memory, _ *log) {
			rewrite(t, b, first(t, b, "glucose/", ".parquet"), change)
		}
	}
	raw := func(change func([]rawMessage) []rawMessage) func(*testing.T, *memory, *log) {
		return func(t *testing.T, b *memory, _ *log) { rewrite(t, b, first(t, b, "raw/", ".parquet"), change) }
	}
	tests := map[string]struct {
		kind  string
		spoil func(*testing.T, *memory, *log)
	}{
		"a file is gone": {"lost", func(t *testing.T, b *memory, _ *log) {
			delete(b.objects, first(t, b, "glucose/", ".parquet"))
		}},
		"a file is cut": {"file", func(t *testing.T, b *memory, _ *log) {
			name := first(t, b, "glucose/", ".parquet")
			b.objects[name] = b.objects[name][:len(b.objects[name])/2]
		}},
		"a file that no claim names": {"file", func(t *testing.T, b *memory, _ *log) {
			name := first(t, b, "glucose/", ".parquet")
			b.objects[strings.Replace(name, "events-0-", "events-0-9", 1)] = b.objects[name]
		}},
		"a file of another name": {"file", func(t *testing.T, b *memory, _ *log) { b.objects["glucose/notes.txt"] = nil }},
		"a row is gone":          {"lost", glucose(func(rows []event) []event { return rows[1:] })},
		"a row is there twice":   {"doubled", glucose(func(rows []event) []event { return append(rows, rows[0]) })},
		"a row of another day": {"date", glucose(func(rows []event) []event {
			rows[0].Time += 24 * 3600e6
			return rows
		})},
		"a row that isn't late": {"outcome", glucose(func(rows []event) []event {
			rows[0].Late = !rows[0].Late
			return rows
		})},
		"a row outside its claim": {"outside", glucose(func(rows []event) []event {
			rows[0].Offset += 1 << 30
			return rows
		})},
		"raw lacks a message":       {"lost", raw(func(rows []rawMessage) []rawMessage { return rows[1:] })},
		"raw has a message twice":   {"doubled", raw(func(rows []rawMessage) []rawMessage { return append(rows, rows[0]) })},
		"raw has an unknown word":   {"outcome", raw(func(rows []rawMessage) []rawMessage { rows[0].Outcome = "fine"; return rows })},
		"raw says duplicate":        {"doubled", raw(outcome("accepted", "duplicate"))},
		"raw says accepted":         {"lost", raw(outcome("duplicate", "accepted"))},
		"raw says quarantined":      {"lost", raw(outcome("accepted", "quarantined"))},
		"a row in the wrong table":  {"table", raw(func(rows []rawMessage) []rawMessage { return retype(rows) })},
		"a done mark is gone":       {"claim", func(t *testing.T, b *memory, _ *log) { delete(b.objects, first(t, b, "_ledger/", ".done")) }},
		"a claim is gone":           {"claim", func(t *testing.T, b *memory, _ *log) { delete(b.objects, first(t, b, "_ledger/", ".json")) }},
		"a claim counts wrongly":    {"claim", claimText(`"duplicate": `, `"duplicate": 1`)},
		"a claim names another day": {"lost", claimText(`glucose/date=2026-11-20`, `glucose/date=2026-11-01`)},
		"the log has more": {"lost", func(_ *testing.T, _ *memory, l *log) {
			l.records = slices.Insert(l.records, 100, l.records[100])
			for l.records[99].Offset+1 >= l.records[101].Offset {
				for i := range l.records[101:] {
					l.records[101+i].Offset++
				}
			}
			l.records[100].Offset = l.records[99].Offset + 1
		}},
		"the log has less": {"invented", func(_ *testing.T, _ *memory, l *log) { l.records = slices.Delete(l.records, 50, 51) }},
		"the log was cut":  {"invented", func(_ *testing.T, _ *memory, l *log) { l.records = l.records[:100] }},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			l := newLog(topic("A", 0), 200, rand.New(rand.NewPCG(1, 1)))
			b := newMemory()
			drain(t, b, lake.WriterOptions{RotateRows: 60}, 50, l)
			if r := verify(t, b, l); !r.OK() {
				t.Fatalf("before anything was spoilt:\n%s", text(r))
			}
			tt.spoil(t, b, l)
			r := verify(t, b, l)
			if !slices.ContainsFunc(r.Differences, func(d audit.Difference) bool { return d.Kind == tt.kind }) {
				t.Errorf("no difference of kind %q:\n%s", tt.kind, text(r))
			}
		})
	}
}

func outcome(from, to string) func([]rawMessage) []rawMessage {
	return func(rows []rawMessage) []rawMessage {
		for i := range rows {
			if rows[i].Outcome == from {
				rows[i].Outcome = to
				return rows
			}
		}
		panic("no message is " + from)
	}
}

func retype(rows []rawMessage) []rawMessage {
	for i := range rows {
		if rows[i].Outcome == "accepted" && strings.Contains(string(rows[i].Payload), `"glucose"`) {
			rows[i].Payload = []byte(`{"type":"insulin"}`)
			return rows
		}
	}
	panic("no reading")
}

func claimText(from, to string) func(*testing.T, *memory, *log) {
	return func(t *testing.T, b *memory, _ *log) {
		name := first(t, b, "_ledger/", ".json")
		changed := strings.Replace(string(b.objects[name]), from, to, 1)
		if changed == string(b.objects[name]) {
			t.Fatalf("%s doesn't hold %s", name, from)
		}
		b.objects[name] = []byte(changed)
	}
}

// TestVerifyOfAnOpenClaim: what isn't finished is neither right nor wrong yet.
func TestVerifyOfAnOpenClaim(t *testing.T) {
	l := newLog(topic("A", 0), 200, rand.New(rand.NewPCG(1, 1)))
	b := newMemory()
	run(t, &faulty{Bucket: b, plan: nth("file", 3, crashAfter)}, l, rand.New(rand.NewPCG(1, 1)))
	r := verify(t, b, l)
	if !r.OK() || !r.Partitions[0].Open {
		t.Errorf("%s", text(r))
	}
}

func TestVerifyKnowsGaps(t *testing.T) {
	l := newLog(topic("A", 0), 100, rand.New(rand.NewPCG(1, 1)))
	b := newMemory()
	drain(t, b, lake.WriterOptions{}, 100, &log{Partition: l.Partition, records: l.records[:40]})
	next, low := l.records[39].Offset+1, l.records[60].Offset
	skipTo(t, b, l.Partition, low, 1<<40)
	rest := &log{Partition: l.Partition, records: l.records[60:]}
	drain(t, b, lake.WriterOptions{}, 100, rest)
	r := verify(t, b, rest)
	want := fmt.Sprint([]audit.Gap{{Start: next, Next: low, Why: "expired"}})
	if got := fmt.Sprint(r.Partitions[0].GivenUp); !r.OK() || got != want || r.Total.Lost != low-next {
		t.Errorf("gaps %s, want %s\n%s", got, want, text(r))
	}
}

// TestVerifyOfAnAbandonedClaim: files that it lacks were given up, the rest counts.
func TestVerifyOfAnAbandonedClaim(t *testing.T) {
	l := newLog(topic("A", 0), 100, rand.New(rand.NewPCG(1, 1)))
	b := newMemory()
	run(t, &faulty{Bucket: b, plan: nth("file", 2, crashAfter)}, l, rand.New(rand.NewPCG(1, 1)))
	skipTo(t, b, l.Partition, l.records[10].Offset, 1<<40)
	r := verify(t, b)
	if !r.OK() || len(r.Partitions[0].GivenUp) != 1 || r.Total.Lost == 0 {
		t.Errorf("%s", text(r))
	}
}

func TestVerifyOfATruncatedLog(t *testing.T) {
	old := newLog(topic("A", 0), 100, rand.New(rand.NewPCG(1, 1)))
	b := newMemory()
	drain(t, b, lake.WriterOptions{}, 100, old)
	end := old.records[50].Offset
	skipTo(t, b, old.Partition, 0, end)
	young := newLog(topic("A", 0), 60, rand.New(rand.NewPCG(2, 2)))
	for i := range young.records {
		young.records[i].Offset += end
	}
	now := &log{Partition: old.Partition, records: append(slices.Clone(old.records[:50]), young.records...)}
	drain(t, b, lake.WriterOptions{}, 100, young)
	if r := verify(t, b, now); !r.OK() || r.Total.Read != 160 {
		t.Errorf("%s", text(r))
	}
}

// TestVerifyOfWhatWaits: what ends a transaction takes an offset and is no record, so a lake
// that has all records isn't behind.
func TestVerifyOfWhatWaits(t *testing.T) {
	l := newLog(topic("A", 0), 100, rand.New(rand.NewPCG(1, 1)))
	b := newMemory()
	had := &log{Partition: l.Partition, records: l.records[:90]}
	drain(t, b, lake.WriterOptions{}, 100, had)
	if r := verify(t, b, l); r.Partitions[0].Waiting != 10 || !strings.Contains(text(r), "behind by 10") {
		t.Errorf("%d wait\n%s", r.Partitions[0].Waiting, text(r))
	}
	r, err := audit.Run(t.Context(), audited{b}, marked{auditedLog{had}}, audit.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if p := r.Partitions[0]; p.Waiting != 0 || p.LogEnd != p.Next+2 || !strings.Contains(text(r), "done") {
		t.Errorf("%d wait\n%s", p.Waiting, text(r))
	}
}

// marked is a log that ends with the marks of two transactions.
type marked struct{ auditedLog }

func (m marked) Topic(ctx context.Context, name string) (string, map[int32]audit.Bounds, error) {
	id, parts, err := m.auditedLog.Topic(ctx, name)
	for number, b := range parts {
		parts[number] = audit.Bounds{Low: b.Low, End: b.End + 2}
	}
	return id, parts, err
}
