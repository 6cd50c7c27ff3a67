package s3

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/titrate/titrate/cleanse/lake"
	"github.com/titrate/titrate/cleanse/lake/audit"
	"github.com/titrate/titrate/ingest"
)

// TestCompactionOnS3 merges the small files of a lake in a real store: fewer are left,
// the verifier finds each row once, and compacting again has nothing to do.
func TestCompactionOnS3(t *testing.T) {
	b := open(t, startS3(t), "compacted")
	day := time.Date(2026, 11, 20, 1, 0, 0, 0, time.UTC)
	w := lake.NewWriter(b, lake.WriterOptions{RotateRows: 20})
	for number := range int32(2) {
		p := ingest.Partition{Topic: "events", TopicID: "A", Number: number}
		if _, err := w.Assign(t.Context(), p); err != nil {
			t.Fatal(err)
		}
		for from := range int64(5) {
			var records []ingest.Record
			for i := from * 20; i < from*20+20; i++ {
				at := day.Add(time.Duration(i) * 10 * time.Minute)
				records = append(records, ingest.Record{Topic: "events", Partition: number, Offset: i, Seen: at, Value: fmt.Appendf(nil,
					`{"type":"glucose","patient":"p-%d","time":%q,"value":%d,"unit":"mg/dL","source":"cgm","device":"g7"}`,
					number, at.Format(time.RFC3339), 100+i%7)})
			}
			if err := w.Append(t.Context(), records); err != nil {
				t.Fatal(err)
			}
			if _, err := w.Flush(t.Context(), true); err != nil {
				t.Fatal(err)
			}
		}
	}
	before := audited(t, b)
	o := lake.CompactOptions{ID: "test", Now: day.AddDate(0, 1, 0), Temp: t.TempDir()}
	s, err := lake.Compact(t.Context(), b, o)
	if err != nil {
		t.Fatal(err)
	}
	after := audited(t, b)
	if s.Merges == 0 || after.Files >= before.Files || after.Total != before.Total || after.Total.Accepted != 200 {
		t.Errorf("%+v: %d files with %+v became %d with %+v", s, before.Files, before.Total, after.Files, after.Total)
	}
	if again, err := lake.Compact(t.Context(), b, o); err != nil || again.Merges+again.Completed != 0 {
		t.Errorf("compacting again did %+v, %v", again, err)
	}
}

// audited is the verifier's account of a lake in b, which must balance.
func audited(t *testing.T, b *Bucket) *audit.Report {
	t.Helper()
	report, err := audit.Run(t.Context(), auditedBucket{b}, nil, audit.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if !report.OK() {
		t.Fatalf("%d differences, the first: %v", report.Wrong, report.Differences[0])
	}
	return report
}

type auditedBucket struct{ *Bucket }

func (b auditedBucket) List(ctx context.Context, prefix string, fn func(string, int64) error) error {
	return b.Bucket.List(ctx, prefix, "", func(o lake.Object) error { return fn(o.Name, o.Size) })
}

func (b auditedBucket) Open(ctx context.Context, name string) (audit.Object, error) {
	return b.Bucket.Open(ctx, name)
}
