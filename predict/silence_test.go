package predict_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/titrate/titrate/ingest"
	"github.com/titrate/titrate/predict"
	"github.com/titrate/titrate/train"
)

// TestSilenceIsToldByTicks: half an hour after the last reading, once, whoever is the
// clock, and again after three hours, by day; a meter in between is not the sensor's return.
func TestSilenceIsToldByTicks(t *testing.T) {
	s := predict.NewScorer(train.Prior())
	applyAll(s, morning()[:8]) // the last reading is of minute 30
	at := func(m int) time.Time { return start.Add(time.Duration(m) * time.Minute) }
	if said := s.Tick(at(59)); len(said) != 0 {
		t.Fatalf("after 29 min: %v", said)
	}
	said := s.Tick(at(60))
	if len(said) != 1 || said[0].Alert != predict.AlertNoData || said[0].Kind != predict.Check || said[0].Event.Partition != -1 {
		t.Fatalf("after 30 min: %+v", said)
	}
	if dirty := s.Dirty(); len(dirty) != 1 {
		t.Errorf("nothing to remember: %v", dirty)
	}
	if again := s.Tick(at(60)); len(again) != 0 {
		t.Errorf("told twice: %v", again)
	}
	applyAll(s, append(morning()[:0], record("p-1", 20, at(65), "glucose", `"value":150,"unit":"mg/dL","source":"fingerstick"`)))
	if said := s.Tick(at(419)); len(said) != 0 {
		t.Errorf("told again at night: %v", said)
	}
	if said := s.Tick(at(420)); len(said) != 1 {
		t.Errorf("not told in the morning: %v", said)
	}
	if said := s.Tick(at(599)); len(said) != 0 {
		t.Errorf("told again before three hours: %v", said)
	}
	if said := s.Tick(at(600)); len(said) != 1 {
		t.Errorf("not told after three hours: %v", said)
	}
	for m := 605; m < 30*60; m += 60 {
		s.Tick(at(m))
	}
	if said := s.Tick(at(40 * 60)); len(said) != 0 {
		t.Errorf("a sensor that was taken off is still missed: %v", said)
	}
}

// TestSilenceThatNobodySawIsNotTold: where the log's next record, of somebody else, comes
// more than a day after a sensor's last reading, that sensor was taken off, until it reads again.
func TestSilenceThatNobodySawIsNotTold(t *testing.T) {
	for after, want := range map[time.Duration]int{24 * time.Hour: 1, 24*time.Hour + time.Second: 0, 7 * 24 * time.Hour: 0} {
		s := predict.NewScorer(train.Prior())
		applyAll(s, morning()[:8])
		last := start.Add(30 * time.Minute)
		other := record("p-2", 30, last.Add(after), "glucose", `"value":120,"unit":"mg/dL","source":"cgm"`)
		if said := silences(applyAll(s, append(morning()[:0], other))); said != want {
			t.Errorf("%v after the last reading: %d silences told, want %d", after, said, want)
		}
		back := last.Add(after + time.Hour)
		applyAll(s, append(morning()[:0], record("p-1", 31, back, "glucose", `"value":120,"unit":"mg/dL","source":"cgm"`)))
		if said := s.Tick(back.Add(2 * time.Hour)); len(said) == 0 || said[0].Patient != "p-1" {
			t.Errorf("%v: once it reads again, its silence isn't told: %v", after, said)
		}
	}
}

func silences(all []predict.Recommendation) (count int) {
	for _, r := range all {
		if r.Alert == predict.AlertNoData {
			count++
		}
	}
	return count
}

// TestSilenceOfSomebodyLowIsToldSooner: a quarter of an hour after a reading below 80.
func TestSilenceOfSomebodyLowIsToldSooner(t *testing.T) {
	for value, want := range map[string]int{"79": 1, "80": 0} {
		s := predict.NewScorer(train.Prior())
		applyAll(s, append(morning()[:1], record("p-1", 1, start, "glucose", `"value":`+value+`,"unit":"mg/dL","source":"cgm"`)))
		if said := s.Tick(start.Add(15 * time.Minute)); len(said) != want {
			t.Errorf("%s mg/dL: %v", value, said)
		}
	}
}

// TestSilenceInWhichALowMayComeIsToldHourly: insulin on board leads below the target range,
// also at night, until it has acted; whatever else is said starts the hour again.
func TestSilenceInWhichALowMayComeIsToldHourly(t *testing.T) {
	at := func(m int) time.Time { return start.Add(time.Duration(m) * time.Minute) }
	told := func(units string, more ...ingest.Record) (said []int) {
		s := predict.NewScorer(train.Prior())
		log := append(morning()[:8], record("p-1", 20, at(32), "insulin", `"units":`+units+`,"kind":"rapid","reason":"correction"`))
		applyAll(s, log)
		for m := 33; m < 360; m++ {
			for len(more) > 0 && !more[0].Seen.After(at(m)) {
				applyAll(s, more[:1])
				more = more[1:]
			}
			for range s.Tick(at(m)) {
				said = append(said, m)
			}
		}
		return said
	}
	for units, want := range map[string][]int{"1": {60}, "3": {60, 120, 180}} {
		if got := told(units); !slices.Equal(got, want) {
			t.Errorf("%s U: told at minutes %v, want %v", units, got, want)
		}
	}
	snack := record("p-1", 21, at(100), "meal", `"carbs_g":10`)
	if got, want := told("4", snack), []int{60, 160, 220}; !slices.Equal(got, want) {
		t.Errorf("with a meal: told at minutes %v, want %v", got, want)
	}
	if got, want := told("3", record("p-1", 21, at(62), "meal", `"carbs_g":35,"meal":"rescue"`)), []int{60}; !slices.Equal(got, want) {
		t.Errorf("with carbs that need the insulin: told at minutes %v, want %v", got, want)
	}
}

// TestWhereGlucoseIsLedInSilence: from the last reading, by a sensitivity of 45 mg/dL per U
// and 4.5 mg/dL per g, against a target range from 100 on.
func TestWhereGlucoseIsLedInSilence(t *testing.T) {
	noon := start.Add(12 * time.Hour)
	insulin := func(m int, units string) ingest.Record {
		return record("p-1", int64(10+m), noon.Add(time.Duration(m)*time.Minute), "insulin", `"units":`+units+`,"kind":"rapid","reason":"correction"`)
	}
	carbs := func(m int, grams string) ingest.Record {
		return record("p-1", int64(10+m), noon.Add(time.Duration(m)*time.Minute), "meal", `"carbs_g":`+grams+`,"meal":"rescue"`)
	}
	for name, c := range map[string]struct {
		mgdl   string
		then   []ingest.Record
		hourly bool
	}{
		"nothing on board":                    {"90", nil, false},
		"to the range":                        {"145", []ingest.Record{insulin(1, "1")}, false},
		"below the range":                     {"144", []ingest.Record{insulin(1, "1")}, true},
		"to the range, and counted once":      {"145", []ingest.Record{insulin(15, "1")}, false},
		"to the range, taken later":           {"145", []ingest.Record{insulin(16, "1")}, false},
		"below the range, taken later":        {"144", []ingest.Record{insulin(16, "1")}, true},
		"below the range, carbs counted once": {"144", []ingest.Record{insulin(14, "2"), carbs(15, "10")}, true},
		"carbs that hold it up":               {"145", []ingest.Record{insulin(14, "2"), carbs(16, "10")}, false},
		"carbs that don't":                    {"144", []ingest.Record{insulin(14, "2"), carbs(16, "10")}, true},
		"hardly any insulin":                  {"80", []ingest.Record{insulin(1, "0.4")}, false},
		"hardly any insulin, close to a low":  {"79", []ingest.Record{insulin(1, "0.4")}, true},
		"insulin that has acted":              {"110", []ingest.Record{insulin(1, "0.6")}, false},
	} {
		s := predict.NewScorer(train.Prior())
		applyAll(s, append([]ingest.Record{
			record("p-1", 0, start, "profile", settings), record("p-1", 1, noon, "glucose", `"value":`+c.mgdl+`,"unit":"mg/dL","source":"cgm"`),
		}, c.then...))
		first := s.Tick(noon.Add(30 * time.Minute))
		if len(first) != 1 {
			t.Fatalf("%s: first %v", name, first)
		}
		if s.Tick(noon.Add(89*time.Minute)) != nil {
			t.Errorf("%s: told before an hour", name)
		}
		if got := len(s.Tick(noon.Add(90*time.Minute))) == 1; got != c.hourly {
			t.Errorf("%s: told again after an hour %t", name, got)
		}
		if led := strings.Contains(first[0].Because, "insulin on board may bring a low"); led && c.mgdl == "79" || !led && c.hourly && c.mgdl != "79" {
			t.Errorf("%s: %s", name, first[0].Because)
		}
	}
}

// TestNobodyWaitsForTheForgotten: a person whose memory was deleted is not missed.
func TestNobodyWaitsForTheForgotten(t *testing.T) {
	s := predict.NewScorer(train.Prior())
	applyAll(s, morning()[:8])
	if err := s.Restore("p-1", nil); err != nil {
		t.Fatal(err)
	}
	if said := s.Tick(start.Add(2 * time.Hour)); len(said) != 0 {
		t.Errorf("said %v", said)
	}
}

// TestALaggingClockIsNamedOnceTheLowIsOver: while a sensor whose clock is an hour behind goes on
// reading, the news of silence waits for three quarters of an hour after the low that it showed,
// and for a quarter after its last reading if it falls silent.
func TestALaggingClockIsNamedOnceTheLowIsOver(t *testing.T) {
	for name, c := range map[string]struct{ until, want int }{ // minutes after the first reading
		"it reads on":           {150, 75},
		"it falls silent":       {40, 55},
		"it falls silent later": {50, 65},
	} {
		s := predict.NewScorer(train.Prior())
		applyAll(s, morning()[:1])
		told := -1
		for m := 0; m <= 150 && told < 0; m++ {
			at := start.Add(time.Duration(m) * time.Minute)
			if m%5 == 0 && m <= c.until {
				value := 112 - 8*m/5
				if m > 30 {
					value = 90 // over
				}
				text := fmt.Sprintf(`"value":%d,"unit":"mg/dL","source":"cgm","device":"g7"`, value)
				r := record("p-1", int64(10+m), at.Add(-time.Hour), "glucose", text)
				r.Seen = at
				for _, a := range applyAll(s, []ingest.Record{r}) {
					if a.Alert == predict.AlertNoData {
						told = m
					}
				}
			}
			if silences(s.Tick(at)) > 0 && told < 0 {
				told = m
			}
		}
		if told != c.want {
			t.Errorf("%s: told after %d min, want %d", name, told, c.want)
		}
	}
}
