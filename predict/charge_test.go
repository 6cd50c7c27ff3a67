package predict_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/titrate/titrate/predict"
	"github.com/titrate/titrate/train"
)

// named is the prior under the name of a trained model: its lower bound counts, so
// it says other things than the prior.
func named(version string) *train.Model {
	m := train.Prior()
	m.Version = version
	return m
}

// TestStoppedAdviceIsRefusedAndNotRemembered: a meal hears why, readings nothing;
// when it goes on, the answer is that of somebody who wasn't asked meanwhile.
func TestStoppedAdviceIsRefusedAndNotRemembered(t *testing.T) {
	s := predict.NewScorer(train.Prior())
	s.Stop("model 7 is under review")
	said := applyAll(s, morning())
	if len(said) != 1 || said[0].Kind != predict.Hold || said[0].Units != 0 || said[0].ID == "" ||
		!strings.Contains(said[0].Because, "model 7 is under review") {
		t.Fatalf("while advice was stopped: %+v", said)
	}
	if r, ok := s.Advise("p-1", start.Add(32*time.Minute), 60); !ok || r.Kind != predict.Hold || !strings.Contains(r.Because, "under review") {
		t.Errorf("asked while advice was stopped: %+v", r)
	}
	s.Stop("")
	low := record("p-1", 9, start.Add(35*time.Minute), "glucose", `"value":52,"unit":"mg/dL","source":"cgm"`)
	if said, _ := s.Apply(low); len(said) != 1 || said[0].Alert != "urgent_low" {
		t.Errorf("a low after advice went on: %+v", said)
	}
	s = predict.NewScorer(train.Prior())
	applyAll(s, morning()[:8])
	s.Stop("x")
	if said, _ := s.Apply(low); len(said) != 0 {
		t.Errorf("a low while advice was stopped: %+v", said)
	}
}

// TestAnotherModelTakesOverBetweenTwoEvents: from the next event on it is as if the
// new model had been in charge of this past all along.
func TestAnotherModelTakesOverBetweenTwoEvents(t *testing.T) {
	swapped, always := predict.NewScorer(train.Prior()), predict.NewScorer(named("2026-11-20.1"))
	log := morning()
	last := len(log) - 1
	applyAll(swapped, log[:last])
	applyAll(always, log[:last])
	swapped.Use(named("2026-11-20.1"))
	a, b := text(t, applyAll(swapped, log[last:])), text(t, applyAll(always, log[last:]))
	if a != b || !strings.Contains(a, `"model":"2026-11-20.1"`) {
		t.Errorf("after the swap\n%s\nalways in charge\n%s", a, b)
	}
}

// TestAChallengerOnlyWatches: what is said and remembered is the same to the byte,
// and what it would have said is compared.
func TestAChallengerOnlyWatches(t *testing.T) {
	log := life(3, 5)
	alone, watched := predict.NewScorer(train.Prior()), predict.NewScorer(train.Prior())
	watched.Shadow(named("2026-11-20.1"))
	differ, same, answered := 0, 0, map[predict.EventRef]bool{}
	for _, rec := range log {
		a, _ := alone.Apply(rec)
		b, _ := watched.Apply(rec)
		if text(t, a) != text(t, b) {
			t.Fatalf("offset %d: alone it says\n%s\nwatched\n%s", rec.Offset, text(t, a), text(t, b))
		}
		for _, r := range a {
			answered[r.Event] = answered[r.Event] || r.Alert != predict.AlertNoData // of whom the log's time tells it
		}
		for _, c := range watched.Compared() {
			if c.Champion.Model != "prior" || c.Challenger.Model != "2026-11-20.1" {
				t.Fatalf("compared %+v", c)
			}
			if answered[c.Event] == c.Champion.Silent {
				t.Fatalf("answered %t, compared %+v", answered[c.Event], c)
			}
			delete(answered, c.Event)
			if c.Differs {
				differ++
			} else {
				same++
			}
		}
	}
	if differ == 0 || same == 0 {
		t.Errorf("%d differ, %d are the same: little was compared", differ, same)
	}
	for patient := range map[string]bool{"p-1": true, "p-2": true} {
		if !bytes.Equal(alone.Memory(patient), watched.Memory(patient)) {
			t.Errorf("the challenger left a trace in what is remembered of %s", patient)
		}
	}
	watched.Shadow(nil)
	applyAll(watched, morning())
	if got := watched.Compared(); len(got) > 0 {
		t.Errorf("without a challenger: %+v", got)
	}
}

// TestSilenceIsNotToldWhileStopped, nor waited for in a circle; it is told when
// advice goes on.
func TestSilenceIsNotToldWhileStopped(t *testing.T) {
	s := predict.NewScorer(train.Prior())
	applyAll(s, morning()[:8])
	s.Stop("x")
	for m := 31; m < 120; m++ {
		if said := s.Tick(start.Add(time.Duration(m) * time.Minute)); len(said) > 0 {
			t.Fatalf("minute %d: %+v", m, said)
		}
	}
	s.Stop("")
	if said := s.Tick(start.Add(2 * time.Hour)); len(said) != 1 {
		t.Errorf("after advice goes on: %+v", said)
	}
}
