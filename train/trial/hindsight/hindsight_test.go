package hindsight

import (
	"os"
	"testing"
	"time"

	"github.com/titrate/titrate/cleanse"
	"github.com/titrate/titrate/train"
	"github.com/titrate/titrate/train/bench"
)

var noon = time.Date(2026, 11, 2, 12, 0, 0, 0, time.UTC)

func readings(mgdl ...float64) (all []reading) {
	for i, x := range mgdl {
		all = append(all, reading{noon.Add(time.Duration(i) * 5 * time.Minute), x})
	}
	return all
}

// TestScore: by hand, what is right, foretold and how early, also at the edges.
func TestScore(t *testing.T) {
	all := readings(110, 100, 90, 80, 69, 60, 75, 90, 68, 90)
	var s Score
	leads := s.add(all, []time.Time{noon.Add(-70 * time.Minute), noon.Add(5 * time.Minute), noon.Add(10 * time.Minute), noon.Add(44 * time.Minute)})
	s.sum(leads)
	// The first is answered by no low within its hour, which the log knows nothing else of; the last by
	// one reading, of 90.
	if s.Lows != 1 || s.Foretold != 1 || s.Warnings != 3 || s.Right != 2 || s.LeadMinutes != 15 {
		t.Errorf("%+v", s)
	}
	s = Score{}
	if s.sum(s.add(all, []time.Time{noon.Add(20 * time.Minute)})); s.Foretold != 0 {
		t.Error("a warning that comes with the low foretells it")
	}
	if s.sum(nil); s.Recall != 0 || s.LeadMinutes != 0 {
		t.Errorf("%+v", s)
	}
}

// TestLine: the line warns of a fall that reaches 70 in 20 minutes, once in 20 minutes, and of
// two readings a quarter of an hour apart.
func TestLine(t *testing.T) {
	life := func(every int, mgdl ...float64) (all []cleanse.Event) {
		for i, x := range mgdl {
			all = append(all, cleanse.Event{Kind: cleanse.Glucose, Source: "cgm", At: noon.Add(time.Duration(i*every) * time.Minute),
				Glucose: cleanse.GlucoseReading{MgdL: cleanse.MgdL(x)}})
		}
		return all
	}
	for name, c := range map[string]struct {
		life []cleanse.Event
		want []int // minutes
	}{
		"level":         {life(5, 80, 80, 80, 80), nil},
		"falls":         {life(5, 120, 110, 100, 90, 80, 70), []int{10}},
		"falls later":   {life(5, 150, 150, 150, 150, 140, 130, 120, 110, 100, 90, 80), []int{40}},
		"seldom":        {life(15, 130, 100, 80), []int{15}},
		"is low":        {life(5, 69, 60, 50), nil},
		"falls on":      {life(5, 120, 115, 110, 105, 100, 95, 90, 85, 80, 75), []int{35}},
		"nothing known": {nil, nil},
	} {
		got := line(c.life)
		ok := len(got) == len(c.want)
		for i := range got {
			ok = ok && got[i].Equal(noon.Add(time.Duration(c.want[i])*time.Minute))
		}
		if !ok {
			t.Errorf("%s: warned at %v, want %v min", name, got, c.want)
		}
	}
}

// TestRealPeopleAreWarnedInTime: of the lows of ten adults, whose logs are as incomplete as logs
// are, the prior foretells nearly as many as a plain CGM's line, earlier, and is wrong no oftener;
// without the doubt of what is logged it foretold 70 % by 6 warnings a day, 15 % of them right.
func TestRealPeopleAreWarnedInTime(t *testing.T) {
	const dir = "../../../../shared/data/t1d_uom"
	if _, err := os.Stat(dir); err != nil {
		t.Skip("../shared/data/t1d_uom not found: real people are warned where it is")
	}
	replay, err := bench.Recorded("t1d-uom", dir)
	if err != nil {
		t.Fatal(err)
	}
	scores, err := Judge(replay, train.Prior())
	if err != nil {
		t.Fatal(err)
	}
	own, plain := scores[0], scores[1]
	if own.Lows < 500 || own.Lows != plain.Lows || own.People != 10 {
		t.Fatalf("not the people that are meant: %+v", own)
	}
	if own.Recall < plain.Recall-0.05 || own.Precision < plain.Precision-0.01 || own.PerDay > 1.1*plain.PerDay || own.LeadMinutes < plain.LeadMinutes {
		t.Errorf("warned %+v\nthe line %+v", own, plain)
	}
}
