package predict_test

import (
	"testing"
	"time"

	"github.com/titrate/titrate/ingest"
	"github.com/titrate/titrate/predict"
	"github.com/titrate/titrate/train"
)

// TestMissedDoseIsAskedByTheClock of somebody of whom nothing comes: once, by day, while
// the next is not near, and by a successor too.
func TestMissedDoseIsAskedByTheClock(t *testing.T) {
	at := func(hours float64) time.Time {
		return start.Add(14*time.Hour + time.Duration(hours*float64(time.Hour)))
	} // 52 is six in the evening
	dose := func(n int64, hours float64, more string) ingest.Record {
		return record("p-1", n, at(hours), "insulin", `"units":18,"kind":"long","reason":"basal"`+more)
	}
	reading := func(n int64, hours float64) ingest.Record {
		return record("p-1", n, at(hours), "glucose", `"value":150,"unit":"mg/dL","source":"fingerstick"`)
	}
	last := []ingest.Record{morning()[0], dose(1, 0, `,"id":"a"`), dose(2, 24, `,"id":"b"`)}
	with := func(more ...ingest.Record) []ingest.Record { return append(last[:3:3], more...) }
	night := []ingest.Record{morning()[0], dose(1, 10, ""), dose(2, 34, "")}
	for name, c := range map[string]struct {
		log   []ingest.Record
		hours float64
		want  int
	}{
		"four hours late":                  {last, 52, 0},
		"a minute later":                   {last, 52.02, 1},
		"until the next is near":           {last, 67.9, 1},
		"no more":                          {last, 68.1, 0},
		"at night":                         {night, 64.9, 0},
		"in the morning":                   {night, 65, 1},
		"a reading just now":               {with(reading(3, 51.9)), 52.1, 0},
		"half an hour after it":            {with(reading(3, 51.9)), 52.4, 1},
		"it was logged":                    {with(dose(3, 48, "")), 53, 0},
		"it was deleted":                   {with(dose(3, 48, `,"id":"c"`), record("p-1", 4, at(49), "retraction", `"replaces":"c"`)), 52.1, 1},
		"no habit is known":                {[]ingest.Record{morning()[0], dose(1, 24, "")}, 53, 0},
		"no settings, so nothing is known": {last[1:], 53, 0},
	} {
		t.Run(name, func(t *testing.T) {
			s := predict.NewScorer(train.Prior())
			applyAll(s, c.log)
			if early := s.Tick(at(51.95)); len(early) != 0 && c.hours < 68 {
				t.Fatalf("before it is late: %v", early)
			}
			said := s.Tick(at(c.hours))
			if len(said) != c.want || c.want > 0 && (said[0].Alert != predict.AlertLongLate || said[0].Units != 0 || said[0].Kind != predict.Check) {
				t.Fatalf("said %+v", said)
			}
			heir := predict.NewScorer(train.Prior())
			if err := heir.Restore("p-1", s.Memory("p-1")); err != nil {
				t.Fatal(err)
			}
			if again := append(s.Tick(at(c.hours+1)), heir.Tick(at(c.hours+1))...); c.want > 0 && len(again) != 0 {
				t.Errorf("asked twice: %+v", again)
			}
			for h := c.hours; h < 150; h++ {
				s.Tick(at(h))
			}
			if late := s.Tick(at(150)); len(late) != 0 {
				t.Errorf("days later: %+v", late)
			}
		})
	}
	heir := predict.NewScorer(train.Prior())
	s := predict.NewScorer(train.Prior())
	applyAll(s, last)
	if err := heir.Restore("p-1", s.Memory("p-1")); err != nil {
		t.Fatal(err)
	}
	if said := heir.Tick(at(52.02)); len(said) != 1 {
		t.Errorf("who took over says %v", said)
	}
}

// TestSilenceComesBeforeAMissedDose, which waits until the former has been read; and
// readings that begin again are waited for sooner than a dose of the next day.
func TestSilenceComesBeforeAMissedDose(t *testing.T) {
	s := predict.NewScorer(train.Prior())
	at := func(m int) time.Time { return start.Add(14*time.Hour + time.Duration(m)*time.Minute) }
	applyAll(s, []ingest.Record{
		morning()[0],
		record("p-1", 1, at(0), "insulin", `"units":18,"kind":"long","reason":"basal"`),
		record("p-1", 2, at(24*60), "insulin", `"units":18,"kind":"long","reason":"basal"`),
		record("p-1", 3, at(52*60), "glucose", `"value":150,"unit":"mg/dL","source":"cgm"`),
	})
	var said []string
	for m := 52*60 + 1; m < 60*60; m++ {
		for _, r := range s.Tick(at(m)) {
			said = append(said, r.Alert+" "+at(m).Sub(at(52*60)).String())
		}
	}
	if want := []string{"no_data 30m0s", "long_acting_late 40m0s", "no_data 3h30m0s"}; text(t, said) != text(t, want) {
		t.Errorf("said %v, want %v", said, want)
	}
}
