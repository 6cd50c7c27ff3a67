package fit

import (
	"errors"

	"gonum.org/v1/gonum/mat"

	"github.com/titrate/titrate/train"
	"github.com/titrate/titrate/train/feature"
)

const (
	ridgeRows    = 20_000 // enough for 50 inputs
	ridgePenalty = 1e-3   // per row, of standardized inputs
)

// ridge fills the straight way from the inputs to the drift, and its constant,
// with the least squares of what the prior leaves unexplained, per horizon.
func ridge(w *train.Weights, x *train.Examples, rows []int) error {
	const n = feature.Inputs + 1 // and the constant
	var squares [horizons]*mat.SymDense
	var products [horizons]*mat.VecDense
	for h := range horizons {
		squares[h], products[h] = mat.NewSymDense(n, nil), mat.NewVecDense(n, nil)
	}
	var t train.Terms
	in := mat.NewVecDense(n, nil)
	in.SetVec(n-1, 1)
	for _, i := range rows {
		w.Terms(x, i, &t)
		for j, input := range t.Inputs {
			in.SetVec(j, input)
		}
		for h := range horizons {
			if t.Known[h] {
				left := t.Target[h] - t.Drift[h] + t.Fall[h] - t.Rise[h]
				squares[h].SymRankOne(squares[h], 1, in)
				products[h].AddScaledVec(products[h], left, in)
			}
		}
	}
	for h := range horizons {
		if err := solve(w, h, squares[h], products[h], float64(len(rows))); err != nil {
			return err
		}
	}
	return nil
}

func solve(w *train.Weights, h int, squares *mat.SymDense, products *mat.VecDense, rows float64) error {
	n := squares.SymmetricDim()
	for j := range n {
		squares.SetSym(j, j, squares.At(j, j)+ridgePenalty*rows+1e-9)
	}
	var factors mat.Cholesky
	if !factors.Factorize(squares) {
		return errors.New("the inputs can't be told apart: least squares has no answer")
	}
	var answer mat.VecDense
	if err := factors.SolveVecTo(&answer, products); err != nil {
		return err
	}
	for j := range n - 1 {
		w.Skip[j*horizons+h] = answer.AtVec(j)
	}
	w.B3[train.OutDrift+h] = answer.AtVec(n - 1)
	return nil
}
