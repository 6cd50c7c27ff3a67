package predict_test

import (
	"bytes"
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/titrate/titrate/cleanse"
	"github.com/titrate/titrate/ingest"
	"github.com/titrate/titrate/predict"
	"github.com/titrate/titrate/train"
	"github.com/titrate/titrate/train/feature"
)

// life is some days of two people who wear sensors, eat, dose, err and move, as
// the log holds them.
func life(seed uint64, days int) (log []ingest.Record) {
	dice := rand.New(rand.NewPCG(seed, 1))
	add := func(patient string, at time.Time, kind, fields string, args ...any) {
		log = append(log, record(patient, int64(len(log)), at, kind, fmt.Sprintf(fields, args...)))
	}
	glucose := map[string]float64{"p-1": 140, "p-2": 180}
	zones := []string{"Europe/Berlin", "America/New_York", "UTC"}
	for _, patient := range []string{"p-1", "p-2"} {
		add(patient, start, "profile", settings+`,"timezone":"Europe/Berlin"`)
	}
	for minute := 5; minute < days*24*60; minute += 5 {
		at := start.Add(time.Duration(minute) * time.Minute)
		for _, p := range []string{"p-1", "p-2"} {
			glucose[p] = min(max(glucose[p]+dice.NormFloat64()*7+(140-glucose[p])/40, 42), 380)
			if dice.IntN(12) > 0 && (minute+len(p))%(24*60) > 100 { // and an hour and a half of silence a day
				add(p, at, "glucose", `"value":%.0f,"unit":"mg/dL","source":"cgm"`, glucose[p])
			}
			switch roll := dice.IntN(1200); {
			case roll < 12:
				add(p, at, "meal", `"carbs_g":%d`, 10+5*dice.IntN(20))
			case roll < 22:
				add(p, at, "insulin", `"units":%.1f,"kind":"rapid","reason":%q`, 1+5*dice.Float64(), []string{"meal", "correction"}[dice.IntN(2)])
			case roll < 24:
				add(p, at, "activity", `"minutes":%d,"intensity":"moderate"`, 20+dice.IntN(60))
			case roll < 26:
				add(p, at, "note", `"code":%q`, []string{"calibration", "sensor-start"}[dice.IntN(2)])
			case roll < 27:
				add(p, at, "profile", settings+`,"timezone":%q`, zones[dice.IntN(len(zones))])
			case roll < 32:
				add(p, at, "glucose", `"value":%.0f,"unit":"mg/dL","source":"fingerstick"`, glucose[p])
			case roll < 35:
				add(p, at, "insulin", `"units":%.1f,"kind":"rapid","reason":"basal","duration_min":180`, 2*dice.Float64())
			}
			if minute%(24*60) == 22*60 {
				add(p, at, "insulin", `"units":18,"kind":"long","reason":"basal","product":"glargine"`)
			}
		}
	}
	return log
}

var lives = flag.Int("lives", 2, "random lives in which a scorer is taken over")

// troubled is a life in which things come late, are taken back, and stop, and a clock is behind or ahead: what a sum of
// days must survive. A third person measures by a meter alone.
func troubled(seed uint64, days int) (log []ingest.Record) {
	dice := rand.New(rand.NewPCG(seed, 5))
	add := func(patient string, seen, at time.Time, kind, fields string, args ...any) {
		rec := record(patient, int64(len(log)), at, kind, fmt.Sprintf(fields, args...))
		rec.Seen = seen
		log = append(log, rec)
	}
	var slips, doses []int
	silent := start.Add(time.Duration(days-4) * 24 * time.Hour)
	for n, rec := range life(seed, days) {
		from, until := silent, silent.Add(31*time.Hour)
		if string(rec.Key) == "p-2" && rec.Seen.After(from) && rec.Seen.Before(until) {
			continue
		}
		rec.Offset = int64(len(log))
		if h := rec.Seen.Hour(); h >= 9 && h < 12 && string(rec.Key) == "p-1" { // by a clock that is an hour behind
			rec.Value = bytes.Replace(rec.Value, []byte(rec.Seen.Format(time.RFC3339)), []byte(rec.Seen.Add(-time.Hour).Format(time.RFC3339)), 1)
		}
		if h := rec.Seen.Hour(); h >= 14 && h < 17 && string(rec.Key) == "p-2" && bytes.Contains(rec.Value, []byte(`"source":"cgm"`)) { // by one an hour ahead
			rec = record("p-2", rec.Offset, rec.Seen, "glucose", fmt.Sprintf(`"value":%d,"unit":"mg/dL","source":"cgm"`, 50+dice.IntN(60)))
			rec.Value = bytes.Replace(rec.Value, []byte(rec.Seen.Format(time.RFC3339)), []byte(rec.Seen.Add(time.Hour).Format(time.RFC3339)), 1)
		}
		log = append(log, rec)
		switch roll := dice.IntN(300); {
		case roll < 3: // up to two days late
			at := rec.Seen.Add(-time.Duration(dice.IntN(48*60)) * time.Minute)
			add("p-1", rec.Seen, at, "glucose", `"id":"late-%d","value":%d,"unit":"mg/dL","source":"cgm"`, n, 60+dice.IntN(200))
		case roll < 6:
			add("p-1", rec.Seen, rec.Seen, "glucose", `"id":"wrong-%d","value":%d,"unit":"mg/dL","source":"fingerstick"`, n, 60+dice.IntN(200))
			add("p-1", rec.Seen, rec.Seen, "retraction", `"replaces":"wrong-%d"`, n)
		case roll == 9: // settings that may be taken back: then none hold until others come
			add("p-1", rec.Seen, rec.Seen, "profile", settings+`,"id":"slip-%d","timezone":"Europe/Berlin"`, n)
			slips = append(slips, n)
		case roll == 10 && len(slips) > 0:
			add("p-1", rec.Seen, rec.Seen, "retraction", `"replaces":"slip-%d"`, slips[len(slips)-1])
		case roll == 11: // a second dose by mistake, which may be taken back
			add("p-1", rec.Seen, rec.Seen, "insulin", `"id":"long-%d","units":18,"kind":"long","reason":"basal"`, n)
			doses = append(doses, n)
		case roll == 12 && len(doses) > 0:
			add("p-1", rec.Seen, rec.Seen, "retraction", `"replaces":"long-%d"`, doses[len(doses)-1])
		case roll < 9 && (rec.Seen.Before(silent) || rec.Seen.After(until)):
			add("p-3", rec.Seen, rec.Seen, "glucose", `"value":%d,"unit":"mg/dL","source":"fingerstick"`, 60+dice.IntN(200))
		}
	}
	return log
}

// restored is a scorer that takes over at offset next: what the people topic holds,
// then the log of the lookback.
func restored(t testing.TB, model *train.Model, topic map[string][]byte, log []ingest.Record, next int) *predict.Scorer {
	t.Helper()
	s := predict.NewScorer(model)
	for patient, text := range topic {
		if err := s.Restore(patient, text); err != nil {
			t.Fatal(err)
		}
	}
	from := log[next].Seen.Add(-predict.Lookback)
	for _, rec := range log[:next] {
		if rec.Seen.Before(from) {
			predict.Clean(s, rec) // the cleaner's own reach, in offsets, may be longer
		} else {
			s.Replay(rec)
		}
	}
	return s
}

// TestRestoredAnswersTheSame: whoever takes a partition over, anywhere in the log,
// says and remembers what the former owner would have.
func TestRestoredAnswersTheSame(t *testing.T) {
	said := 0
	for seed := range uint64(*lives) {
		log := troubled(seed, 9)
		dice := rand.New(rand.NewPCG(seed, 2))
		takeovers := []int{len(log)/2 + dice.IntN(len(log)/4), 5 * len(log) / 8, 3 * len(log) / 4, len(log) - 300}
		model := train.Prior()
		if seed%2 == 1 {
			model = adapted(t, life(seed, 4), cleanse.Meal)
		}
		owner, topic := predict.NewScorer(model), map[string][]byte{}
		var others []*predict.Scorer
		for n, rec := range log {
			if slices.Contains(takeovers, n) {
				others = append(others, restored(t, model, topic, log, n))
			}
			want, _ := owner.Apply(rec)
			said += len(want)
			dirty := owner.Dirty()
			for _, patient := range dirty {
				topic[patient] = owner.Memory(patient)
			}
			for i, other := range others {
				got, _ := other.Apply(rec)
				if a, b := text(t, want), text(t, got); a != b {
					t.Fatalf("seed %d, takeover %d, offset %d: the owner says\n%s\nthe other\n%s", seed, i, n, a, b)
				}
				patient := string(rec.Key)
				a, b := predict.VectorOf(owner, patient), predict.VectorOf(other, patient)
				for k := range a {
					if a[k] != b[k] {
						t.Fatalf("seed %d, takeover %d, offset %d: feature %s is %v to the owner, %v to the other", seed, i, n, feature.Names[k], a[k], b[k])
					}
				}
				if !slices.Equal(other.Dirty(), dirty) {
					t.Fatalf("seed %d, takeover %d, offset %d: not the same people are to be remembered: %v; record %s", seed, i, n, dirty, rec.Value)
				}
				for _, patient := range dirty {
					if got := other.Memory(patient); !bytes.Equal(got, topic[patient]) {
						t.Fatalf("seed %d, offset %d: the owner remembers\n%s\nthe other\n%s", seed, n, topic[patient], got)
					}
				}
			}
		}
	}
	if said < 100 {
		t.Errorf("only %d recommendations: little was compared", said)
	}
}

// BenchmarkApply is one event, a reading nearly always, of one of 100 people after
// a day of their lives, by a model that knows what holds for everybody and by one that
// has learned of each.
func BenchmarkApply(b *testing.B) {
	log := crowd(50, life(7, 4))
	b.Run("everybody", func(b *testing.B) { benchmarkApply(b, log, train.Prior()) })
	b.Run("adapted", func(b *testing.B) {
		m := adapted(b, log, cleanse.Meal)
		m.Version = train.Prior().Version // whose gates ask for as many forecasts
		benchmarkApply(b, log, m)
	})
}

func benchmarkApply(b *testing.B, log []ingest.Record, model *train.Model) {
	warm := len(log) / 4
	s := predict.NewScorer(model)
	applyAll(s, log[:warm])
	said, next := 0, warm
	b.ReportAllocs()
	for b.Loop() {
		if next == len(log) { // begin again: a repeated log would be duplicates
			b.StopTimer()
			s, next = predict.NewScorer(model), warm
			applyAll(s, log[:warm])
			b.StartTimer()
		}
		rs, _ := s.Apply(log[next])
		said += len(rs)
		next++
		if len(s.Dirty()) > 100 {
			b.Fatal("one event changed more than one person")
		}
	}
	b.ReportMetric(float64(said)/float64(b.N), "said/op")
}

// crowd is so many copies of a log, of people of their own, in turns.
func crowd(copies int, log []ingest.Record) (out []ingest.Record) {
	for _, rec := range log {
		for c := range copies {
			key := fmt.Sprintf("c%d-%s", c, rec.Key)
			value := strings.Replace(string(rec.Value), string(rec.Key), key, 1)
			out = append(out, ingest.Record{Key: []byte(key), Value: []byte(value), Offset: int64(len(out)), Seen: rec.Seen})
		}
	}
	return out
}
