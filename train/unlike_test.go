package train

import (
	"strings"
	"testing"

	"github.com/titrate/titrate/cleanse"
	"github.com/titrate/titrate/train/feature"
)

// seen10to20 is weights that learned from inputs of 10 to 20 each.
func seen10to20() (w Weights) {
	x := new(Examples)
	for i := range 5000 {
		for range feature.Size {
			x.Features = append(x.Features, 10+float32(i)*10/4999)
		}
		x.Person = append(x.Person, int32(i%7))
	}
	rows := make([]int, 5000)
	for i := range rows {
		rows[i] = i
	}
	w = ZeroWeights()
	w.bound(x, rows)
	return w
}

// TestUnlike: so many inputs just outside of what was learned from, or one by more than
// its whole range.
func TestUnlike(t *testing.T) {
	w := seen10to20()
	least, most := w.Least[0], w.Most[0]
	// A thousandth at either end is left out, and a tenth is added.
	if !(least > 9.0 && least < 9.02 && most > 20.98 && most < 21) {
		t.Fatalf("from %v to %v", least, most)
	}
	for name, c := range map[string]struct {
		high, low int
		by        float64
		want      int
	}{
		"inside":               {0, 0, 0, 0},
		"at the ends":          {30, 20, 0, 0},
		"three outside":        {2, 1, 1e-9, 0},
		"four outside":         {2, 2, 1e-9, 4},
		"one, by its range":    {1, 0, most - least - 1e-9, 0},
		"one by more, above":   {1, 0, most - least + 1e-9, 1},
		"one by more, below":   {0, 1, most - least + 1e-9, 1},
		"many, one of them by": {0, 9, most - least + 1e-9, 9},
	} {
		var v feature.Vector
		for i := range v {
			v[i] = 15
		}
		for i := range c.high {
			v[i] = most + c.by
		}
		for i := range c.low {
			v[feature.Inputs-1-i] = least - c.by
		}
		if got := w.Unlike(&v); got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
	var v feature.Vector
	if allocs := testing.AllocsPerRun(100, func() { w.Unlike(&v) }); allocs != 0 {
		t.Errorf("%v allocations", allocs)
	}
	if got := Prior().Weights.Unlike(&v); got != 0 {
		t.Errorf("%d inputs are unlike the nothing that the prior has seen", got)
	}
}

// TestANumberLearnedIsNotUnlike: an input that never moved is stored as a float32, and
// is the same all the same; another one is not.
func TestANumberLearnedIsNotUnlike(t *testing.T) {
	x := new(Examples)
	for range 100 {
		for range feature.Size {
			x.Features = append(x.Features, 45.3)
		}
		x.Person = append(x.Person, 0)
	}
	w := ZeroWeights()
	w.bound(x, []int{0, 5, 99})
	var v feature.Vector
	for i := range v {
		v[i] = 45.3
	}
	if got := w.Unlike(&v); got != 0 {
		t.Errorf("%d are unlike themselves", got)
	}
	if v[3] = 45.4; w.Unlike(&v) != 1 {
		t.Error("another number than the only one is like it")
	}
}

// TestBoundsAreKept with the weights, may be missing, and are checked.
func TestBoundsAreKept(t *testing.T) {
	m := Prior()
	m.Version, m.Weights = "2026-11-20.1", seen10to20()
	data, err := m.Encode()
	if err != nil {
		t.Fatal(err)
	}
	again, err := Decode(data)
	if err != nil || again.Weights.Least[3] != m.Weights.Least[3] || again.Weights.Most[3] != m.Weights.Most[3] {
		t.Errorf("%v", err)
	}
	for name, change := range map[string]func(*Weights){
		"too few": func(w *Weights) { w.Least, w.Most = w.Least[1:], w.Most[1:] },
		"one end": func(w *Weights) { w.Least = nil },
	} {
		w := seen10to20()
		if change(&w); w.check() == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	old, err := Prior().Encode()
	if _, again := Decode(old); err != nil || again != nil || strings.Contains(string(old), "Least") {
		t.Errorf("weights without bounds: %v, %v", err, again)
	}
}

// TestWiden: below the median the lower of both, above it the higher.
func TestWiden(t *testing.T) {
	of := func(x ...cleanse.MgdL) (f Forecast) {
		for h := range horizons {
			f.P05[h], f.P25[h], f.P50[h], f.P75[h], f.P95[h] = x[0], x[1], x[2], x[3], x[4]
		}
		return f
	}
	a, b := of(80, 90, 120, 150, 200), of(70, 95, 110, 160, 170)
	want := of(70, 90, 110, 160, 200)
	if a.Widen(&b); a != want {
		t.Errorf("%+v", a)
	}
	if b.Widen(&a); b != want {
		t.Errorf("the other way round %+v", b)
	}
}

// TestFittingFindsBounds of what it fits on.
func TestFittingFindsBounds(t *testing.T) {
	result, err := Run(t.Context(), Options{Replay: crowd(6, 5), Fit: asIs, Now: monday, Seed: 4})
	if err != nil {
		t.Fatal(err)
	}
	x, err := Collect(crowd(6, 5))
	if err != nil {
		t.Fatal(err)
	}
	w, unlike := &result.Model.Weights, 0
	rows := x.Rows(result.Report.Split.Train)
	for _, i := range rows {
		var v feature.Vector
		x.Vector(i, &v)
		if w.Unlike(&v) > 0 {
			unlike++
		}
	}
	if len(w.Least) != feature.Inputs || unlike > len(rows)/100 {
		t.Errorf("%d of %d moments are unlike themselves", unlike, len(rows))
	}
	v := feature.Vector{feature.Glucose: 9000}
	if w.Unlike(&v) == 0 {
		t.Error("9000 mg/dL are like the others")
	}
}
