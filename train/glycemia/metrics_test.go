package glycemia

import (
	"math"
	"testing"
)

func TestMeasureCountsTimes(t *testing.T) {
	m := Measure([]float64{50, 54, 69.9, 70, 100, 180, 180.1, 250, 250.1, 400})
	for name, got := range map[string][2]float64{
		"below 54": {m.TBR54, 10}, "below 70": {m.TBR70, 30}, "in range": {m.TIR, 30},
		"above 180": {m.TAR180, 40}, "above 250": {m.TAR250, 20}, "mean": {m.Mean, 160.41},
		"GRI": {m.GRI, 30 + 48 + 32 + 16},
	} {
		want := got[1]
		if name == "GRI" {
			want = 100
		}
		if math.Abs(got[0]-want) > 1e-9 {
			t.Errorf("%s: %v, want %v", name, got[0], want)
		}
	}
	// Risk indices are means over all readings, not over those on their side.
	half := Measure([]float64{54, 112.5, 180, 112.5})
	if math.Abs(half.LBGI-18.461/4) > 1e-3 || math.Abs(half.HBGI-7.729/4) > 1e-3 {
		t.Errorf("LBGI %v, HBGI %v", half.LBGI, half.HBGI)
	}
	if cv := Measure([]float64{90, 110}).CV; math.Abs(cv-math.Sqrt2*10) > 1e-9 {
		t.Errorf("CV %v", cv)
	}
}

func TestOnTargetWantsAllTargets(t *testing.T) {
	good := Metrics{TIR: 70.1, TBR70: 3.9, TBR54: 0.9, TAR180: 24, TAR250: 4.9}
	if !good.OnTarget() {
		t.Errorf("%+v is on target", good)
	}
	for name, spoil := range map[string]func(*Metrics){
		"in range":  func(m *Metrics) { m.TIR = 70 },
		"below 70":  func(m *Metrics) { m.TBR70 = 4 },
		"below 54":  func(m *Metrics) { m.TBR54 = 1 },
		"above 180": func(m *Metrics) { m.TAR180 = 25 },
		"above 250": func(m *Metrics) { m.TAR250 = 5 },
	} {
		m := good
		if spoil(&m); m.OnTarget() {
			t.Errorf("%s: %+v is not on target", name, m)
		}
	}
}
