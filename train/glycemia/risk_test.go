package glycemia

import (
	"math"
	"testing"
)

// The golden values are those of the R package iglu.
func TestGoldenValues(t *testing.T) {
	for mgdl, want := range map[float64]float64{
		40: 36.418, 54: 18.461, 70: 7.755, 80: 4.015, 100: .482, 112.5: 0, 140: 1.665,
		180: 7.729, 250: 22.436, 300: 33.952, 400: 57.046,
	} {
		r, high := Risk(mgdl)
		if math.Abs(r-want) > 6e-4 {
			t.Errorf("risk of %v is %.4f, want %v", mgdl, r, want)
		}
		if mgdl != 112.5 && high != (mgdl > 112.5) {
			t.Errorf("risk of %v: high is %v", mgdl, high)
		}
	}
	for mean, want := range map[float64]float64{100: 5.702, 120: 6.180, 154: 6.994, 180: 7.616, 200: 8.094} {
		if got := GMI(mean); math.Abs(got-want) > 6e-4 {
			t.Errorf("GMI of %v is %.4f, want %v", mean, got, want)
		}
	}
	if got := GRI(1, 2, 10, 5); math.Abs(got-(3+4.8+8+8)) > 1e-9 {
		t.Errorf("GRI is %v", got)
	}
	if got := GRI(30, 10, 0, 0); got != 100 {
		t.Errorf("GRI is %v, want no more than 100", got)
	}
}

func TestGRIZones(t *testing.T) {
	for zone, gris := range map[string][]float64{"A": {0, 20}, "B": {20.1, 40}, "C": {40.1, 60}, "D": {60.1, 80}, "E": {80.1, 100}} {
		for _, gri := range gris {
			if got := Zone(gri); got != zone {
				t.Errorf("GRI %v is in zone %s, want %s", gri, got, zone)
			}
		}
	}
}

func TestRiskSlopeIsThatOfRisk(t *testing.T) {
	for mgdl := 41.0; mgdl < 400; mgdl += 13 {
		after, _ := Risk(mgdl + 1e-4)
		before, _ := Risk(mgdl - 1e-4)
		if slope := (after - before) / 2e-4; math.Abs(slope-RiskSlope(mgdl)) > 1e-6 {
			t.Errorf("at %v: %v, risk rises by %v", mgdl, RiskSlope(mgdl), slope)
		}
	}
}
