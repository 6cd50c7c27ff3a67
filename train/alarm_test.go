package train

import (
	"math"
	"testing"
)

// every10 is a person whose readings come every ten minutes, with the chances foretold.
func every10(mgdl, chance []float64) *Watched {
	p := &Watched{MgdL: mgdl, Chance: chance}
	for i := range mgdl {
		p.At = append(p.At, int64(i)*10*60e6)
	}
	return p
}

func TestAlarmsAreCountedAgainstLows(t *testing.T) {
	still := func(n int, x float64) []float64 {
		out := make([]float64, n)
		for i := range out {
			out[i] = x
		}
		return out
	}
	lowAt5 := []float64{120, 110, 100, 90, 80, 65, 60, 66, 90, 100, 110, 120, 120, 120, 120}
	chances := func(at ...int) []float64 {
		c := make([]float64, len(lowAt5))
		for _, i := range at {
			c[i] = 0.9
		}
		return c
	}
	for name, c := range map[string]struct {
		person                        *Watched
		lows, foretold, alarms, wrong int
	}{
		"nothing happens":           {every10(still(20, 120), still(20, 0)), 0, 0, 0, 0},
		"foretold":                  {every10(lowAt5, chances(3)), 1, 1, 1, 0},
		"missed":                    {every10(lowAt5, chances()), 1, 0, 0, 0},
		"too late":                  {every10(lowAt5, chances(5)), 1, 0, 0, 0},
		"long before the hour":      {every10(append(still(8, 150), lowAt5...), append([]float64{0.9}, make([]float64, 22)...)), 1, 0, 1, 1},
		"for nothing":               {every10(still(20, 120), append([]float64{0.9}, still(19, 0)...)), 0, 0, 1, 1},
		"goes on ringing: once":     {every10(still(5, 120), still(5, 0.9)), 0, 0, 1, 1},
		"one low reading is no low": {every10([]float64{100, 90, 65, 90, 100, 110}, still(6, 0)), 0, 0, 0, 0},
		"a low without a past":      {every10([]float64{60, 60, 60, 90, 100}, still(5, 0)), 0, 0, 0, 0},
	} {
		a := alarmAt([]*Watched{c.person}, 0.5)
		if a.Lows != c.lows || a.Foretold != c.foretold || a.Alarms != c.alarms || a.False != c.wrong {
			t.Errorf("%s: %+v", name, a)
		}
	}
	a := alarmAt([]*Watched{every10(lowAt5, chances(3)), every10(lowAt5, chances()), every10(still(20, 120), append([]float64{0.9}, still(19, 0)...))}, 0.5)
	if a.Recall != 0.5 || a.Precision != 0.5 || a.F1 != 0.5 || a.LeadMinutes != 20 || math.Abs(a.FalsePerDay-1/a.Days) > 1e-9 {
		t.Errorf("together: %+v", a)
	}
}

// At a quantile, the chance of less is the quantile's level.
func TestChanceOfLessFollowsTheQuantiles(t *testing.T) {
	q := quantiles{60, 80, 100, 130, 170}
	for k, level := range Levels {
		if got := q.below(q[k]); math.Abs(got-level) > 1e-3 {
			t.Errorf("chance of less than %v: %v, want %v", q[k], got, level)
		}
	}
	last := 0.0
	for mgdl := 20.0; mgdl < 300; mgdl++ {
		if got := q.below(mgdl); got < last || got < 0 || got > 1 {
			t.Fatalf("chance of less than %v: %v after %v", mgdl, got, last)
		} else {
			last = got
		}
	}
}
