package glycemia

import (
	"slices"
	"testing"
)

func TestEpisodesNeedFifteenMinutes(t *testing.T) {
	low := func(n int) []float64 { return slices.Repeat([]float64{60}, n) }
	fine := func(n int) []float64 { return slices.Repeat([]float64{100}, n) }
	for name, c := range map[string]struct {
		trace []float64
		want  Lows
	}{
		"ten minutes":           {slices.Concat(fine(3), low(2), fine(3)), Lows{}},
		"fifteen minutes":       {slices.Concat(fine(3), low(3), fine(3)), Lows{1, 15, 0}},
		"a short way out":       {slices.Concat(low(3), fine(2), low(3), fine(3)), Lows{1, 40, 0}},
		"two":                   {slices.Concat(low(3), fine(3), low(4), fine(3)), Lows{2, 35, 0}},
		"not over at the end":   {slices.Concat(fine(1), low(5)), Lows{1, 25, 0}},
		"about to be over":      {slices.Concat(low(5), fine(2)), Lows{1, 25, 0}},
		"two hours":             {slices.Concat(fine(1), low(24), fine(3)), Lows{1, 120, 1}},
		"nearly two hours":      {slices.Concat(fine(1), low(23), fine(3)), Lows{1, 115, 0}},
		"nothing, from nothing": {nil, Lows{}},
	} {
		if got := Episodes(c.trace, 70); got != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}
