package predict_test

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/titrate/titrate/ingest"
	"github.com/titrate/titrate/predict"
	"github.com/titrate/titrate/train"
)

// calm is days of two people who log nothing but steady readings, in which nothing is worth
// saying, and hardly anything worth remembering at once. The first one's stop for most of
// every third day.
func calm(days int) (log []ingest.Record) {
	add := func(patient string, at time.Time, kind, fields string) {
		log = append(log, record(patient, int64(len(log)), at, kind, fields))
	}
	for _, patient := range []string{"p-1", "p-2"} {
		add(patient, start, "profile", settings+`,"timezone":"Europe/Berlin"`)
	}
	for minute := 5; minute < days*24*60; minute += 5 {
		at := start.Add(time.Duration(minute) * time.Minute)
		reading := steady(minute)
		if at.YearDay()%3 > 0 || at.Hour() < 3 || at.Hour() > 19 {
			add("p-1", at, "glucose", reading)
		}
		add("p-2", at, "glucose", reading)
	}
	return log
}

// steady is a reading of a sensor that nothing is to be said about.
func steady(minute int) string {
	return fmt.Sprintf(`"value":%.0f,"unit":"mg/dL","source":"cgm"`, 110+8*math.Sin(float64(minute)/170)+float64(minute/5%3))
}

// TestCalmIsRemembered: whoever takes over knows all that the owner does of people of whom
// nothing has to be remembered at once. Their memories are few.
func TestCalmIsRemembered(t *testing.T) {
	const days = 8
	owner, topic, written := predict.NewScorer(train.Prior()), map[string][]byte{}, 0
	log := calm(days)
	for n, rec := range log {
		if n > len(log)/4 && n%149 == 0 {
			other := restored(t, train.Prior(), topic, log, n)
			for _, patient := range []string{"p-1", "p-2"} {
				if a, b := predict.VectorOf(owner, patient), predict.VectorOf(other, patient); a != b {
					t.Fatalf("offset %d: %s is %v to the owner, %v to the other", n, patient, a, b)
				}
				if a, b := string(owner.Memory(patient)), string(other.Memory(patient)); a != b {
					t.Fatalf("offset %d: the owner would remember\n%s\nthe other\n%s", n, a, b)
				}
			}
		}
		owner.Apply(rec)
		for _, patient := range owner.Dirty() {
			topic[patient] = owner.Memory(patient)
			written++
		}
	}
	if most := 2 * (days*4 + 10); written > most {
		t.Errorf("%d memories were written, want %d at most", written, most)
	}
}

// TestMemoriesAreSpread: a midnight has no more of them than any other time.
func TestMemoriesAreSpread(t *testing.T) {
	s := predict.NewScorer(train.Prior())
	const people, hours = 150, 25
	written, quarters := map[string]int{}, make([]int, 4*hours)
	n := int64(0)
	for minute := 0; minute < hours*60; minute += 5 {
		at := start.Add(time.Duration(minute) * time.Minute)
		for p := range people {
			s.Apply(record(fmt.Sprintf("p-%d", p), n, at, "glucose", steady(minute)))
			n++
		}
		for _, patient := range s.Dirty() {
			written[patient]++
			quarters[minute/15]++
		}
	}
	if most := slices.Max(quarters); most > people/12 { // a 24th on average
		t.Errorf("%d of %d people are remembered in one quarter of an hour: %v", most, people, quarters)
	}
	often := 0
	for _, times := range written {
		if times == 4 || times == 5 {
			often++
		}
	}
	if often != people {
		t.Errorf("%d of %d people are remembered four or five times in %d hours: %v", often, people, hours, written)
	}
}

// TestSilentPeopleAreRemembered although no event of theirs comes any more, and all advice is
// stopped.
func TestSilentPeopleAreRemembered(t *testing.T) {
	s := predict.NewScorer(train.Prior())
	applyAll(s, morning()[:5])
	s.Stop("a test")
	s.Dirty()
	if s.Tick(start.Add(20 * time.Minute)); len(s.Dirty()) != 0 {
		t.Error("remembered at once")
	}
	for m := 21; m < 7*60; m++ {
		s.Tick(start.Add(time.Duration(m) * time.Minute))
	}
	if dirty := s.Dirty(); !slices.Equal(dirty, []string{"p-1"}) {
		t.Errorf("remembered in six hours: %v", dirty)
	}
}

// TestDeletionIsRememberedAtOnce: whoever takes over may read back too little to find what was
// deleted, and the owner still knew it.
func TestDeletionIsRememberedAtOnce(t *testing.T) {
	for name, first := range map[string]ingest.Record{
		"reading": record("p-1", 1, start.Add(20*time.Hour), "glucose", `"id":"x","value":140,"unit":"mg/dL","source":"cgm"`),
		"dose":    record("p-1", 1, start.Add(20*time.Hour), "insulin", `"id":"x","units":4,"kind":"rapid"`),
		"profile": record("p-1", 1, start.Add(20*time.Hour), "profile", settings+`,"id":"x"`),
	} {
		log := []ingest.Record{
			record("p-1", 0, start.Add(19*time.Hour), "meal", `"carbs_g":20`), first,
			record("p-1", 2, start.Add(43*time.Hour+30*time.Minute), "retraction", `"replaces":"x"`),
			record("p-2", 3, start.Add(45*time.Hour), "meal", `"carbs_g":20`),
		}
		owner, topic := predict.NewScorer(train.Prior()), map[string][]byte{}
		for _, rec := range log[:3] {
			owner.Apply(rec)
			for _, patient := range owner.Dirty() {
				topic[patient] = owner.Memory(patient)
			}
		}
		if a, b := string(topic["p-1"]), string(owner.Memory("p-1")); a != b {
			t.Errorf("%s: the topic has\n%s\nthe owner knows\n%s", name, a, b)
		}
		other := restored(t, train.Prior(), topic, log, 3)
		if a, b := string(owner.Memory("p-1")), string(other.Memory("p-1")); a != b {
			t.Errorf("%s: the owner remembers\n%s\nthe other\n%s", name, a, b)
		}
	}
}

// TestMealEditedIntoASlip: the meal that it was is gone, to who takes over, too.
func TestMealEditedIntoASlip(t *testing.T) {
	log := morning()
	for _, carbs := range []string{`"id":"m","carbs_g":60`, `"id":"n","replaces":"m","carbs_g":290`} {
		log = append(log, record("p-1", int64(len(log)), start.Add(35*time.Minute), "meal", carbs))
	}
	log = append(log, record("p-1", int64(len(log)), start.Add(40*time.Minute), "glucose", steady(40)))
	owner, topic := predict.NewScorer(train.Prior()), map[string][]byte{}
	for n, rec := range log {
		owner.Apply(rec)
		for _, patient := range owner.Dirty() {
			topic[patient] = owner.Memory(patient)
		}
		if n+1 < len(log) {
			continue
		}
		for name, memory := range map[string]map[string][]byte{"with memory": topic, "without": {}} {
			other := predict.NewScorer(train.Prior())
			for patient, text := range memory {
				if err := other.Restore(patient, text); err != nil {
					t.Fatal(err)
				}
			}
			for _, rec := range log {
				other.Replay(rec)
			}
			if a, b := predict.VectorOf(owner, "p-1"), predict.VectorOf(other, "p-1"); a != b {
				t.Errorf("%s: the owner sees\n%v\nthe other\n%v", name, a, b)
			}
		}
	}
}
