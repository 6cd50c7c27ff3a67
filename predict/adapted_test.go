package predict_test

import (
	"errors"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/titrate/titrate/cleanse"
	"github.com/titrate/titrate/ingest"
	"github.com/titrate/titrate/predict"
	"github.com/titrate/titrate/train"
)

// adapted is the prior under the name of a trained model, which has learned of the people
// of a log without one kind of event. Without meals insulin seems to do nothing, and the
// forecast is raised; without insulin it is lowered after meals.
func adapted(t testing.TB, log []ingest.Record, without cleanse.Kind) *train.Model {
	t.Helper()
	m, clean := named("2026-11-20.1"), cleanse.New()
	events := map[string][]cleanse.Event{}
	for _, rec := range log {
		if v := clean.Clean(rec); (v.Outcome == cleanse.Accepted || v.Outcome == cleanse.Late) && v.Event.Kind != without {
			events[v.Event.Patient] = append(events[v.Event.Patient], v.Event)
		}
	}
	a, err := m.Learn(func(fn func(string, []cleanse.Event) error) error {
		var all []error
		for _, patient := range slices.Sorted(maps.Keys(events)) {
			all = append(all, fn(patient, events[patient]))
		}
		return errors.Join(all...)
	})
	if err != nil || a.People() != len(events) {
		t.Fatalf("learned of %d people, %v", a.People(), err)
	}
	a.Number = 1
	m.Adaptation = a
	return m
}

// A person's own log moves their forecast as a whole, and nobody else's; the record says
// with which adaptation.
func TestAPersonsForecastIsMovedByTheirLog(t *testing.T) {
	m := adapted(t, life(7, 6), cleanse.Meal)
	if m.Name() != "2026-11-20.1+1" {
		t.Fatalf("the model calls itself %s", m.Name())
	}
	log := morning()
	plain, moved := applyAll(predict.NewScorer(m.Unadapted()), log)[0], applyAll(predict.NewScorer(m), log)[0]
	if plain.Model != "2026-11-20.1" || moved.Model != "2026-11-20.1+1" || plain.ID == moved.ID {
		t.Errorf("said by %s and %s", plain.Model, moved.Model)
	}
	s := predict.NewScorer(m)
	applyAll(s, log)
	v := predict.VectorOf(s, "p-1")
	by := m.Correction("p-1", &v)
	var want, got train.Forecast
	m.Forecast(&v, train.Plan{}, &want)
	m.ForecastOf(&v, train.Plan{}, &by, &got)
	for h := range by {
		for k, q := range got.At(h) {
			if d := float64(q - want.At(h)[k] - cleanse.MgdL(by[h])); by[h] == 0 || math.Abs(d) > 1e-9 {
				t.Errorf("%d min, level %d: moved by %v, of which %v is too much", train.Horizons[h], k, by[h], d)
			}
		}
	}
	common, own := predict.NewScorer(m.Unadapted()), predict.NewScorer(m)
	applyAll(common, log[:8])
	applyAll(own, log[:8])
	now := start.Add(30 * time.Minute)
	x, _ := common.Advise("p-1", now, 0)
	y, _ := own.Advise("p-1", now, 0)
	v = predict.VectorOf(own, "p-1")
	by = m.Correction("p-1", &v)
	for h := range by {
		if d := float64(y.Forecast[h].P50-x.Forecast[h].P50) - by[h]; x.Units != y.Units || math.Abs(d) > 0.11 {
			t.Errorf("%d min: the scorer moves the forecast by %v, of which %v is too much", train.Horizons[h], by[h], d)
		}
	}
	for i := range log {
		log[i].Key, log[i].Value = []byte("q-1"), []byte(strings.Replace(string(log[i].Value), `"p-1"`, `"q-1"`, 1))
	}
	a, b := applyAll(predict.NewScorer(m.Unadapted()), log)[0], applyAll(predict.NewScorer(m), log)[0]
	b.Model, b.ID = a.Model, a.ID
	if text(t, a) != text(t, b) {
		t.Errorf("of a stranger it says\n%s\nwith what was learned of others\n%s", text(t, a), text(t, b))
	}
}

// Whatever was learned of a person, insulin that isn't advised without it isn't advised
// with it: a higher forecast permits no more, a lower one permits less.
func TestWhatWasLearnedPermitsNoInsulin(t *testing.T) {
	log := life(7, 9)
	for name, without := range map[string]cleanse.Kind{"higher": cleanse.Meal, "lower": cleanse.Insulin} {
		m := adapted(t, log, without)
		asked, less := 0, 0
		for n, rec := range log {
			if n%97 != 96 {
				continue
			}
			// Two who advised differently would remember differently: these know the log alone.
			a, b := predict.NewScorer(m.Unadapted()), predict.NewScorer(m)
			a.Replay(log[0])
			a.Replay(log[1])
			b.Replay(log[0])
			b.Replay(log[1])
			for _, old := range log[max(2, n-400) : n+1] {
				a.Replay(old)
				b.Replay(old)
			}
			for _, grams := range []cleanse.Grams{0, 30, 90} {
				alone, ok := a.Advise(string(rec.Key), rec.Seen, grams)
				with, _ := b.Advise(string(rec.Key), rec.Seen, grams)
				if !ok {
					continue
				}
				asked++
				if with.Units > alone.Units {
					t.Errorf("%s, offset %d, %v g: %v U, and %v U without what was learned", name, n, grams, with.Units, alone.Units)
				}
				if with.Units < alone.Units {
					less++
				}
			}
		}
		if asked < 50 || name == "lower" && less == 0 {
			t.Errorf("%s: %d answers, %d of less insulin", name, asked, less)
		}
	}
}

// A scorer that takes an adapted model over in the middle of a log says what one says that
// had it all along, and back.
func TestAnAdaptationIsSwappedBetweenTwoEvents(t *testing.T) {
	m, log := adapted(t, life(7, 6), cleanse.Meal), morning()
	last := len(log) - 1
	swapped, always := predict.NewScorer(m.Unadapted()), predict.NewScorer(m)
	applyAll(swapped, log[:last])
	applyAll(always, log[:last])
	swapped.Use(m)
	a, b := text(t, applyAll(swapped, log[last:])), text(t, applyAll(always, log[last:]))
	if a != b || !strings.Contains(a, `"model":"2026-11-20.1+1"`) {
		t.Errorf("after the swap\n%s\nalways\n%s", a, b)
	}
}

// What was said with one adaptation, then with the next, is said again bit for bit; with
// another one it isn't.
func TestRetoldWithItsAdaptation(t *testing.T) {
	log := life(5, 6)
	first, second := adapted(t, life(7, 6), cleanse.Meal), adapted(t, life(7, 6), cleanse.Insulin)
	second.Adaptation.Number = 2
	models := map[string]*train.Model{first.Name(): first, second.Name(): second}
	s := predict.NewScorer(first)
	var theirs []predict.Recommendation
	for n, rec := range log {
		if n == len(log)/2 {
			s.Use(second)
		}
		said, _ := s.Apply(rec)
		for _, r := range said {
			if r.Patient == "p-1" {
				theirs = append(theirs, r)
			}
		}
	}
	for _, n := range []int{2, len(theirs) / 2, len(theirs)} {
		want := theirs[n-1]
		part := partOf(log, "p-1", theirs[:n])
		got := predict.Retell(part, theirs[:n], func(v string) *train.Model { return models[v] })
		if !got.Found || !got.Recommendation.Same(&want) || got.Differ != 0 {
			t.Errorf("recommendation %d: %d earlier ones differ\nrecorded %s\nretold   %s", n, got.Differ, text(t, want), text(t, got.Recommendation))
		}
		got = predict.Retell(part, theirs[:n], func(v string) *train.Model { return models[v].Unadapted() })
		if got.Recommendation.Same(&want) {
			t.Errorf("recommendation %d is the same without what was learned", n)
		}
	}
	if !slices.ContainsFunc(theirs, func(r predict.Recommendation) bool { return r.Model == first.Name() }) ||
		theirs[len(theirs)-1].Model != second.Name() {
		t.Error("one of the two adaptations said nothing")
	}
}
