package predict_test

import (
	"testing"
	"time"

	"github.com/titrate/titrate/predict"
	"github.com/titrate/titrate/train"
)

// TestSilenceIsToldByTicks: half an hour after the last reading, once, whoever is the
// clock; a meter in between is not the sensor's return.
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
	if said := s.Tick(at(239)); len(said) != 0 {
		t.Errorf("told again before three hours: %v", said)
	}
	if said := s.Tick(at(240)); len(said) != 1 {
		t.Errorf("not told after three hours: %v", said)
	}
	for m := 245; m < 30*60; m += 60 {
		s.Tick(at(m))
	}
	if said := s.Tick(at(40 * 60)); len(said) != 0 {
		t.Errorf("a sensor that was taken off is still missed: %v", said)
	}
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
