package cleanse

import (
	"fmt"
	"strconv"
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

// BenchmarkFold folds new readings of many people, five minutes apart, with the
// memory full: the search for duplicates and the rules over a person's events.
func BenchmarkFold(b *testing.B) {
	for _, people := range []int{1, 200, 2000} {
		b.Run(strconv.Itoa(people), func(b *testing.B) { benchmarkFold(b, people) })
	}
}

func benchmarkFold(b *testing.B, people int) {
	v, c := Check(record(valid["glucose"])), New()
	names := make([]string, people)
	for i := range names {
		names[i] = fmt.Sprintf("a-patient-with-a-name-%05d", i)
	}
	rec := record("")
	next := func(i int) {
		rec.Offset++
		v.identity += 0x9e3779b97f4a7c15
		v.flags, v.Outcome = 0, Accepted
		e := &v.Event
		e.Offset, e.Patient, e.Flags = rec.Offset, names[i%people], ""
		e.At = seen.Add(time.Duration(i/people) * 5 * time.Minute)
		e.Seen = e.At.Add(10 * time.Second)
		e.Glucose.MgdL = MgdL(120 + 7*(i/people%9))
		c.Fold(rec, &v)
	}
	for i := range Lookback {
		next(i)
	}
	b.ReportAllocs()
	b.ResetTimer()
	for i := range b.N {
		next(Lookback + i)
	}
}

// BenchmarkRules is what the rules cost an event by itself, without reading its
// JSON: the checks and the making of the event, from tokens.
func BenchmarkRules(b *testing.B) {
	for _, base := range []string{"glucose", "meal", "insulin"} {
		b.Run(base, func(b *testing.B) {
			rec := record(valid[base])
			var x exam
			x.book = standard
			x.rec = rec
			if !x.parse(rec.Value) {
				b.Fatal(x.reasons)
			}
			b.ReportAllocs()
			for b.Loop() {
				x.event, x.flags = Event{}, 0
				x.common()
				x.part()
				x.extra()
				if len(x.reasons) > 0 {
					b.Fatal(x.reasons)
				}
			}
		})
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
