package bench

import (
	"context"
	"errors"
	"math"

	"gonum.org/v1/gonum/mat"
)

// LastValue says that glucose stays as it is.
func LastValue() Forecaster {
	return Forecaster{"last value", func(context.Context, *Division) (func(Series, []float64), error) {
		return func(past Series, out []float64) {
			for k := range out {
				out[k] = past[len(past)-1]
			}
		}, nil
	}}
}

// LeastSquares is the straight way from the last readings to each step.
func LeastSquares() Forecaster {
	return Forecaster{"least squares, 4 h", func(_ context.Context, d *Division) (func(Series, []float64), error) {
		return linear(d.Train, 48, 0)
	}}
}

// LeastDistance is the same, but an hour counts by its distance from the forecast,
// not by the square of it: the few hours in which somebody eats don't spoil the
// forecast of all others.
func LeastDistance() Forecaster {
	return Forecaster{"least distance, 1 h", func(_ context.Context, d *Division) (func(Series, []float64), error) {
		return linear(d.Train, 12, 6)
	}}
}

const (
	level     = 100 // mg/dL that the newest reading is counted from
	softening = 1.0 // mg/dL; a distance below it counts as it
)

// linear finds the weights of the readings back so many steps, as differences from
// the newest, by least squares reweighted some times (Weiszfeld's iteration for the
// sum of distances).
func linear(train []Series, lags, reweighted int) (func(Series, []float64), error) {
	x, y := windows(train, lags)
	rows, columns := x.Dims()
	if rows < columns {
		return nil, errors.New("too few readings to learn from")
	}
	say := make([]float64, rows)
	for i := range say {
		say[i] = 1
	}
	var w mat.Dense
	var scaled, fitted mat.Dense
	for round := 0; ; round++ {
		scaled.Apply(func(i, _ int, v float64) float64 { return v * say[i] }, x)
		var squares, products mat.Dense
		squares.Mul(x.T(), &scaled)
		products.Mul(scaled.T(), y)
		for j := range columns {
			squares.Set(j, j, squares.At(j, j)+1e-3)
		}
		if err := w.Solve(&squares, &products); err != nil {
			return nil, err
		}
		if round == reweighted {
			return forecastBy(&w, lags), nil
		}
		fitted.Mul(x, &w)
		for i := range say {
			sum := 0.0
			for k := range Steps {
				d := y.At(i, k) - fitted.At(i, k)
				sum += d * d
			}
			say[i] = 1 / math.Sqrt(sum/Steps+softening*softening)
		}
	}
}

// windows are the rows to learn from: differences from the newest reading, its
// level, one; and the differences that came.
func windows(series []Series, lags int) (x, y *mat.Dense) {
	var in, came []float64
	rows := 0
	for _, s := range series {
		for at := lags; at+Steps <= len(s); at++ {
			in = appendInputs(in, s[:at], lags)
			for _, g := range s[at : at+Steps] {
				came = append(came, g-s[at-1])
			}
			rows++
		}
	}
	if rows == 0 {
		return mat.NewDense(1, lags+1, nil), mat.NewDense(1, Steps, nil)
	}
	return mat.NewDense(rows, lags+1, in), mat.NewDense(rows, Steps, came)
}

func appendInputs(in []float64, past Series, lags int) []float64 {
	last := past[len(past)-1]
	for _, g := range past[len(past)-lags : len(past)-1] {
		in = append(in, g-last)
	}
	return append(in, last-level, 1)
}

func forecastBy(w *mat.Dense, lags int) func(Series, []float64) {
	in := make([]float64, 0, lags+1)
	return func(past Series, out []float64) {
		in = appendInputs(in[:0], past, lags)
		last := past[len(past)-1]
		for k := range out {
			out[k] = last
			for j, x := range in {
				out[k] += x * w.At(j, k)
			}
		}
	}
}
