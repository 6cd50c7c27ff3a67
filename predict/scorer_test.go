package predict_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/titrate/titrate/ingest"
	"github.com/titrate/titrate/predict"
	"github.com/titrate/titrate/train"
)

var start = time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)

const settings = `"birth_year":1984,"weight_kg":72,"diabetes":"type1","regimen":"mdi","icr_g_per_u":10,"isf_mgdl_per_u":45,` +
	`"target_low_mgdl":100,"target_high_mgdl":120,"basal_u_per_day":18,"max_bolus_u":10,"dose_step_u":0.5,"insulin":"lispro"`

// record is a wire event that the log took when it happened.
func record(patient string, offset int64, at time.Time, kind, fields string) ingest.Record {
	value := fmt.Sprintf(`{"type":%q,"patient":%q,"time":%q,%s}`, kind, patient, at.Format(time.RFC3339), fields)
	return ingest.Record{Key: []byte(patient), Value: []byte(value), Offset: offset, Partition: 3, Seen: at}
}

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
			if dice.IntN(12) > 0 {
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

// restored is a scorer that takes over at offset next: what the people topic holds,
// then the log of the lookback.
func restored(t testing.TB, topic map[string][]byte, log []ingest.Record, next int) *predict.Scorer {
	t.Helper()
	s := predict.NewScorer(train.Prior())
	for patient, text := range topic {
		if err := s.Restore(patient, text); err != nil {
			t.Fatal(err)
		}
	}
	from := log[next].Seen.Add(-predict.Lookback)
	for _, rec := range log[:next] {
		if !rec.Seen.Before(from) {
			s.Replay(rec)
		}
	}
	return s
}

// TestRestoredAnswersTheSame: whoever takes a partition over, anywhere in the log,
// says and remembers what the former owner would have.
func TestRestoredAnswersTheSame(t *testing.T) {
	said := 0
	for seed := range uint64(2) {
		log := life(seed, 9)
		dice := rand.New(rand.NewPCG(seed, 2))
		takeovers := []int{len(log)/2 + dice.IntN(len(log)/4), len(log) - 300}
		owner, topic := predict.NewScorer(train.Prior()), map[string][]byte{}
		var others []*predict.Scorer
		for n, rec := range log {
			if slices.Contains(takeovers, n) {
				others = append(others, restored(t, topic, log, n))
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
				if !slices.Equal(other.Dirty(), dirty) {
					t.Fatalf("seed %d, offset %d: not the same people are to be remembered", seed, n)
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

func text(t testing.TB, x any) string {
	t.Helper()
	b, err := json.Marshal(x)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// morning is a profile, half an hour of readings and a meal of 45 g at minute 31,
// which gets a bolus.
func morning() []ingest.Record {
	log := []ingest.Record{record("p-1", 0, start, "profile", settings)}
	for m := 0; m <= 30; m += 5 {
		log = append(log, record("p-1", int64(len(log)), start.Add(time.Duration(m)*time.Minute), "glucose", fmt.Sprintf(`"value":%d,"unit":"mg/dL","source":"cgm"`, 150+m/5)))
	}
	return append(log, record("p-1", int64(len(log)), start.Add(31*time.Minute), "meal", `"carbs_g":45`))
}

func applyAll(s *predict.Scorer, log []ingest.Record) (said []predict.Recommendation) {
	for _, rec := range log {
		rs, _ := s.Apply(rec)
		said = append(said, rs...)
	}
	return said
}

func TestMealGetsARecommendation(t *testing.T) {
	said := applyAll(predict.NewScorer(train.Prior()), morning())
	if len(said) != 1 {
		t.Fatalf("%d recommendations", len(said))
	}
	r := said[0]
	at := start.Add(31 * time.Minute)
	if r.Kind != predict.Bolus || r.Units != 5.5 || r.Patient != "p-1" || r.Model != "prior" || !r.Time.Equal(at) ||
		!r.Expires.Equal(at.Add(10*time.Minute)) || r.Event != (predict.EventRef{Partition: 3, Offset: 8}) || len(r.ID) != 32 {
		t.Errorf("%+v", r)
	}
	if len(r.Gates) != len(predict.Gates()) || len(r.Forecast) != len(train.Horizons) {
		t.Errorf("%d gates, %d horizons", len(r.Gates), len(r.Forecast))
	}
	if again := applyAll(predict.NewScorer(train.Prior()), morning()); text(t, again) != text(t, said) {
		t.Error("a second reading of the log says something else")
	}
}

// TestOnlyTheFreshIsAnswered: history, late arrivals and repeats build state, and
// say nothing.
func TestOnlyTheFreshIsAnswered(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*ingest.Record)
		said   int
	}{
		"as it happens":   {func(*ingest.Record) {}, 1},
		"10 minutes late": {func(r *ingest.Record) { r.Seen = r.Seen.Add(10 * time.Minute) }, 1},
		"11 minutes late": {func(r *ingest.Record) { r.Seen = r.Seen.Add(11 * time.Minute) }, 0},
		"a day late":      {func(r *ingest.Record) { r.Seen = r.Seen.Add(24 * time.Hour) }, 0},
		"backfill": {func(r *ingest.Record) {
			r.Value = bytes.Replace(r.Value, []byte(`"carbs_g"`), []byte(`"backfill":true,"carbs_g"`), 1)
		}, 0},
	} {
		log := morning()
		c.change(&log[8])
		if said := applyAll(predict.NewScorer(train.Prior()), log); len(said) != c.said {
			t.Errorf("%s: %d recommendations, want %d", name, len(said), c.said)
		}
	}
	s := predict.NewScorer(train.Prior())
	log := morning()
	again := log[8]
	again.Offset++
	if said := applyAll(s, append(log, again)); len(said) != 1 {
		t.Errorf("the same meal twice: %d recommendations", len(said))
	}
}

// TestReplayIsSilent: it neither speaks nor makes anything to remember.
func TestReplayIsSilent(t *testing.T) {
	s := predict.NewScorer(train.Prior())
	for _, rec := range morning() {
		s.Replay(rec)
	}
	if dirty := s.Dirty(); len(dirty) != 0 || s.People() != 1 {
		t.Errorf("dirty %v, %d people", dirty, s.People())
	}
}

// TestAdviseRecordsNothing: a question changes neither the next answer nor what is
// remembered.
func TestAdviseRecordsNothing(t *testing.T) {
	log := morning()
	asked, silent := predict.NewScorer(train.Prior()), predict.NewScorer(train.Prior())
	applyAll(asked, log[:8])
	applyAll(silent, log[:8])
	now := start.Add(31 * time.Minute)
	for range 2 {
		r, ok := asked.Advise("p-1", now, 45)
		if !ok || r.Kind != predict.Bolus || r.Units != 5.5 || r.ID != "" {
			t.Errorf("%v %+v", ok, r)
		}
	}
	if r, _ := asked.Advise("p-1", now, 0); r.Kind != predict.Correction && r.Kind != predict.Hold || r.Because == "" {
		t.Errorf("asked about now: %+v", r)
	}
	if r, _ := asked.Advise("p-1", now, -5); r.Kind != predict.Hold {
		t.Errorf("asked about −5 g: %+v", r)
	}
	if _, ok := asked.Advise("nobody", now, 45); ok {
		t.Error("advice for nobody")
	}
	a, b := applyAll(asked, log[8:]), applyAll(silent, log[8:])
	if text(t, a) != text(t, b) || !bytes.Equal(asked.Memory("p-1"), silent.Memory("p-1")) {
		t.Error("the question left a trace")
	}
}

// TestWithoutModelNoInsulin: no forecast, no dose, but an answer.
func TestWithoutModelNoInsulin(t *testing.T) {
	said := applyAll(predict.NewScorer(nil), morning())
	if len(said) != 1 || said[0].Kind != predict.Hold || !strings.Contains(said[0].Because, "no forecast") {
		t.Errorf("%+v", said)
	}
}

// TestShiftingTimeShiftsTheAnswer, by whole weeks: the day of the week is a feature.
func TestShiftingTimeShiftsTheAnswer(t *testing.T) {
	played := func(weeks int) string {
		log := life(11, 3)
		for i := range log {
			old := log[i].Seen
			log[i].Seen = old.AddDate(0, 0, 7*weeks)
			value := strings.Replace(string(log[i].Value), old.Format(time.RFC3339), log[i].Seen.Format(time.RFC3339), 1)
			// Without a zone there is no clock change to shift across.
			value = strings.NewReplacer("Europe/Berlin", "UTC", "America/New_York", "UTC").Replace(value)
			log[i].Value = []byte(value)
		}
		said := applyAll(predict.NewScorer(train.Prior()), log)
		for i := range said {
			said[i].Time, said[i].Expires = said[i].Time.AddDate(0, 0, -7*weeks), said[i].Expires.AddDate(0, 0, -7*weeks)
		}
		return text(t, said)
	}
	want := played(0)
	for _, weeks := range []int{-1, -20, -33} {
		if got := played(weeks); got != want || len(got) < 10_000 {
			t.Errorf("%d weeks earlier something else is said", -weeks)
		}
	}
}

// TestRestoreRefuses what another program wrote.
func TestRestoreRefuses(t *testing.T) {
	s := predict.NewScorer(train.Prior())
	for _, text := range []string{`{"v":2}`, `{`, `[]`} {
		if err := s.Restore("p-1", []byte(text)); err == nil {
			t.Errorf("%s was taken", text)
		}
	}
	applyAll(s, morning())
	if err := s.Restore("p-1", nil); err != nil || s.People() != 0 {
		t.Errorf("a deleted memory: %v, %d people", err, s.People())
	}
}

// TestLine: one answer per line, whatever the line is.
func TestLine(t *testing.T) {
	s := predict.NewScorer(train.Prior())
	for n, rec := range morning() {
		a := s.Line(int64(n), rec.Value)
		if a.N != int64(n) || a.Outcome != "accepted" || a.Recommendations == nil {
			t.Errorf("line %d: %+v", n, a)
		}
		if n == 8 && len(a.Recommendations) != 1 {
			t.Errorf("the meal got %d recommendations", len(a.Recommendations))
		}
	}
	for n, line := range []string{``, `{`, `null`, `"x"`, `{"type":"meal"}`, `{"type":"meal","patient":"p","time":"yesterday","carbs_g":3}`} {
		if a := s.Line(int64(100+n), []byte(line)); a.Outcome != "quarantined" || len(a.Reasons) == 0 {
			t.Errorf("%q: %+v", line, a)
		}
	}
}

// TestLineAnswersHistory: the log's history causes no advice; a file's is asked about.
func TestLineAnswersHistory(t *testing.T) {
	line := []byte(`{"type":"glucose","patient":"p-1","time":"2026-11-20T09:00:00Z","value":52,"unit":"mg/dL","source":"cgm","backfill":true}`)
	if a := predict.NewScorer(train.Prior()).Line(1, line); len(a.Recommendations) != 1 {
		t.Errorf("a line of history: %+v", a)
	}
	seen := time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)
	rec := ingest.Record{Key: []byte("p-1"), Value: line, Seen: seen}
	if advice, _ := predict.NewScorer(train.Prior()).Apply(rec); len(advice) != 0 {
		t.Errorf("history in the log: %+v", advice)
	}
}

// TestMemoryIsSmall: it is written at each dose.
func TestMemoryIsSmall(t *testing.T) {
	s := predict.NewScorer(train.Prior())
	applyAll(s, life(3, 9))
	if n := len(s.Memory("p-1")); n > 8<<10 {
		t.Errorf("%d bytes", n)
	}
}

// BenchmarkApply is one event, a reading nearly always, of one of 100 people after
// a day of their lives.
func BenchmarkApply(b *testing.B) {
	log := crowd(50, life(7, 4))
	warm := len(log) / 4
	s := predict.NewScorer(train.Prior())
	applyAll(s, log[:warm])
	said, next := 0, warm
	b.ReportAllocs()
	for b.Loop() {
		if next == len(log) { // begin again: a repeated log would be duplicates
			b.StopTimer()
			s, next = predict.NewScorer(train.Prior()), warm
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
