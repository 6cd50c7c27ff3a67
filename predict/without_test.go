package predict_test

import (
	"testing"

	"github.com/titrate/titrate/cleanse"
	"github.com/titrate/titrate/predict"
	"github.com/titrate/titrate/train"
)

// TestDoingNothingIsForecastBeside what is advised: insulin lowers the median below that,
// carbs raise it, at no horizon the other way, also by a model to which what is on board
// counts for less than a plan.
func TestDoingNothingIsForecastBeside(t *testing.T) {
	learned := adapted(t, life(7, 4), cleanse.Meal)
	for h := range learned.Weights.BoardCarbs {
		learned.Weights.BoardCarbs[h], learned.Weights.BoardInsulin[h] = 0.5, 0.5
	}
	for name, m := range map[string]*train.Model{"prior": train.Prior(), "learned": learned} {
		lowered, raised := 0, 0
		for _, r := range applyAll(predict.NewScorer(m), life(3, 6)) {
			dosed := r.Units > 0 && r.Kind != predict.Basal
			changes := dosed || r.CarbsG > 0
			for _, p := range r.Forecast {
				switch {
				case !changes && p.Without != 0, changes && p.Without == 0:
					t.Fatalf("%s: %s of %v U and %v g has %+v", name, r.Kind, r.Units, r.CarbsG, p)
				case dosed && p.P50 > p.Without, r.CarbsG > 0 && p.P50 < p.Without:
					t.Fatalf("%s: with %v U and %v g %v mg/dL in %d min, without %v", name, r.Units, r.CarbsG, p.P50, p.Minutes, p.Without)
				case dosed && p.P50 < p.Without-10:
					lowered++
				case r.CarbsG > 0 && p.P50 > p.Without+10:
					raised++
				}
			}
		}
		if lowered < 10 || raised < 10 {
			t.Errorf("%s: little was compared: %d, %d", name, lowered, raised)
		}
	}
}
