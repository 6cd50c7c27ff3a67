package predict_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/titrate/titrate/cleanse"
	"github.com/titrate/titrate/ingest"
	"github.com/titrate/titrate/predict"
	"github.com/titrate/titrate/train"
)

// busy are definitions that come up often in made-up lives, beside the program's own.
const busy = `moments:
  - {name: high, on: glucose, when: glucose_mgdl > 200 && hour >= 6, quiet: 2h, says: high}
  - {name: rise, on: glucose, when: trend > 1, quiet: 30m, says: rising}
  - {name: big_meal, on: meal, when: cob_g > 50, quiet: 1h, says: a big meal}
  - {name: new_day, on: day, when: "true", says: good morning}
  - {name: low_week, on: day, when: week_days >= 3 && low_week > 0 && tir_week < 95, quiet: 48h, says: lows}
`

// live is what a scorer tells, who is succeeded by another at some offset (0: never).
func live(t *testing.T, m *predict.Moments, log []ingest.Record, takeover int) (said []predict.Moment) {
	t.Helper()
	s := predict.NewScorer(train.Prior())
	s.Watch(m)
	memory := map[string][]byte{}
	for i, rec := range log {
		if i == takeover && i > 0 {
			s = restored(t, train.Prior(), memory, log, i)
			s.Watch(m)
		}
		s.Apply(rec)
		said = append(said, s.Noticed()...)
		for _, patient := range s.Dirty() {
			memory[patient] = s.Memory(patient)
		}
	}
	return said
}

// TestBacktestEqualsLive: the same log gives the same moments, live and from the
// cleansed events that the lake holds, person by person; and after a takeover.
func TestBacktestEqualsLive(t *testing.T) {
	m, err := predict.ReadMoments([]byte(busy))
	if err != nil {
		t.Fatal(err)
	}
	for seed := range uint64(3) {
		log := life(seed, 9)
		said := live(t, m, log, 0)
		names := map[string]int{}
		for _, x := range said {
			names[x.Name]++
		}
		if len(names) != 5 {
			t.Errorf("seed %d: only %v came up", seed, names)
		}
		events := map[string][]cleanse.Event{}
		cleaner := cleanse.New()
		for _, rec := range log {
			if v := cleaner.Clean(rec); v.Outcome == cleanse.Accepted || v.Outcome == cleanse.Late {
				events[v.Event.Patient] = append(events[v.Event.Patient], v.Event)
			}
		}
		for patient, own := range events {
			want := slices.DeleteFunc(slices.Clone(said), func(x predict.Moment) bool { return x.Patient != patient })
			if got := m.Backtest(patient, own); text(t, got) != text(t, want) {
				t.Errorf("seed %d, %s: the backtest tells %d moments, live there were %d", seed, patient, len(got), len(want))
			}
		}
		for _, at := range []int{len(log) / 3, len(log) - 400} {
			if again := live(t, m, log, at); text(t, again) != text(t, said) {
				t.Errorf("seed %d: after a takeover at %d there are %d moments, else %d", seed, at, len(again), len(said))
			}
		}
	}
}

// TestBadDefinitionsAreRefused, all at once, with what is wrong.
func TestBadDefinitionsAreRefused(t *testing.T) {
	for name, c := range map[string]struct{ text, says string }{
		"no YAML":          {"moments: [", "read moments"},
		"none":             {"moments: []", "there are none"},
		"no name":          {"moments: [{on: day, when: 'true', says: x}]", "no name"},
		"unknown occasion": {"moments: [{name: a, on: noon, when: 'true', says: x}]", "want one of glucose, meal"},
		"unknown feature":  {"moments: [{name: a, on: day, when: glucos > 3, says: x}]", "undeclared reference to 'glucos'"},
		"no condition":     {"moments: [{name: a, on: day, when: trend + 1.0, says: x}]", "want a condition"},
		"says nothing":     {"moments: [{name: a, on: day, when: 'true'}]", "says nothing"},
		"negative quiet":   {"moments: [{name: a, on: day, when: 'true', quiet: -1h, says: x}]", "negative"},
		"quiet, no unit":   {"moments: [{name: a, on: day, when: 'true', quiet: 6, says: x}]", "such as 90m"},
		"misspelt key":     {"moments: [{name: a, on: day, when: 'true', quit: 6h, says: x}]", "line 1: field quit: a moment has name"},
		"that and another": {"moments: [{name: a, on: noon, when: 'true', quit: 6h, says: x}]", "want one of"},
		"two in one":       {"moments: [{name: a, on: noon, when: 'true', quiet: 6, says: x}]", "such as 90m"},
		"twice":            {"moments: [{name: a, on: day, when: 'true', says: x}, {name: a, on: day, when: 'true', says: x}]", "same name"},
		"two mistakes":     {"moments: [{name: a, on: noon, when: 'true', says: x}, {name: b, on: day, when: '', says: x}]", "moment 2 (b)"},
	} {
		_, err := predict.ReadMoments([]byte(c.text))
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestStandardMoments: each of the program's own definitions comes up in the life that
// it is meant for.
func TestStandardMoments(t *testing.T) {
	day := 24 * time.Hour
	glucose := func(at time.Duration, mgdl string) ingest.Record {
		return record("p-1", int64(at/time.Minute), start.Add(at), "glucose", `"value":`+mgdl+`,"unit":"mg/dL","source":"cgm"`)
	}
	every := func(from, to, step time.Duration, mgdl string) (log []ingest.Record) {
		for at := from; at < to; at += step {
			log = append(log, glucose(at, mgdl))
		}
		return log
	}
	spike := []ingest.Record{}
	for i, mgdl := range []string{"190", "205", "220", "235", "252"} {
		spike = append(spike, glucose(12*time.Hour+time.Duration(5*i)*time.Minute, mgdl))
	}
	meal := record("p-1", 719, start.Add(12*time.Hour-time.Minute), "meal", `"carbs_g":60`)
	rise := append([]ingest.Record{meal}, every(12*time.Hour, 13*time.Hour, 5*time.Minute, "140")...)
	for name, log := range map[string][]ingest.Record{
		"spike":                 spike,
		"post_meal_rise":        append(rise, glucose(13*time.Hour, "175"), glucose(13*time.Hour+5*time.Minute, "215")),
		"night_high":            every(0, 3*time.Hour, 5*time.Minute, "230"),
		"meals_not_logged":      every(0, 31*day, 6*time.Hour, "120"),
		"re_engagement":         {glucose(0, "120"), glucose(8*day, "120")},
		"falling_time_in_range": append(every(0, 7*day, time.Hour, "120"), every(7*day, 15*day, time.Hour, "220")...),
	} {
		said := live(t, predict.StandardMoments(), append([]ingest.Record{record("p-1", -1, start.Add(-day), "profile", settings)}, log...), 0)
		if !slices.ContainsFunc(said, func(m predict.Moment) bool { return m.Name == name }) {
			t.Errorf("%s did not come up: %v", name, said)
		}
	}
	if said := live(t, predict.StandardMoments(), every(0, 3*day, 5*time.Minute, "120"), 0); len(said) != 0 {
		t.Errorf("a quiet life: %v", said)
	}
}

// TestMomentsKeepTheirQuiet: a moment is told again only after its quiet.
func TestMomentsKeepTheirQuiet(t *testing.T) {
	m, err := predict.ReadMoments([]byte(`moments: [{name: high, on: glucose, when: glucose_mgdl > 200, quiet: 2h, says: high}]`))
	if err != nil {
		t.Fatal(err)
	}
	var log []ingest.Record
	for i := range 49 {
		log = append(log, record("p-1", int64(i), start.Add(time.Duration(5*i)*time.Minute), "glucose", `"value":250,"unit":"mg/dL","source":"cgm"`))
	}
	if said := live(t, m, log, 0); len(said) != 3 {
		t.Errorf("told %d times in four hours: %v", len(said), said)
	}
}
