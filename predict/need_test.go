package predict

import (
	"testing"
	"time"

	"github.com/titrate/titrate/cleanse"
)

// dayAt is a day of readings every five minutes at one level, up to noon.
func dayAt(mgdl cleanse.MgdL, hours int) *day {
	d := new(day)
	for m := hours*60 - 1; m >= 0; m -= 5 {
		d.observe(&cleanse.Event{Kind: cleanse.Glucose, At: noon.Add(-time.Duration(m) * time.Minute), Glucose: cleanse.GlucoseReading{MgdL: mgdl}})
	}
	return d
}

// TestNeed: what a day's glucose asks for grows with it, stays in its bounds, and says
// nothing before there is a day to speak of.
func TestNeed(t *testing.T) {
	for name, c := range map[string]struct {
		mgdl  cleanse.MgdL
		hours int
		want  float64
	}{
		"at the goal":         {needGoal, 24, 1},
		"somewhat above":      {150, 24, 1.11},
		"far above":           {300, 24, needMost},
		"low for long":        {62, 24, needLeast},
		"above, four hours":   {300, 4, 1},
		"nobody has measured": {0, 0, 1},
	} {
		if got := dayAt(c.mgdl, c.hours).need(noon); got != c.want {
			t.Errorf("%s: × %v, want %v", name, got, c.want)
		}
	}
	if got := dayAt(300, 24).need(noon.Add(48 * time.Hour)); got != 1 {
		t.Errorf("two days later: × %v", got)
	}
}

// TestDayForgets: order doesn't matter, and what is older than a day is gone.
func TestDayForgets(t *testing.T) {
	a, b := dayAt(200, 20), new(day)
	for m := 0; m < 20*60; m += 5 {
		b.observe(&cleanse.Event{At: noon.Add(-time.Duration(m+4) * time.Minute), Glucose: cleanse.GlucoseReading{MgdL: 200}})
	}
	if *a != *b {
		t.Error("the order of readings makes a difference")
	}
	a.observe(&cleanse.Event{At: noon.Add(-72 * time.Hour), Glucose: cleanse.GlucoseReading{MgdL: 40}})
	if *a != *b || a.lows(noon) != 0 {
		t.Error("a reading of three days ago counts")
	}
	if got := dayAt(60, 24).lows(noon); got != 1 {
		t.Errorf("low all day: %v", got)
	}
}
