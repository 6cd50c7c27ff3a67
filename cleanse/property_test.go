package cleanse

import (
	"fmt"
	"math"
	"reflect"
	"strconv"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/titrate/titrate/ingest"
)

func TestUnitsAgree(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		mgdl := rapid.Float64Range(31, 530).Draw(t, "mg/dL")
		source := rapid.SampledFrom(sources.words).Draw(t, "source")
		mass := Check(record(glucoseOf(mgdl, "mg/dL", source)))
		molar := Check(record(glucoseOf(mgdl/MgdLPerMmolL, "mmol/L", source)))
		a, b := mass.Event.Glucose, molar.Event.Glucose
		if mass.Outcome != Accepted || molar.Outcome != Accepted {
			t.Fatalf("%v mg/dL: outcomes %d %+v and %d %+v", mgdl, mass.Outcome, mass.Reasons, molar.Outcome, molar.Reasons)
		}
		if math.Abs(float64(a.MgdL-b.MgdL)) > 1e-12*mgdl {
			t.Fatalf("%v mg/dL and %v mg/dL", a, b)
		}
		edge := math.Abs(mgdl-39) < 1e-9 || math.Abs(mgdl-401) < 1e-9
		if a.Special != b.Special && !edge {
			t.Fatalf("%v mg/dL is special %d, and %d in mmol/L", mgdl, a.Special, b.Special)
		}
	})
}

func glucoseOf(value float64, unit, source string) string {
	return fmt.Sprintf(`{"type":"glucose","patient":"p-0007","time":"2026-11-21T08:05:00Z","value":%s,"unit":%q,"source":%q}`, decimal(value), unit, source)
}

// drawStream is a stretch of a partition: few patients and values, so that much
// repeats; some messages are wrong, some late.
func drawStream(t *rapid.T) (stream []ingest.Record) {
	offset := int64(0)
	for range rapid.IntRange(1, 60).Draw(t, "records") {
		offset += rapid.Int64Range(1, 3).Draw(t, "gap")
		happened := seen.Add(-time.Duration(rapid.IntRange(-1, 3).Draw(t, "age")) * 20 * time.Minute)
		payload := fmt.Sprintf(`{"type":"glucose","patient":"p-%d","time":%q,"value":%d,"unit":"mg/dL","source":"cgm"}`,
			rapid.IntRange(0, 2).Draw(t, "patient"), happened.Format(time.RFC3339), rapid.SampledFrom([]int{5, 38, 120, 121, 405}).Draw(t, "value"))
		stream = append(stream, ingest.Record{Offset: offset, Seen: seen, Value: []byte(payload)})
	}
	return stream
}

func clean(c *Cleaner, stream []ingest.Record) (all []Verdict) {
	for _, rec := range stream {
		all = append(all, c.Clean(rec))
	}
	return all
}

// What was observed once is known the second time, and nothing else changes.
func TestObservingTwiceIsOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		stream := drawStream(t)
		c := New()
		first := clean(c, stream)
		for i := range stream {
			stream[i].Offset += stream[len(stream)-1].Offset
		}
		for i, v := range clean(c, stream) {
			want := first[i]
			if want.Outcome != Quarantined {
				want.Outcome, want.Event.Offset = Duplicate, stream[i].Offset
			}
			if want.Ahead != nil {
				want.Ahead.Offset = stream[i].Offset
			}
			v.flags, want.flags, v.Event.Flags, want.Event.Flags = 0, 0, "", "" // what is set aside isn't odd
			if !reflect.DeepEqual(v, want) {
				t.Fatalf("record %d: %+v, want %+v", i, v, want)
			}
		}
	})
}

// Whether a batch is checked as a whole and then folded, or record by record,
// and where it was split, is the same.
func TestBatchBoundariesDoNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		stream := drawStream(t)
		want := clean(New(), stream)
		c := New()
		var got []Verdict
		for rest := stream; len(rest) > 0; {
			n := rapid.IntRange(1, len(rest)).Draw(t, "batch")
			got = append(got, checkThenFold(c, rest[:n])...)
			rest = rest[n:]
		}
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("got %+v, want %+v", got, want)
		}
	})
}

func checkThenFold(c *Cleaner, batch []ingest.Record) []Verdict {
	verdicts := make([]Verdict, len(batch))
	for i := len(batch) - 1; i >= 0; i-- { // checks in any order
		verdicts[i] = Check(batch[i])
	}
	for i := range batch {
		c.Fold(batch[i], &verdicts[i])
	}
	return verdicts
}

func TestShiftingTimeShiftsTheAnswer(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		age := time.Duration(rapid.Int64Range(-600, 7200).Draw(t, "age")) * time.Second
		shift := time.Duration(rapid.Int64Range(-30*365*24*3600, 30*365*24*3600).Draw(t, "shift")) * time.Second
		east := time.FixedZone("", 60*rapid.IntRange(-14*60, 14*60).Draw(t, "offset"))
		before, after := moved(seen, age, time.UTC), moved(seen.Add(shift), age, east)
		if before.Outcome != after.Outcome || len(before.Reasons) != len(after.Reasons) {
			t.Fatalf("outcome %d %+v, shifted %d %+v", before.Outcome, before.Reasons, after.Outcome, after.Reasons)
		}
		if before.Outcome == Quarantined {
			return
		}
		want := before.Event
		want.At, want.Seen = want.At.Add(shift), want.Seen.Add(shift)
		if !reflect.DeepEqual(after.Event, want) {
			t.Fatalf("event %+v, want %+v", after.Event, want)
		}
	})
}

// moved is the verdict on a reading that is age old when it is seen.
func moved(seen time.Time, age time.Duration, zone *time.Location) Verdict {
	rec := record(`{"type":"glucose","patient":"p-0007","time":"` + seen.Add(-age).In(zone).Format(time.RFC3339) + `","value":143,"unit":"mg/dL","source":"cgm"}`)
	rec.Seen = seen
	return Check(rec)
}

func TestNumbersAreThoseOfStrconv(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`-?(0|[1-9][0-9]{0,18})(\.[0-9]{1,18})?([eE][+-]?[0-9]{1,3})?`).Draw(t, "number")
		want, _ := strconv.ParseFloat(text, 64)
		if got := float([]byte(text)); got != want {
			t.Fatalf("%s is read as %v, want %v", text, got, want)
		}
	})
}

func TestTimesAreThoseOfTheStandardLibrary(t *testing.T) {
	pattern := `(19|20)[0-9][0-9]-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9](\.[0-9]{1,12})?(Z|[+-](0[0-9]|1[0-5]):[0-5][0-9])`
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(pattern).Draw(t, "time")
		want, err := time.Parse(time.RFC3339Nano, text)
		got, fault := parseMoment([]byte(text))
		if (err == nil) != (fault == wellFormed) {
			t.Fatalf("%s: fault %d, the standard library says %v", text, fault, err)
		}
		if err == nil && !got.Equal(want.Truncate(Resolution)) {
			t.Fatalf("%s is read as %v, want %v", text, got, want)
		}
	})
}
