package train

import (
	"math"
	"testing"

	"github.com/titrate/titrate/train/feature"
)

func TestAR2EqualsItsGoldenValues(t *testing.T) {
	for _, c := range []struct {
		before, now float64
		want        map[int]float64 // minutes ahead; every third of the six published steps
	}{
		{100, 95, map[int]float64{5: 91.8, 15: 88.7, 30: 88.3}},
		{150, 170, map[int]float64{5: 185.8, 15: 206.5, 30: 218.2}},
	} {
		var v feature.Vector
		v[feature.Glucose], v[feature.Lag] = c.now, c.before-c.now
		got := ar2(&v)
		for h, minutes := range Horizons {
			if want, ok := c.want[minutes]; ok && math.Abs(got[h]-want) > 0.06 {
				t.Errorf("%v then %v: %.2f in %d min, want %v", c.before, c.now, got[h], minutes, want)
			}
		}
	}
}

func TestBaselinesOfASteadyTrend(t *testing.T) {
	var v feature.Vector
	v[feature.Glucose], v[feature.Trend] = 120, 1
	if got := straight(&v); got[2] != 150 || got[horizons-1] != 360 {
		t.Errorf("a straight line says %v", got)
	}
	if got := persistence(&v); got[2] != 120 {
		t.Errorf("the last value says %v", got)
	}
}
