package predict_test

import (
	"bytes"
	"encoding/json"
	"fmt"
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
		"45 minutes late": {func(r *ingest.Record) { r.Seen = r.Seen.Add(45 * time.Minute) }, 1},
		"46 minutes late": {func(r *ingest.Record) { r.Seen = r.Seen.Add(46 * time.Minute) }, 0},
		"a day late":      {func(r *ingest.Record) { r.Seen = r.Seen.Add(24 * time.Hour) }, 0},
		"backfill": {func(r *ingest.Record) {
			r.Value = bytes.Replace(r.Value, []byte(`"carbs_g"`), []byte(`"backfill":true,"carbs_g"`), 1)
		}, 0},
	} {
		log := morning()
		c.change(&log[8])
		said := applyAll(predict.NewScorer(train.Prior()), log)
		// That no reading came for long is told all the same.
		said = slices.DeleteFunc(said, func(r predict.Recommendation) bool { return r.Alert == predict.AlertNoData })
		if len(said) != c.said {
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
	// The meal is logged and answered now; asking again must not dose for it again.
	if r, _ := asked.Advise("p-1", now, 45); r.Kind != predict.Hold || !strings.Contains(r.Because, "same meal") {
		t.Errorf("asked again about a meal that was answered: %+v", r)
	}
	if text(t, a) != text(t, b) || !bytes.Equal(asked.Memory("p-1"), silent.Memory("p-1")) {
		t.Error("the question left a trace")
	}
}

// TestPriorIsNotCalibrated: its lower bound is a guess, so the median counts.
func TestPriorIsNotCalibrated(t *testing.T) {
	trained := train.Prior()
	trained.Version = "2026-11-20.1"
	for model, uncalibrated := range map[*train.Model]bool{train.Prior(): true, trained: false} {
		for _, g := range applyAll(predict.NewScorer(model), morning())[0].Gates {
			if g.ID == "predicted_low" && strings.Contains(g.Note, "median") != uncalibrated {
				t.Errorf("model %s: %s", model.Version, g.Note)
			}
		}
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
	for _, text := range []string{`{"v":1}`, `{"v":3}`, `{`, `[]`} {
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
