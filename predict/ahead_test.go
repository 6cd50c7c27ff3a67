package predict_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/titrate/titrate/cleanse"
	"github.com/titrate/titrate/ingest"
	"github.com/titrate/titrate/predict"
	"github.com/titrate/titrate/train"
)

// byClock is a sensor's reading that the log takes at minute m after start, by a clock so
// far ahead.
func byClock(m int, ahead time.Duration, value string) ingest.Record {
	seen := start.Add(time.Duration(m) * time.Minute)
	rec := record("p-1", int64(1000+m), seen.Add(ahead), "glucose", `"value":`+value+`,"unit":"mg/dL","source":"cgm"`)
	rec.Seen = seen
	return rec
}

// TestALowByAClockAheadIsToldAndNothingElse: a check, with the alarm; nothing is dosed or
// forecast by it, and the model is told nothing.
func TestALowByAClockAheadIsToldAndNothingElse(t *testing.T) {
	for name, c := range map[string]struct {
		ahead   time.Duration
		value   string
		alert   string
		because string
	}{
		"a low":              {time.Hour, "69.4", predict.AlertLow, "glucose 69 mg/dL is below 70, but its sensor's clock is 60 min ahead: measure with a meter at once; below 70, without a meter, or if you feel low, take 15 g of fast carbs"},
		"which rounds to 70": {time.Hour, "69.5", "", ""},
		"not yet urgent":     {time.Hour, "54.5", predict.AlertLow, "glucose 55 mg/dL"},
		"urgent":             {time.Hour, "54.4", predict.AlertUrgentLow, "glucose 54 mg/dL"},
		"below the sensor's": {time.Hour, `"LOW"`, predict.AlertUrgentLow, "the sensor reads LOW, but its sensor's clock"},
		"above the sensor's": {time.Hour, `"HIGH"`, "", ""},
		"a little ahead":     {5*time.Minute + time.Second, "60", predict.AlertLow, "is 5 min ahead"},
		"a day ahead":        {24 * time.Hour, "60", predict.AlertLow, "is 24 h ahead"},
		"more than that":     {24*time.Hour + time.Second, "60", "", ""},
		"declared history":   {time.Hour, `60,"backfill":true`, "", ""},
		"and an odd id":      {time.Hour, `60,"id":17`, "", ""},
	} {
		s := predict.NewScorer(train.Prior())
		s.Shadow(named("2026-11-20.1"))
		applyAll(s, morning()[:8])
		s.Compared()
		s.Dirty()
		before, memory := predict.VectorOf(s, "p-1"), s.Memory("p-1")
		rec := byClock(35, c.ahead, c.value)
		said, v := s.Apply(rec)
		if v.Outcome != cleanse.Quarantined || predict.VectorOf(s, "p-1") != before || len(s.Compared()) != 0 {
			t.Errorf("%s: it is used: outcome %v", name, v.Outcome)
		}
		if c.alert == "" {
			if len(said) != 0 || len(s.Dirty()) != 0 || !bytes.Equal(memory, s.Memory("p-1")) {
				t.Errorf("%s: said %+v", name, said)
			}
			continue
		}
		if len(said) != 1 || len(s.Dirty()) != 1 {
			t.Fatalf("%s: said %+v", name, said)
		}
		r := said[0]
		if r.Kind != predict.Check || r.Alert != c.alert || r.Units != 0 || r.CarbsG != 0 || len(r.Forecast) != 0 || !strings.Contains(r.Because, c.because) {
			t.Errorf("%s: %+v", name, r)
		}
		if !r.Time.Equal(rec.Seen) || r.Event != (predict.EventRef{Partition: rec.Partition, Offset: rec.Offset}) {
			t.Errorf("%s: at %v about %v", name, r.Time, r.Event)
		}
	}
}

// TestALowByAClockAheadIsOneEpisode: it is told again as a low is, and whoever takes over, at
// any reading, says and remembers the same.
func TestALowByAClockAheadIsOneEpisode(t *testing.T) {
	log := morning()[:8]
	for m := 35; m <= 180; m += 5 {
		log = append(log, byClock(m, time.Hour, fmt.Sprint(90-min(m-35, 30))))
	}
	owner, topic := predict.NewScorer(train.Prior()), map[string][]byte{}
	var told []string
	for n, rec := range log {
		other := restored(t, train.Prior(), topic, log, n)
		mine, _ := owner.Advise("p-1", rec.Seen, 45)
		theirs, _ := other.Advise("p-1", rec.Seen, 45)
		if a, b := text(t, mine), text(t, theirs); a != b {
			t.Fatalf("before offset %d the owner advises\n%s\nthe other\n%s", n, a, b)
		}
		want, _ := owner.Apply(rec)
		got, _ := other.Apply(rec)
		if a, b := text(t, want), text(t, got); a != b {
			t.Fatalf("offset %d: the owner says\n%s\nthe other\n%s", n, a, b)
		}
		for _, patient := range owner.Dirty() {
			topic[patient] = owner.Memory(patient)
			if !bytes.Equal(topic[patient], other.Memory(patient)) {
				t.Fatalf("offset %d: the owner remembers\n%s\nthe other\n%s", n, topic[patient], other.Memory(patient))
			}
		}
		for _, r := range want {
			told = append(told, fmt.Sprintf("%v %s %t", r.Time.Sub(start).Minutes(), r.Alert, r.Escalate))
		}
	}
	want := "60 low false, 75 low true, 105 low true, 135 low true, 165 low true"
	if got := strings.Join(told, ", "); got != want {
		t.Errorf("told %s, want %s", got, want)
	}
}

// TestSilenceNamesAClockAhead: also to who never had a right one; not once the readings have
// stopped, nor of a clock that is beyond belief.
func TestSilenceNamesAClockAhead(t *testing.T) {
	at := func(m int) time.Time { return start.Add(time.Duration(m) * time.Minute) }
	const named, unnamed = "readings come, but by a clock that is 3 h ahead", "no glucose reading has come for"
	for name, c := range map[string]struct {
		before []ingest.Record
		until  int // of the readings ahead, from minute 35 on
		ahead  time.Duration
		tick   int
		says   string
	}{
		"the clock went wrong":         {morning()[:8], 60, 3 * time.Hour, 60, named},
		"it was never right":           {morning()[:1], 65, 3 * time.Hour, 65, named},
		"not silent before":            {morning()[:1], 60, 3 * time.Hour, 64, ""},
		"readings stopped 29 min ago":  {morning()[:8], 35, 3 * time.Hour, 64, named},
		"readings stopped 30 min ago":  {morning()[:8], 35, 3 * time.Hour, 65, unnamed},
		"a clock two days ahead":       {morning()[:8], 60, 48 * time.Hour, 60, unnamed},
		"a day later, still the clock": {morning()[:8], 25 * 60, 3 * time.Hour, 25 * 60, named},
	} {
		s := predict.NewScorer(train.Prior())
		applyAll(s, c.before)
		var said []predict.Recommendation
		for m := 35; m <= c.until; m += 5 {
			rs, _ := s.Apply(byClock(m, c.ahead, "150"))
			said = append(said, rs...)
		}
		said = append(said, s.Tick(at(c.tick))...)
		if c.says == "" {
			if len(said) != 0 {
				t.Errorf("%s: %v", name, said)
			}
			continue
		}
		if len(said) == 0 || said[len(said)-1].Alert != predict.AlertNoData || !strings.HasPrefix(said[len(said)-1].Because, c.says) {
			t.Errorf("%s: %+v", name, said)
		}
	}
	s := predict.NewScorer(train.Prior())
	applyAll(s, append(morning()[:8], byClock(35, time.Hour, "150"), record("p-1", 2000, at(40), "glucose", `"value":75,"unit":"mg/dL","source":"fingerstick"`)))
	if said := s.Tick(at(55)); len(said) != 1 || !strings.HasPrefix(said[0].Because, unnamed) {
		t.Errorf("a meter since: %+v", said)
	}
}

// TestALowByAClockAheadHoldsInsulinBack: of a meal and of a question, also while the reading
// before is recent, until something of the present comes; and while all advice is stopped
// nothing is said or remembered of it.
func TestALowByAClockAheadHoldsInsulinBack(t *testing.T) {
	at := func(m int) time.Time { return start.Add(time.Duration(m) * time.Minute) }
	s := predict.NewScorer(train.Prior())
	applyAll(s, morning()[:8]) // the last reading is of minute 30
	if r, _ := s.Advise("p-1", at(31), 45); r.Kind != predict.Bolus {
		t.Fatalf("before: %+v", r)
	}
	s.Stop("a test")
	s.Dirty()
	if said, _ := s.Apply(byClock(31, time.Hour, "60")); len(said) != 0 || len(s.Dirty()) != 0 {
		t.Errorf("said while stopped: %v", said)
	}
	s.Stop("")
	if r, _ := s.Advise("p-1", at(32), 45); r.Kind != predict.Check || r.Units != 0 {
		t.Errorf("a meal after it: %+v", r)
	}
	applyAll(s, []ingest.Record{record("p-1", 2000, at(33), "glucose", `"value":140,"unit":"mg/dL","source":"cgm"`)})
	if r, _ := s.Advise("p-1", at(34), 45); r.Kind != predict.Bolus {
		t.Errorf("after a reading of the present: %+v", r)
	}
}
