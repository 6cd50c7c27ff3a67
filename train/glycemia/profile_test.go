package glycemia

import (
	"math"
	"testing"
)

func TestProfileIsByLocalTimeOfDay(t *testing.T) {
	var p Profile
	for day := range 20 { // 100, 101 … 119 mg/dL at all times of 20 days
		trace := make([]float64, 288)
		for i := range trace {
			trace[i] = 100 + float64(day)
		}
		trace[0] = 300 // at 23:55 local
		p.Add(23*60+55, trace)
	}
	minutes, curves := p.Curves()
	if len(minutes) != 96 || minutes[0] != 7.5 || minutes[95] != 1432.5 {
		t.Fatalf("times of day %v", minutes)
	}
	for k, want := range [5]float64{100, 104, 109, 114, 118} {
		if got := curves[k][40]; math.Abs(got-want) > 1 {
			t.Errorf("percentile %v is %v, want about %v", Percentiles[k], got, want)
		}
	}
	if curves[4][95] != 300 || curves[4][0] > 120 {
		t.Errorf("the reading of 23:55 is at %v, %v", curves[4][95], curves[4][0])
	}
}

func TestProfileLeavesOutTimesWithoutReadings(t *testing.T) {
	var p Profile
	p.Add(-60, []float64{100, 100, 100}) // 23:00 of the day before
	if minutes, curves := p.Curves(); len(minutes) != 1 || minutes[0] != 23*60+7.5 || len(curves[2]) != 1 {
		t.Errorf("%v, %v", minutes, curves)
	}
}
