package trial

import (
	"math"
	"testing"
	"time"

	"github.com/titrate/titrate/train/feature"
)

func TestBilinearHasTheGoldenValues(t *testing.T) {
	for minutes, want := range map[float64]float64{0: 1, 30: 0.9222, 60: 0.7111, 75: 0.5556, 90: 0.4048, 120: 0.1746, 150: 0.0397, 180: 0, 999: 0} {
		if got := bilinear(180).IOB(minutes); math.Abs(got-want) > 5e-5 {
			t.Errorf("%v on board after %v min, want %v", got, minutes, want)
		}
	}
	if got := bilinear(179.9).IOB(179); got < 0 {
		t.Errorf("%v on board: less than nothing", got)
	}
}

func TestBilinearEqualsOref0(t *testing.T) {
	var points []struct {
		Model    string  `json:"model"`
		DIA      float64 `json:"dia_h"`
		Minutes  float64 `json:"minutes_since_bolus"`
		IOB      float64 `json:"iob_per_unit"`
		Activity float64 `json:"activity_per_unit_per_min"`
	}
	readShared(t, "oref0_vectors/iob_curve_dense.json", &points)
	n := 0
	for _, p := range points {
		if p.Model != "bilinear" {
			continue
		}
		n++
		b := bilinear(p.DIA * 60)
		if math.Abs(b.IOB(p.Minutes)-max(0, p.IOB)) > 1e-9 || math.Abs(b.Activity(p.Minutes)-p.Activity) > 1e-9 {
			t.Errorf("%v h at %v min: %v, %v; oref0 has %v, %v", p.DIA, p.Minutes, b.IOB(p.Minutes), b.Activity(p.Minutes), p.IOB, p.Activity)
		}
	}
	if n < 100 {
		t.Errorf("only %d bilinear points found", n)
	}
}

// TestAShortCurveForgetsInsulin is why calculators with one stack: from two hours on
// they see less on board than is there.
func TestAShortCurveForgetsInsulin(t *testing.T) {
	long := feature.CurveFor("lispro", 6*time.Hour, false)
	for m := 120.0; m < 360; m += 15 {
		if short := bilinear(shortAction.Minutes()).IOB(m); short >= long.IOB(m) {
			t.Errorf("after %v min %v on board, the insulin's own curve has %v", m, short, long.IOB(m))
		}
	}
}
