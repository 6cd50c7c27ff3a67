package cleanse

import (
	"fmt"
	"math"
	"slices"
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

// BenchmarkCheckLent is BenchmarkCheck as the lake's writer checks: in memory that is used
// again, without copying text.
func BenchmarkCheckLent(b *testing.B) {
	for _, base := range []string{"glucose", "meal", "insulin", "profile"} {
		b.Run(base, func(b *testing.B) {
			rec, c := record(valid[base]), New()
			var v Verdict
			b.ReportAllocs()
			b.SetBytes(int64(len(rec.Value)))
			for b.Loop() {
				if c.CheckLent(&rec, &v); v.Outcome != Accepted {
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
// memory full: the search for duplicates and the rules over a person's events. A
// noisy trace costs more than a living one: the way along it is measured.
func BenchmarkFold(b *testing.B) {
	for _, people := range []int{1, 200, 2000} {
		b.Run(strconv.Itoa(people), func(b *testing.B) { benchmarkFold(b, people, living) })
	}
	b.Run("200/noisy", func(b *testing.B) { benchmarkFold(b, 200, noisy) })
}

// living is a trace as sensors draw it: a wave of six hours, and their small noise.
func living(step int) MgdL {
	noise := uint32(step) * 2654435761 >> 29
	return MgdL(math.Round(150+60*math.Sin(2*math.Pi*float64(step)/72))) + MgdL(noise) - 4
}

// noisy is a saw.
func noisy(step int) MgdL { return MgdL(120 + 7*(step%9)) }

func benchmarkFold(b *testing.B, people int, trace func(step int) MgdL) {
	v, c := Check(record(valid["glucose"])), New()
	names := make([]string, people)
	for i := range names {
		names[i] = fmt.Sprintf("a-patient-with-a-name-%05d", i)
	}
	values := make([]MgdL, 72)
	for i := range values {
		values[i] = trace(i)
	}
	rec := record("")
	person, step, at := 0, 0, seen
	next := func() {
		rec.Offset++
		v.identity += 0x9e3779b97f4a7c15
		v.flags, v.Outcome = 0, Accepted
		e := &v.Event
		e.Offset, e.Patient, e.Flags = rec.Offset, names[person], ""
		e.At, e.Seen = at, at.Add(10*time.Second)
		e.Glucose.MgdL = values[step]
		if person++; person == people {
			person, step, at = 0, (step+1)%len(values), at.Add(5*time.Minute)
		}
		c.Fold(rec, &v)
	}
	for range Lookback {
		next()
	}
	var folded turns
	b.ReportAllocs()
	b.ResetTimer()
	for left := b.N; left > 0; left -= turn {
		folded.time(min(turn, left), next)
	}
	b.ReportMetric(folded.median(), "median-ns")
}

// turn is how many events are timed at once.
const turn = 256

// turns are the times of turns, in nanoseconds an event. Their median isn't moved by
// what else the machine does at times.
type turns []float64

func (t *turns) time(n int, do func()) {
	start := time.Now()
	for range n {
		do()
	}
	*t = append(*t, float64(time.Since(start).Nanoseconds())/float64(n))
}

func (t turns) median() float64 {
	slices.Sort(t)
	return t[len(t)/2]
}

// BenchmarkRules tells what the rules cost an event by itself from what making it
// costs, whose JSON was read beforehand: make-ns is text, numbers and times out of
// tokens and nothing more, both-ns with every check, rules-ns the difference. The two
// take turns, so that both have the same machine.
func BenchmarkRules(b *testing.B) {
	for _, base := range []string{"glucose", "meal", "insulin"} {
		b.Run(base, func(b *testing.B) {
			rec := record(valid[base])
			var event Event
			x := exam{book: standard, rec: &rec, event: &event}
			if !x.parse(rec.Value) {
				b.Fatal(x.reasons)
			}
			var make, both turns
			check := func() {
				event, x.flags = Event{}, 0
				x.common()
				x.part()
				x.extra()
			}
			b.ReportAllocs()
			for left := b.N; left > 0; left -= turn {
				make.time(min(turn, left), x.make)
				both.time(min(turn, left), check)
			}
			if len(x.reasons) > 0 {
				b.Fatal(x.reasons)
			}
			b.ReportMetric(make.median(), "make-ns")
			b.ReportMetric(both.median(), "both-ns")
			b.ReportMetric(both.median()-make.median(), "rules-ns")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// make makes the event of the tokens without a check. Words of a vocabulary are left
// out: which there are is a rule's to say.
func (x *exam) make() {
	e := x.event
	*e = Event{}
	e.Partition, e.Offset, e.Seen = x.rec.Partition, x.rec.Offset, resolved(x.rec.Seen)
	words := func(f field) string { return string(x.of(x.fields[f])) }
	figure := func(f field) float64 { return float(x.of(x.fields[f])) }
	e.Patient, e.ID, e.Device = words(fieldPatient), words(fieldID), words(fieldDevice)
	e.At, _ = parseMoment(x.of(x.fields[fieldTime]))
	switch {
	case x.given(fieldValue):
		e.Kind, e.Glucose.MgdL = Glucose, MgdL(figure(fieldValue))
	case x.given(fieldCarbs):
		grams := func(f field) Opt[Grams] { return Some(Grams(figure(f))) }
		e.Kind, e.Meal = Meal, MealEntry{Carbs: grams(fieldCarbs), Kcal: Some(figure(fieldKcal)), Protein: grams(fieldProtein),
			Fat: grams(fieldFat), Fibre: grams(fieldFibre), Meal: words(fieldMeal)}
	default:
		e.Kind, e.Insulin = Insulin, InsulinDose{Units: Units(figure(fieldUnits)), Reason: words(fieldReason),
			Product: words(fieldProduct), Duration: minutes(figure(fieldDuration))}
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
