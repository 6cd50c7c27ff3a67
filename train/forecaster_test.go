package train

import (
	"math/rand/v2"
	"testing"

	"github.com/titrate/titrate/cleanse"
	"github.com/titrate/titrate/train/feature"
)

// scattered are weights of which none is like another.
func scattered(r *rand.Rand) Weights {
	w := ZeroWeights()
	for _, part := range [][]float64{
		w.Mean, w.W1, w.B1, w.W2, w.B2, w.W3, w.B3, w.Skip, w.InsulinShape, w.CarbsShape, w.InsulinDoubt, w.CarbsDoubt,
	} {
		for i := range part {
			part[i] = r.NormFloat64() / 4
		}
	}
	for _, part := range [][]float64{w.Std, w.BoardInsulin, w.BoardCarbs, w.LaterInsulin, w.LaterCarbs, w.Spread, w.SpreadBolus} {
		for i := range part {
			part[i] = 0.5 + r.Float64()/2
		}
	}
	return w
}

// TestForecasterEqualsTheModel bit for bit, whatever was asked of it before.
func TestForecasterEqualsTheModel(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 20 {
		m := &Model{Version: "scattered", Weights: scattered(r)}
		f := m.Forecaster()
		for range 20 {
			var v feature.Vector
			var by Correction
			for i := range v {
				v[i] = 3 * r.NormFloat64()
			}
			for h := range by {
				by[h] = 20 * r.NormFloat64()
			}
			v[feature.Glucose], v[feature.LastBolusEbb] = 40+300*r.Float64(), r.Float64()
			f.See(&v)
			for range 3 {
				plan := Plan{Dose: cleanse.Units(12 * r.Float64()), Carbs: cleanse.Grams(90 * r.Float64())}
				var want, got Forecast
				m.ForecastOf(&v, plan, &by, &want)
				if f.Forecast(plan, &by, &got); got != want {
					t.Fatalf("%+v\nforecaster %v\nmodel      %v", plan, got, want)
				}
			}
		}
	}
}

// TestMultiplyInBlocks equals the sum over rows, one column at a time.
func TestMultiplyInBlocks(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for _, n := range []int{1, 7, 8, 11, 32, Outputs} {
		x, matrix, out := make([]float64, 13), make([]float64, 13*n), make([]float64, n)
		for _, part := range [][]float64{x, matrix, out} {
			for i := range part {
				part[i] = r.NormFloat64()
			}
		}
		want := append([]float64(nil), out...)
		for i, xi := range x {
			for j := range want {
				want[j] += xi * matrix[i*n+j]
			}
		}
		multiply(x, matrix, out)
		for j := range want {
			if out[j] != want[j] {
				t.Errorf("%d columns, the %dth: %v, want %v", n, j, out[j], want[j])
			}
		}
	}
}

// BenchmarkForecaster is a moment with three plans, as a reading asks of.
func BenchmarkForecaster(b *testing.B) {
	v, f, out, none := steady(b), Prior().Forecaster(), new(Forecast), Correction{}
	b.ReportAllocs()
	for b.Loop() {
		f.See(v)
		for dose := range 3 {
			f.Forecast(Plan{Dose: cleanse.Units(dose)}, &none, out)
		}
	}
}
