package cleanse

import (
	"fmt"
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/titrate/titrate/ingest"
)

// drawLife is a stretch of a partition in which few people wear sensors that are
// early, late, noisy and told twice, dose, eat, correct what they logged, and leave
// gaps in the offsets.
func drawLife(t *rapid.T) (all []ingest.Record) {
	offset := rapid.Int64Range(0, 50).Draw(t, "start")
	at := midnight
	ids := []string{}
	for range rapid.IntRange(2, 80).Draw(t, "records") {
		offset += rapid.Int64Range(1, 4).Draw(t, "gap")
		at = at.Add(time.Duration(rapid.IntRange(-7, 12).Draw(t, "step")) * time.Minute)
		body := rapid.SampledFrom([]string{
			`"type":"glucose","value":%d,"unit":"mg/dL","source":"cgm","device":"a"`, `"type":"glucose","value":%d,"unit":"mg/dL","source":"cgm","device":"a"`,
			`"type":"glucose","value":%d,"unit":"mg/dL","source":"cgm","device":"a"`, `"type":"glucose","value":%d,"unit":"mg/dL","source":"cgm","device":"b"`,
			`"type":"insulin","units":%d,"kind":"rapid"`, `"type":"insulin","units":%d,"kind":"long"`, `"type":"meal","carbs_g":%d`,
			`"type":"note","code":"sensor-start","text":"%d"`, `"type":"note","code":"calibration","text":"%d"`,
			`"type":"profile","timezone":"Asia/Tokyo","weight_kg":%d`, `"type":"retraction","text":"%d"`,
		}).Draw(t, "event")
		value := rapid.SampledFrom([]int{39, 60, 61, 90, 99}).Draw(t, "value")
		id := fmt.Sprintf("e%d", rapid.IntRange(0, 40).Draw(t, "id"))
		replaces := ""
		if len(ids) > 0 && (rapid.IntRange(0, 5).Draw(t, "edit") == 0 || body[8:12] == "retr") {
			replaces = rapid.SampledFrom(ids).Draw(t, "replaces")
		}
		ids = append(ids, id)
		payload := fmt.Sprintf(`{"patient":"p-%d","time":%q,"id":%q,"replaces":%q,`+body+"}", rapid.IntRange(0, 1).Draw(t, "patient"),
			at.Format(time.RFC3339), id, replaces, value)
		all = append(all, ingest.Record{Offset: offset, Seen: at.Add(time.Duration(rapid.IntRange(0, 15).Draw(t, "lag")) * time.Minute), Value: []byte(payload)})
	}
	return all
}

// told is what sequence says of each record, with a memory of reach offsets, if
// reading begins at an offset.
func told(all []ingest.Record, reach, begin int64) map[int64]flagSet {
	s := newSequence(standard.limits, reach)
	last := map[uint64]int64{}
	flags := map[int64]flagSet{}
	for _, rec := range all {
		v := Check(rec)
		if rec.Offset < begin || v.identity == 0 {
			continue
		}
		before, known := last[v.identity]
		last[v.identity] = rec.Offset
		flags[rec.Offset] = s.observe(&v.Event, v.identity, known && before >= rec.Offset-reach)
	}
	return flags
}

// Whoever begins to read reach offsets early decides as one who read everything.
func TestSequenceIsAFunctionOfItsReach(t *testing.T) {
	broken := map[string]bool{}
	rapid.Check(t, func(t *rapid.T) {
		all := drawLife(t)
		reach := rapid.Int64Range(3, 120).Draw(t, "reach")
		whole := told(all, reach, 0)
		for i := range all {
			offset := all[i].Offset
			rebuilt := told(all[:i+1], reach, offset-reach)
			if rebuilt[offset] != whole[offset] {
				t.Fatalf("record at %d: flags %q, and %q by one who began at %d", offset, standard.words(whole[offset]), standard.words(rebuilt[offset]), offset-reach)
			}
			whole[offset].each(func(i int) { broken[flagWords[i]] = true })
		}
	})
	if len(broken) < 5 {
		t.Errorf("the lives drawn break only %v: the test shows little", broken)
	}
}

// An edited dose is not a second one, nor is one that was deleted.
func TestWhatWasReplacedIsForgotten(t *testing.T) {
	const first = `{"type":"insulin","patient":"p-1","time":"2026-11-21T08:00:00Z","id":"a","units":18,"kind":"long"}`
	const other = `{"type":"insulin","patient":"p-1","time":"2026-11-21T08:10:00Z","id":"c","units":18,"kind":"long"%s}`
	for _, test := range []struct {
		middle, extra string
		want          Flags
	}{
		{`{"type":"note","patient":"p-1","time":"2026-11-21T08:05:00Z","text":"x"}`, "", longActingTwice},
		{`{"type":"retraction","patient":"p-1","time":"2026-11-21T08:05:00Z","replaces":"a"}`, "", ""},
		{`{"type":"retraction","patient":"p-2","time":"2026-11-21T08:05:00Z","replaces":"a"}`, "", longActingTwice},
		{`{"type":"note","patient":"p-1","time":"2026-11-21T08:05:00Z","text":"x"}`, `,"replaces":"a"`, ""},
	} {
		c := New()
		var v Verdict
		for i, payload := range []string{first, test.middle, fmt.Sprintf(other, test.extra)} {
			v = c.Clean(ingest.Record{Offset: int64(i), Seen: seen, Value: []byte(payload)})
		}
		if v.Event.Flags != test.want {
			t.Errorf("%s, then %s: flags %q, want %q", test.middle, test.extra, v.Event.Flags, test.want)
		}
	}
}

// People of whom nothing is within reach are forgotten.
func TestSequenceForgetsPeople(t *testing.T) {
	s := newSequence(standard.limits, 100)
	for i := range int64(10_000) {
		e := Event{Kind: Meal, Patient: fmt.Sprint("p-", i), Offset: i, At: midday}
		s.observe(&e, uint64(i+1), false)
	}
	if len(s.people) > 201 {
		t.Errorf("%d people are remembered, want at most 201", len(s.people))
	}
}

// What is passed over as smooth isn't noisy by the whole calculation either.
func TestSmoothTracesAreNotNoisy(t *testing.T) {
	noisy := 0
	rapid.Check(t, func(t *rapid.T) {
		limits := *standard.limits
		limits.noise = rapid.SampledFrom([]float64{0.35, 0.5, 0.7}).Draw(t, "over")
		s := newSequence(&limits, Lookback)
		value, gap := 120.0, int64(0)
		var trace []near
		for range noiseOver {
			gap += rapid.Int64Range(3, 12).Draw(t, "minutes") * minute
			trace = append(trace, near{gap: gap, mgdl: rapid.SampledFrom([]float64{90, 105, 119, 120, 120, 120, 121, 150, 240}).Draw(t, "mgdl")})
		}
		walked, up, last := 0.0, 0.0, near{mgdl: value}
		for _, n := range trace {
			walked += drawn(n.gap-last.gap, n.mgdl-last.mgdl)
			up += math.Abs(n.mgdl - last.mgdl)
			last = n
		}
		whole := up >= noiseLeast && 1-drawn(last.gap, value-last.mgdl)/walked > limits.noise
		if got := s.noise(value, trace) != 0; got != whole {
			t.Fatalf("noise of %v, then 120: %t, by the whole calculation %t", trace, got, whole)
		}
		if whole {
			noisy++
		}
	})
	if noisy == 0 {
		t.Error("no trace drawn is noisy: the test shows little")
	}
}
