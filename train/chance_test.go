package train

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/titrate/titrate/cleanse"
)

// TestScoreFollowsTheQuantiles: at each quantile it is that quantile's, it rises
// between them, and below the lowest it is log-normal.
func TestScoreFollowsTheQuantiles(t *testing.T) {
	var f Forecast
	f.P05[0], f.P25[0], f.P50[0], f.P75[0], f.P95[0] = 80, 100, 120, 150, 200
	for x, want := range map[float64]float64{80: -1.645, 100: -0.6745, 120: 0, 150: 0.6745, 200: 1.645, 110: -0.33725, 120 * 80 * 80 / 120 / 120.0: -3.29, 1e9: scoreMost} {
		if got := f.score(0, x); math.Abs(got-want) > 1e-9 {
			t.Errorf("score of %v is %v, want %v", x, got, want)
		}
	}
	f.P50[0] = cleanse.MgdL(math.NaN())
	if got := f.score(0, 54); got != scoreMost {
		t.Errorf("a forecast that is no number: %v", got)
	}
	f.P05[0], f.P25[0], f.P50[0], f.P75[0], f.P95[0] = 20, 20, 20, 20, 20
	if got := f.score(0, 54); got != scoreMost {
		t.Errorf("all quantiles at the bottom: %v", got)
	}
}

// TestLogisticFindsTheCurve that outcomes were drawn from, and refuses to guess.
func TestLogisticFindsTheCurve(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	var seen []outcome
	for range 40_000 {
		z := r.NormFloat64() - 2
		seen = append(seen, outcome{z, r.Float64() < sigmoid(-1+0.8*z)})
	}
	a, b, ok := logistic(seen)
	if !ok || math.Abs(a+1) > 0.1 || math.Abs(b-0.8) > 0.05 {
		t.Errorf("%v + %v·z, ok %v", a, b, ok)
	}
	for i := range seen {
		seen[i].low = i < lowRows-1
	}
	if _, _, ok := logistic(seen); ok {
		t.Error("nineteen lows are enough")
	}
	for i := range seen {
		seen[i].low = seen[i].score < -2 // more often where the score says less often
		seen[i].score = -seen[i].score
	}
	if _, b, _ := logistic(seen); b < slopeLeast {
		t.Errorf("the chance falls with the score: slope %v", b)
	}
}

// TestBelowRisesWithTheDose, calibrated or not, and falls with carbs.
func TestBelowRisesWithTheDose(t *testing.T) {
	w := Prior().Weights
	calibrated := Prior().Weights
	for h := range horizons {
		for l := range LowLimits {
			calibrated.Lows[2*(l*horizons+h)], calibrated.Lows[2*(l*horizons+h)+1] = -2, 0.9
		}
	}
	v := *steady(t)
	for name, w := range map[string]*Weights{"as the quantiles say": &w, "calibrated": &calibrated} {
		m := &Model{Weights: *w}
		for h := range horizons {
			for l := range LowLimits {
				last := -1.0
				for dose := 0.0; dose < 12; dose += 0.5 {
					var f Forecast
					m.Forecast(&v, Plan{Dose: cleanse.Units(dose)}, &f)
					got := w.Below(&f, h, l)
					if got < last-1e-12 || got < 0 || got > 1 {
						t.Fatalf("%s: %v U, %d min, below %v: %v after %v", name, dose, Horizons[h], LowLimits[l], got, last)
					}
					last = got
					var fed Forecast
					if m.Forecast(&v, Plan{Dose: cleanse.Units(dose), Carbs: 20}, &fed); w.Below(&fed, h, l) > got+1e-12 {
						t.Fatalf("%s: 20 g make a low likelier", name)
					}
				}
			}
		}
	}
}

// TestModelsFromBeforeLowsLoad: one that never compared them believes its quantiles.
func TestModelsFromBeforeLowsLoad(t *testing.T) {
	m := Prior()
	m.Weights.Lows = nil
	text, err := m.Encode()
	if err != nil {
		t.Fatal(err)
	}
	back, err := Decode(text)
	if err != nil {
		t.Fatal(err)
	}
	var f Forecast
	back.Forecast(steady(t), Plan{Dose: 3}, &f)
	zeros := Prior().Weights
	if a, b := back.Weights.Below(&f, 5, 1), zeros.Below(&f, 5, 1); a != b || a <= 0 || a >= 1 {
		t.Errorf("%v, and %v with zeros", a, b)
	}
}
