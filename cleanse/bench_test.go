package cleanse

import (
	"testing"
	"time"
)

// Run alone on a quiet machine: go test ./cleanse -run '^$' -bench . -count 10.

func BenchmarkCheck(b *testing.B) {
	for _, base := range []string{"glucose", "meal", "insulin", "profile"} {
		b.Run(base, func(b *testing.B) {
			rec := record(valid[base])
			b.ReportAllocs()
			b.SetBytes(int64(len(rec.Value)))
			for b.Loop() {
				if v := Check(rec); v.Outcome != Accepted {
					b.Fatal(v.Reasons)
				}
			}
		})
	}
}

func BenchmarkClean(b *testing.B) {
	rec := record(valid["glucose"])
	c := New()
	b.ReportAllocs()
	for b.Loop() {
		rec.Offset++
		c.Clean(rec)
	}
}

// BenchmarkFold folds events that are all new, with the memory full.
func BenchmarkFold(b *testing.B) {
	rec := record(valid["glucose"])
	v := Check(rec)
	c := New()
	b.ReportAllocs()
	for b.Loop() {
		rec.Offset++
		v.identity += 0x9e3779b97f4a7c15
		v.Outcome = Accepted
		c.Fold(rec, &v)
	}
}

func BenchmarkParseMoment(b *testing.B) {
	text := []byte("2026-11-21T08:05:00Z")
	b.ReportAllocs()
	var last time.Time
	for b.Loop() {
		last, _ = parseMoment(text)
	}
	_ = last
}
