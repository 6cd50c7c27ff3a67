package trial

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"
)

func TestPairedFindsADifferenceThatPeopleHide(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	a, b := make([]float64, 40), make([]float64, 40)
	for i := range a {
		b[i] = 60 + 20*r.NormFloat64() // people differ by far more than arms
		a[i] = b[i] + 2 + r.NormFloat64()
	}
	d := paired(a, b, 1)
	if math.Abs(d.Mean-2) > 0.5 || d.Low < 1.2 || d.High > 2.8 || d.Low >= d.Mean || d.High <= d.Mean {
		t.Errorf("%+v, want about 2 ± 0.3", d)
	}
	if again := paired(a, b, 1); again != d {
		t.Errorf("the same seed gives %+v and %+v", d, again)
	}
	// The normal interval is the measure of the bootstrap's.
	if half := (d.High - d.Low) / 2; math.Abs(half-1.96/math.Sqrt(40)) > 0.1 {
		t.Errorf("half the interval is %.3f, want about %.3f", half, 1.96/math.Sqrt(40))
	}
	if same := paired(b, b, 1); same != (Difference{}) {
		t.Errorf("an arm differs from itself: %+v", same)
	}
}

func TestSafetyIsTestedBeforeSuperiority(t *testing.T) {
	better := Difference{5, 3, 7}
	for name, c := range map[string]struct {
		tbr, tir       Difference
		people         int
		safe, superior bool
		says           string
	}{
		"safe and better":   {Difference{0, -.2, .2}, better, 30, true, true, "superior"},
		"better, not safe":  {Difference{.8, .4, 1.2}, better, 30, false, false, "not shown"},
		"within, but worse": {Difference{.6, .4, .8}, better, 30, true, true, "larger: by 0.4 to 0.8"},
		"on the margin":     {Difference{.5, 0, Margin}, better, 30, false, false, "not shown"},
		"safe and worse":    {Difference{0, -.2, .2}, Difference{-3, -4, -2}, 30, true, false, "inferior"},
		"safe, not certain": {Difference{0, -.2, .2}, Difference{1, -1, 3}, 30, true, false, "not differ"},
		"too few":           {Difference{}, better, 9, false, false, "too few"},
	} {
		v := judge(c.tbr, c.tir, c.people)
		if v.SafeBelow70 != c.safe || v.BetterRange != c.superior || !strings.Contains(v.Text, c.says) {
			t.Errorf("%s: %+v", name, v)
		}
	}
}
