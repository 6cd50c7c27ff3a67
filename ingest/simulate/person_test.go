package simulate

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/titrate/titrate/ingest"
)

// people makes people or ends the test.
func people(t testing.TB, o Options) []*Person {
	t.Helper()
	if o.Start.IsZero() {
		o.Start = day1
	}
	list, err := People(o)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// sent is an event with the time of its transmission.
type sent struct {
	At   time.Time
	Wire ingest.Wire
}

// during lives until a time after day1 and returns what was sent.
func during(t testing.TB, p *Person, d time.Duration) []sent {
	t.Helper()
	var all []sent
	err := p.Advance(day1.Add(d), func(at time.Time, w ingest.Wire) error {
		all = append(all, sent{at, w})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// lines are events as bytes, to compare.
func lines(t testing.TB, all []sent) []byte {
	t.Helper()
	var b bytes.Buffer
	for _, s := range all {
		if err := json.NewEncoder(&b).Encode(s); err != nil {
			t.Fatal(err)
		}
	}
	return b.Bytes()
}

const week = 7 * 24 * time.Hour

func TestSameSeedSameBytes(t *testing.T) {
	o := Options{Patients: 2, Seed: 7, Faults: []string{"all"}}
	a, b := people(t, o), people(t, o)
	for i := range a {
		if !bytes.Equal(lines(t, during(t, a[i], week)), lines(t, during(t, b[i], week))) {
			t.Errorf("%s differs from run to run", a[i].Patient())
		}
	}
	o.Seed = 8
	if c := people(t, o)[0]; c.Glucose() == people(t, Options{Patients: 1, Seed: 7})[0].Glucose() {
		t.Error("another seed makes the same person")
	}
}

func TestAPersonDoesNotDependOnTheOthers(t *testing.T) {
	few, many := people(t, Options{Patients: 3, Seed: 1}), people(t, Options{Patients: 6, Seed: 1})
	during(t, many[5], week) // another order, too
	if !bytes.Equal(lines(t, during(t, few[2], week)), lines(t, during(t, many[2], week))) {
		t.Error("person 3 of 3 differs from person 3 of 6")
	}
	if few[0].Body().Params() == few[1].Body().Params() || few[0].Glucose() == few[1].Glucose() {
		t.Error("two people have the same body")
	}
}

func TestSplittingAnIntervalChangesNothing(t *testing.T) {
	o := Options{Patients: 1, Seed: 3, Faults: []string{"all"}}
	whole := lines(t, during(t, people(t, o)[0], 48*time.Hour))
	p, r := people(t, o)[0], rand.New(rand.NewPCG(1, 2))
	var parts []sent
	for d := time.Duration(0); d < 48*time.Hour; {
		d = min(48*time.Hour, d+time.Duration(r.IntN(1000))*time.Second)
		parts = append(parts, during(t, p, d)...)
	}
	if !bytes.Equal(whole, lines(t, parts)) {
		t.Error("the stream depends on how it is cut")
	}
}

func TestARestoredPersonLivesOn(t *testing.T) {
	for seed := range uint64(4) {
		o := Options{Patients: 1, Seed: seed, Faults: []string{"all"}}
		p := people(t, o)[0]
		during(t, p, 30*time.Hour+17*time.Second)
		p.Advise(Advice{ID: "a", Kind: "carbs", CarbsG: 12, At: day1.Add(30 * time.Hour)})
		saved, err := p.Snapshot()
		if err != nil {
			t.Fatal(err)
		}
		q := people(t, o)[0]
		if err := q.Restore(saved); err != nil {
			t.Fatal(err)
		}
		if p.Glucose() != q.Glucose() {
			t.Fatalf("restored at %g mg/dL, saved at %g", q.Glucose(), p.Glucose())
		}
		if !bytes.Equal(lines(t, during(t, p, week)), lines(t, during(t, q, week))) {
			t.Errorf("seed %d: restored person lives another life", seed)
		}
	}
}

func TestRestoreRefusesAnotherPerson(t *testing.T) {
	saved, err := people(t, Options{Patients: 1, Seed: 1})[0].Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	if err := people(t, Options{Patients: 2, Seed: 1})[1].Restore(saved); err == nil {
		t.Error("p-0002 took p-0001's state")
	}
	if err := people(t, Options{Patients: 1, Seed: 2})[0].Restore(saved); err == nil {
		t.Error("took the state of another seed")
	}
	if err := people(t, Options{Patients: 1, Seed: 1})[0].Restore(saved[:len(saved)/2]); err == nil {
		t.Error("took half a snapshot")
	}
	old := bytes.Replace(saved, []byte(`"Version":1`), []byte(`"Version":9`), 1)
	if err := people(t, Options{Patients: 1, Seed: 1})[0].Restore(old); err == nil {
		t.Error("took a snapshot of another version")
	}
}

func TestUnknownNamesAreRefusedWithThePermittedOnes(t *testing.T) {
	for _, c := range []struct {
		o    Options
		want []string
	}{
		{Options{Start: day1, Cohort: "dogs"}, append(Cohorts(), `"dogs"`)},
		{Options{Start: day1, Faults: []string{"noise", "gremlins"}}, append(Faults(), `"gremlins"`)},
		{Options{Start: day1, Patients: -1}, []string{"negative", "-1"}},
		{Options{Patients: 1}, []string{"start"}},
	} {
		_, err := People(c.o)
		if err == nil {
			t.Errorf("%+v: accepted", c.o)
			continue
		}
		for _, word := range c.want {
			if !strings.Contains(err.Error(), word) {
				t.Errorf("%q doesn't mention %s", err, word)
			}
		}
	}
}

func TestEventsAreWellFormedAndInOrder(t *testing.T) {
	for _, p := range people(t, Options{Patients: 12, Seed: 5}) {
		var last time.Time
		ids := map[string]bool{}
		for _, s := range during(t, p, week) {
			if s.At.Before(last) || s.At.Before(day1) {
				t.Fatalf("%s: sent at %s, after %s", p.Patient(), s.At, last)
			}
			last = s.At
			if ids[s.Wire.ID] {
				t.Fatalf("%s: id %s of a %s is used twice", p.Patient(), s.Wire.ID, s.Wire.Type)
			}
			ids[s.Wire.ID] = true
			if err := wellFormed(p, s); err != nil {
				t.Fatalf("%s: %v: %+v", p.Patient(), err, s.Wire)
			}
		}
		if len(ids) < 2016 {
			t.Errorf("%s sent only %d events in a week", p.Patient(), len(ids))
		}
	}
}

func wellFormed(p *Person, s sent) error {
	w := s.Wire
	at, err := time.Parse(time.RFC3339, w.Time)
	switch {
	case err != nil:
		return err
	case w.ID == "" || w.Patient != p.Patient():
		return errors.New("no id or patient")
	case at.After(s.At) || s.At.Sub(at) > time.Hour:
		return fmt.Errorf("sent at %s", s.At)
	}
	switch w.Type {
	case "glucose":
		if *w.Value < 20 || *w.Value > 600 || w.Unit != "mg/dL" || w.Device == "" || w.Source == "" {
			return errors.New("bad reading")
		}
	case "meal":
		if *w.CarbsG <= 0 || *w.CarbsG > 250 || w.Meal == "" {
			return errors.New("bad meal")
		}
	case "insulin":
		if *w.Units <= 0 || w.Kind == "rapid" && w.Reason != "basal" && *w.Units > p.therapy.MaxBolus || w.Product == "" {
			return errors.New("bad dose")
		}
	case "activity":
		if *w.Minutes <= 0 || w.Intensity == "" {
			return errors.New("bad activity")
		}
	case "note":
		if w.Code == "" {
			return errors.New("bad note")
		}
	default:
		return errors.New("unexpected type")
	}
	return nil
}

func TestAFailedEmitLosesNothing(t *testing.T) {
	whole := lines(t, during(t, people(t, Options{Patients: 1, Seed: 2})[0], 12*time.Hour))
	p, full, n := people(t, Options{Patients: 1, Seed: 2})[0], errors.New("full"), 0
	var got []sent
	for {
		err := p.Advance(day1.Add(12*time.Hour), func(at time.Time, w ingest.Wire) error {
			if n++; n%5 == 0 {
				return full
			}
			got = append(got, sent{at, w})
			return nil
		})
		if err == nil {
			break
		}
		if !errors.Is(err, full) {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(whole, lines(t, got)) {
		t.Error("events were lost or repeated")
	}
}

func TestNobodyEatsAsleep(t *testing.T) {
	h := drawHabits(newDice(1, 1).nth("habits", 0), cohorts["adult"])
	n := 0
	for i := range int64(300) {
		for _, m := range h.meals(newDice(1, 1).nth("day", i), cohorts["adult"], 700, 1200, 1) {
			if n++; m.Minute < 700 || m.Minute > 1180 || m.CarbsG < 1 || m.CountedG < 5 {
				t.Fatalf("awake from 700 to 1200, ate %+v", m)
			}
		}
	}
	if n < 300 {
		t.Errorf("%d meals in 300 days", n)
	}
}

func TestSensitivityIsContinuousOverMidnight(t *testing.T) {
	p := people(t, Options{Patients: 1, Seed: 1})[0]
	midnight := time.Date(2026, 11, 5, 0, 0, 0, 0, p.zone)
	today, tomorrow := p.drawDay(midnight), p.drawDay(midnight.AddDate(0, 0, 1))
	if today.Mood[6] != tomorrow.Mood[0] {
		t.Errorf("the day ends at %g, the next begins at %g", today.Mood[6], tomorrow.Mood[0])
	}
	if today.Mood[1] == today.Mood[2] {
		t.Error("the day's moods don't vary")
	}
}

func TestEventsOfOneInstantKeepTheirOrder(t *testing.T) {
	p := people(t, Options{Patients: 1, Seed: 1})[0]
	for _, id := range []string{"a", "b", "c"} {
		p.send(day1, ingest.Wire{ID: id})
	}
	p.send(day1.Add(-time.Second), ingest.Wire{ID: "first"})
	got := ""
	for _, next := range p.d.Outbox {
		got += next.Wire.ID
	}
	if got != "firstabc" {
		t.Errorf("order %s", got)
	}
}

func TestProfilesFitTheirPeople(t *testing.T) {
	for _, cohort := range []string{"adult", "adolescent", "child", "type2", "type2-mdi"} {
		for _, p := range people(t, Options{Patients: 10, Seed: 9, Cohort: cohort}) {
			w := p.Profile()
			age := day1.Year() - *w.BirthYear
			c := cohorts[cohort]
			if float64(age) < c.age[0]-1 || float64(age) > c.age[1]+1 {
				t.Errorf("%s %s is %d years old", cohort, w.Patient, age)
			}
			if (cohort == "type2") != (w.ICR == nil) || w.BasalUPerDay == nil || w.TargetLow == nil || *w.DoseStepU <= 0 {
				t.Errorf("%s %s: unfitting profile %+v", cohort, w.Patient, w)
			}
			if strings.HasPrefix(cohort, "type2") != (w.Diabetes == "type2") || (cohort == "type2") != (w.Regimen == "basal") {
				t.Errorf("%s %s: %s on %s", cohort, w.Patient, w.Diabetes, w.Regimen)
			}
			if _, err := time.LoadLocation(w.Timezone); err != nil {
				t.Error(err)
			}
			if _, err := json.Marshal(w); err != nil {
				t.Errorf("%s: %v", w.Patient, err)
			}
		}
	}
}

func BenchmarkPersonYear(b *testing.B) {
	for b.Loop() {
		p := people(b, Options{Patients: 1, Seed: 1, Cohort: "adult"})[0]
		err := p.Advance(day1.AddDate(1, 0, 0), func(time.Time, ingest.Wire) error { return nil })
		if err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkBodyDay(b *testing.B) {
	body := NewBody(MeanParams())
	for b.Loop() {
		body.Step(1440, Input{BasalUPerMin: 0.0145})
	}
}

// The person's own calculator counts insulin on board by the curve that Loop and
// oref0 share: values of their formula at 360 and 75 minutes.
func TestInsulinOnBoardHasTheGoldenValues(t *testing.T) {
	for minutes, want := range map[float64]float64{
		-5: 1, 0: 1, 15: .9800, 30: .9295, 60: .7793, 90: .6091, 120: .4498, 180: .2082, 240: .0727, 300: .0139, 360: 0, 900: 0,
	} {
		if got := remaining(minutes); math.Abs(got-want) > 5e-5 {
			t.Errorf("%.4f on board after %v min, want %.4f", got, minutes, want)
		}
	}
}
