package predict

import (
	"math"
	"testing"
	"time"

	"github.com/titrate/titrate/cleanse"
	"github.com/titrate/titrate/train/feature"
)

// sensed is what sense makes of readings five minutes apart, the last at noon.
func sensed(values ...float64) Sense {
	var w feature.Window
	for i, v := range values {
		at := noon.Add(time.Duration(i-len(values)+1) * 5 * time.Minute)
		w.Observe(&cleanse.Event{Kind: cleanse.Glucose, At: at, Source: "cgm", Glucose: cleanse.GlucoseReading{MgdL: cleanse.MgdL(v)}})
	}
	return sense(&w, noon, &trace{})
}

func repeat(n int, v float64) (out []float64) {
	for range n {
		out = append(out, v)
	}
	return out
}

func TestZigzag(t *testing.T) {
	for name, c := range map[string]struct {
		values      []float64
		least, most float64
	}{
		"a line":             {[]float64{100, 110, 120, 130, 140, 150}, 0, 1e-9},
		"a peak":             {[]float64{120, 130, 138, 142, 143, 141, 136, 128}, 0, noiseLight},
		"a tremble":          {[]float64{120, 122, 119, 121, 120, 122, 121, 120}, 0, noiseLight},
		"a scribble":         {[]float64{120, 145, 118, 147, 121, 144, 119, 146}, noiseMost, 1},
		"too few to tell":    {[]float64{100, 160, 90}, 0, 0},
		"only the last ones": {append([]float64{60, 200, 60, 200}, 100, 101, 102, 103, 104, 105, 106, 107), 0, 1e-9},
	} {
		if g := sensed(c.values...); g.Noise < c.least || g.Noise > c.most {
			t.Errorf("%s: zigzag %v, want %v to %v", name, g.Noise, c.least, c.most)
		}
	}
}

func TestTrace(t *testing.T) {
	if g := sensed(100, 131); g.Jump != 31 {
		t.Errorf("jump %v", g.Jump)
	}
	if g := sensed(append([]float64{149}, repeat(10, 150)...)...); g.FlatFor != 45*time.Minute {
		t.Errorf("flat for %v", g.FlatFor)
	}
	if g := sensed(append([]float64{240}, repeat(25, 251)...)...); g.HighFor != 2*time.Hour {
		t.Errorf("high for %v", g.HighFor)
	}
	if g := sensed(251, 251, 250); g.HighFor != 0 {
		t.Errorf("high for %v at 250", g.HighFor)
	}
	if g := sensed(118, 108, 98, 100, 102); !g.FellAt.Equal(noon.Add(-10 * time.Minute)) {
		t.Errorf("fell at %v", g.FellAt)
	}
	if g := sensed(118, 109, 99, 100, 102); !g.FellAt.IsZero() {
		t.Errorf("19 mg/dL in 10 min is not steep, fell at %v", g.FellAt)
	}
	if g := sensed(); g.OK || g.MgdL != 0 {
		t.Errorf("of nothing: %+v", g)
	}
}

// TestTraceIsOfTheSensor: a meter's reading is the newest, but no part of a trace.
func TestTraceIsOfTheSensor(t *testing.T) {
	var w feature.Window
	for i, source := range []string{"cgm", "cgm", "cgm", "cgm", "fingerstick"} {
		at := noon.Add(time.Duration(i-4) * 5 * time.Minute)
		w.Observe(&cleanse.Event{Kind: cleanse.Glucose, At: at, Source: source, Glucose: cleanse.GlucoseReading{MgdL: cleanse.MgdL(100 + 40*(i/4))}})
	}
	g := sense(&w, noon, &trace{})
	if g.MgdL != 140 || g.Source != "fingerstick" || g.Jump != 0 || g.Noise != 0 {
		t.Errorf("%+v", g)
	}
}

// TestLimitsAreNoMeasurements: LOW after 90 is no jump.
func TestLimitsAreNoMeasurements(t *testing.T) {
	var w feature.Window
	for i, special := range []cleanse.Special{cleanse.Measured, cleanse.Low} {
		w.Observe(&cleanse.Event{Kind: cleanse.Glucose, Source: "cgm", At: noon.Add(time.Duration(5*i) * time.Minute),
			Glucose: cleanse.GlucoseReading{MgdL: cleanse.MgdL(90 - 51*i), Special: special}})
	}
	if g := sense(&w, noon.Add(5*time.Minute), &trace{}); g.Jump != 0 || g.Special != cleanse.Low {
		t.Errorf("%+v", g)
	}
}

// TestBookedIsTheLedger: the hours taken from a window add up to what was given.
func TestBookedIsTheLedger(t *testing.T) {
	var w feature.Window
	given := 0.0
	for i := range 40 {
		units := 0.5 + float64(i%7)/3
		given += math.Round(units*1e4) / 1e4
		w.Observe(&cleanse.Event{Kind: cleanse.Insulin, At: noon.Add(time.Duration(i*211) * time.Minute),
			Insulin: cleanse.InsulinDose{Action: "rapid", Reason: "basal", Units: cleanse.Units(units), Duration: time.Duration(i%4) * time.Hour}})
	}
	var sum int64
	for _, h := range booked(&w) {
		sum += h.Amount
	}
	if math.Abs(float64(sum)/1e4-given) > 1e-9 {
		t.Errorf("booked %v U, given %v U", float64(sum)/1e4, given)
	}
}
