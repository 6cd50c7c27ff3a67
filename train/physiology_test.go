package train

import (
	"math"
	"testing"

	"github.com/titrate/titrate/train/feature"
)

// TestDoubt: the prior's median moved by its doubt is the forecast of somebody with a share of
// the insulin and carbs on board, and none of it if the log is believed.
func TestDoubt(t *testing.T) {
	var v feature.Vector
	v[feature.Glucose], v[feature.ISF], v[feature.CSF] = 150, 50, 5
	v[feature.Trend], v[feature.TrendOK], v[feature.Activity], v[feature.Uptake] = -0.5, 1, 1.2, 3
	v[feature.Drive] = v[feature.Trend] + (1.2*50-3*5)/60
	for h := range horizons {
		v[feature.Used+h], v[feature.Eaten+h] = 0.2*float64(h), 0.5*float64(h)
	}
	prior := func(v feature.Vector) (f Forecast) {
		Prior().Forecast(&v, Plan{}, &f)
		return f
	}
	if by := Doubt(&v, 1, 0); by != (Correction{}) {
		t.Errorf("believed in full: %v", by)
	}
	full, less := prior(v), v
	less[feature.Drive] = v[feature.Trend] + 0.3*(v[feature.Drive]-v[feature.Trend])
	for h := range horizons {
		less[feature.Used+h], less[feature.Eaten+h] = 0.3*v[feature.Used+h], 0.3*v[feature.Eaten+h]
	}
	want, by := prior(less), Doubt(&v, 0.3, 0)
	for h := range horizons {
		if got := float64(full.P50[h]) + by[h]; math.Abs(got-float64(want.P50[h])) > 1e-9 {
			t.Errorf("in %d min: %v, want %v", Horizons[h], got, want.P50[h])
		}
	}
	if by := Doubt(&v, 0.3, -3); by != Doubt(&v, 0.3, 0) {
		t.Error("a pace counts beside a trend")
	}
	v[feature.TrendOK], v[feature.Trend], v[feature.Drive] = 0, 0, 0
	slow, none := Doubt(&v, 0.3, -1), Doubt(&v, 0.3, 0)
	if moved := slow[2] - none[2]; !(moved < -5) {
		t.Errorf("a pace of −1 mg/dL per min moves half an hour by %v", moved)
	}
	if wild := Doubt(&v, 0.3, -100)[2] - none[2]; wild < -driveMost*momentum[2]-1e-9 {
		t.Errorf("a wild pace moves half an hour by %v", wild)
	}
}
