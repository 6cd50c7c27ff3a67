package trial

import (
	"context"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/titrate/titrate/ingest/simulate"
	"github.com/titrate/titrate/train"
)

// TestMessagesByKind: what interrupts and what answers are counted apart, and a question
// asked of a calculator again within an hour is one.
func TestMessagesByKind(t *testing.T) {
	start := time.Date(2026, 11, 2, 0, 0, 0, 0, time.UTC)
	c := &Course{MgdL: make([]float64, 2*288)} // two days
	say := func(minute int, about string, pushed bool) {
		c.Said = append(c.Said, Said{Message: Message{About: about, Pushed: pushed}, At: start.Add(time.Duration(minute) * time.Minute)})
	}
	say(0, aboutMeal, false)
	say(5, aboutMeal, false)
	for _, minute := range []int{10, 15, 69, 70} {
		say(minute, aboutCorrection, false)
	}
	say(100, aboutCorrection, true)
	say(101, "low", true)
	say(102, "low", true)
	p := perDay([]*Course{c})
	for name, want := range map[string][2]float64{aboutMeal: {0, 1}, aboutCorrection: {0.5, 1}, "low": {1, 0}} {
		if got := [2]float64{p.Unasked[name], p.Answers[name]}; got != want {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
	if rows := p.Rows(); len(rows) != 3 || rows[0].Name != aboutCorrection || rows[1].Name != "low" || rows[2].Name != aboutMeal {
		t.Errorf("%+v", rows)
	}
}

// TestKindsAddUp: all unasked messages are of some kind, in every arm, and so is every
// answer.
func TestKindsAddUp(t *testing.T) {
	arms, err := Named(Usual(), train.Prior())
	if err != nil {
		t.Fatal(err)
	}
	r, err := Run(context.Background(), Options{Patients: 4, Days: 2, Seed: 3, Cohort: "mixed", Condition: Stress, Arms: arms})
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range r.Arms {
		var sum float64
		for name, n := range a.Messages.Unasked {
			sum += n
			if name == "" || name == aboutMeal {
				t.Errorf("%s: %v a day of kind %q are unasked", a.Arm, n, name)
			}
		}
		if want := a.Groups[0].Means["messages"]; math.Abs(sum-want) > 1e-9 {
			t.Errorf("%s: kinds add up to %v messages a day, want %v", a.Arm, sum, want)
		}
		if _, nameless := a.Messages.Answers[""]; nameless {
			t.Errorf("%s: answers of no kind", a.Arm)
		}
	}
	if a := r.arm(Titrate); a.Messages.Answers[aboutMeal] == 0 || len(a.Messages.Unasked) < 4 {
		t.Errorf("%+v", a.Messages)
	}
}

// TestWhyTellsWhatSetThemApart: highs or lows, insulin beside the reference, doses not
// taken, caps and refusals.
func TestWhyTellsWhatSetThemApart(t *testing.T) {
	day := func(mgdl float64) []float64 {
		x := make([]float64, 288)
		for i := range x {
			x[i] = mgdl
		}
		return x
	}
	bolus := simulate.Advice{Kind: "bolus", Units: 5}
	c := &Course{MgdL: day(260), Units: 20, Said: []Said{
		{Message: Message{Advice: bolus, About: aboutMeal, Because: "60 g ÷ 10 g/U = 6 U; at most 5 U in one bolus"}, Answer: "accepted"},
		{Message: Message{Advice: bolus, About: aboutMeal}, Answer: "ignored"},
		{Message: Message{About: aboutMeal, Because: "no insulin: glucose was below 80 mg/dL 12 min ago and can't be trusted now: measure"}},
		{Message: Message{About: aboutMeal, Because: "no insulin: glucose was below 80 mg/dL 50 min ago and can't be trusted now: measure"}},
	}}
	const want = "Mostly high; 20.0 U of insulin a day (35.0 with the reference); 1 of 2 doses advised were not taken; 1 was lowered by a cap; " +
		"2 meals got none, most often because glucose was below … mg/dL … min ago and can't be trusted now"
	if got := c.why(&Course{MgdL: day(200), Units: 35}); got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
	if got := (&Course{MgdL: day(50)}).why(nil); !strings.HasPrefix(got, "Mostly low") {
		t.Error(got)
	}
}
