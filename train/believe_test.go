package train

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"github.com/titrate/titrate/cleanse"
	"github.com/titrate/titrate/train/feature"
)

// drawVector is any vector that a window could make, and many that none could.
func drawVector(t *rapid.T) *feature.Vector {
	v := new(feature.Vector)
	for i := range v {
		v[i] = rapid.Float64Range(-500, 500).Draw(t, feature.Names[i])
	}
	v[feature.Glucose] = rapid.Float64Range(40, 400).Draw(t, "glucose")
	v[feature.ISF] = rapid.Float64Range(10, 500).Draw(t, "isf")
	v[feature.CSF] = v[feature.ISF] / rapid.Float64Range(2, 150).Draw(t, "icr")
	for h := range horizons {
		v[feature.Used+h] = rapid.Float64Range(0, 20).Draw(t, "used")
		v[feature.Eaten+h] = rapid.Float64Range(0, 200).Draw(t, "eaten")
		v[feature.UnitUsed+h] = rapid.Float64Range(0, 1).Draw(t, "unit used")
	}
	return v
}

// Whatever was learned, insulin lowers every quantile and carbs raise it.
func TestNoDoseRaisesAndNoMealLowers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v, m := drawVector(t), learned(rapid.Uint64().Draw(t, "seed"))
		plan := Plan{
			Dose:  cleanse.Units(rapid.Float64Range(0, 20).Draw(t, "dose")),
			Carbs: cleanse.Grams(rapid.Float64Range(0, 150).Draw(t, "carbs")),
		}
		var here, dosed, fed Forecast
		m.Forecast(v, plan, &here)
		m.Forecast(v, Plan{Dose: plan.Dose + 1, Carbs: plan.Carbs}, &dosed)
		m.Forecast(v, Plan{Dose: plan.Dose, Carbs: plan.Carbs + 10}, &fed)
		for h := range horizons {
			if raised(here.At(h), dosed.At(h)) {
				t.Fatalf("a unit raises %v to %v at %d min", here.At(h), dosed.At(h), Horizons[h])
			}
			if raised(fed.At(h), here.At(h)) {
				t.Fatalf("ten grams lower %v to %v at %d min", here.At(h), fed.At(h), Horizons[h])
			}
		}
	})
}

func TestQuantilesNeverCrossAndStayInBounds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v, m := drawVector(t), learned(rapid.Uint64().Draw(t, "seed"))
		var f Forecast
		m.Forecast(v, Plan{Dose: 3, Carbs: 20}, &f)
		for h := range horizons {
			q := f.At(h)
			for k := range q {
				if !(q[k] >= glucoseLeast && q[k] <= glucoseMost) || k > 0 && q[k] < q[k-1] {
					t.Fatalf("quantiles at %d min are %v", Horizons[h], q)
				}
			}
		}
	})
}

func TestAResponseIsItsForecasts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v, m := drawVector(t), learned(rapid.Uint64().Draw(t, "seed"))
		plan := Plan{Dose: cleanse.Units(rapid.Float64Range(0, 20).Draw(t, "dose")), Carbs: 30}
		var want, got Forecast
		var r Response
		m.Forecast(v, plan, &want)
		m.Respond(v, &r)
		r.Forecast(plan, &got)
		for h := range horizons {
			for k := range Levels {
				if math.Abs(float64(got.At(h)[k]-want.At(h)[k])) > 1e-6 {
					t.Fatalf("%d min, level %d: %v by response, %v by forecast", Horizons[h], k, got.At(h)[k], want.At(h)[k])
				}
			}
		}
	})
}

func TestTheDoseForATargetReachesIt(t *testing.T) {
	v, h := steady(t), horizons-1
	v[feature.Glucose] = 220
	var r Response
	Prior().Respond(v, &r)
	dose, ok := r.DoseFor(110, 20, h, 2)
	if !ok || dose <= 0 {
		t.Fatalf("dose %v, %v", dose, ok)
	}
	var f Forecast
	Prior().Forecast(v, Plan{Dose: dose, Carbs: 20}, &f)
	if math.Abs(float64(f.P50[h])-110) > 1e-6 {
		t.Errorf("%v U lead to %v, want 110", dose, f.P50[h])
	}
	if dose, _ := r.DoseFor(300, 0, h, 2); dose != 0 {
		t.Errorf("%v U towards a target above", dose)
	}
}

func TestCalibrationMakesTheIntervalsHonest(t *testing.T) {
	x := collect(t, crowd(4, 6))
	rows := x.Rows(x.People)
	w := NewWeights(x, rows)
	for i := range w.Spread {
		w.Spread[i], w.SpreadBolus[i] = 0.25, 0.25
	}
	inside := func() (share float64) {
		var sum coverage
		for _, p := range w.judge(x, rows, rows) {
			sum.plus(p.covered[4])
		}
		return sum.wide / sum.n
	}
	before := inside()
	w.calibrate(x, rows)
	if after := inside(); math.Abs(after-0.9) > 0.02 || math.Abs(before-0.9) < 0.03 {
		t.Errorf("the 90 %% interval held %.3f of the outcomes before, %.3f after", before, after)
	}
}
