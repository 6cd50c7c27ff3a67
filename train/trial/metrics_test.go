package trial

import (
	"math"
	"slices"
	"testing"
)

// The golden values are those of the R package iglu.
func TestMetricsGoldenValues(t *testing.T) {
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

func TestEpisodesNeedFifteenMinutes(t *testing.T) {
	low := func(n int) []float64 { return slices.Repeat([]float64{60}, n) }
	fine := func(n int) []float64 { return slices.Repeat([]float64{100}, n) }
	for name, c := range map[string]struct {
		trace []float64
		want  Lows
	}{
		"ten minutes":           {slices.Concat(fine(3), low(2), fine(3)), Lows{}},
		"fifteen minutes":       {slices.Concat(fine(3), low(3), fine(3)), Lows{1, 15}},
		"a short way out":       {slices.Concat(low(3), fine(2), low(3), fine(3)), Lows{1, 40}},
		"two":                   {slices.Concat(low(3), fine(3), low(4), fine(3)), Lows{2, 35}},
		"not over at the end":   {slices.Concat(fine(1), low(5)), Lows{1, 25}},
		"about to be over":      {slices.Concat(low(5), fine(2)), Lows{1, 25}},
		"nothing, from nothing": {nil, Lows{}},
	} {
		if got := Episodes(c.trace, 70); got != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}
