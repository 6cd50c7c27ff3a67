package fit

import (
	"math"

	"github.com/titrate/titrate/train"
)

// weights are the params put together as the model takes them.
func (p *params) weights() train.Weights {
	w := train.ZeroWeights()
	copy(w.Mean, p.start.Mean)
	copy(w.Std, p.start.Std)
	widen(w.W1, p.w1.data)
	widen(w.B1, p.b1.data)
	widen(w.W2, p.w2.data)
	widen(w.B2, p.b2.data)
	widen(w.Skip, p.skip.data)
	columns(w.W3, p.drift, train.OutDrift)
	columns(w.W3, p.insulin, train.OutInsulin)
	columns(w.W3, p.carbs, train.OutCarbs)
	columns(w.W3, p.widths, train.OutWidths)
	widen(w.B3[train.OutDrift:], p.driftBias.data)
	for i, b := range p.widthsBias.data {
		w.B3[train.OutWidths+i] = float64(b) - train.SoftplusUnit
	}
	widen(w.InsulinShape, p.insulinShape.data)
	widen(w.CarbsShape, p.carbsShape.data)
	for h := range horizons {
		w.BoardInsulin[h] = train.BoardLeast + (1-train.BoardLeast)*sigmoid(float64(p.boardInsulin.data[h]))
		w.BoardCarbs[h] = train.BoardLeast + (1-train.BoardLeast)*sigmoid(float64(p.boardCarbs.data[h]))
		w.LaterInsulin[h] = sigmoid(float64(p.laterInsulin.data[h]))
		w.LaterCarbs[h] = sigmoid(float64(p.laterCarbs.data[h]))
	}
	widen(w.InsulinDoubt, p.insulinDoubt.data)
	widen(w.CarbsDoubt, p.carbsDoubt.data)
	return w
}

func widen(to []float64, from []float) {
	for i, f := range from {
		to[i] = float64(f)
	}
}

// columns puts a matrix into those columns of W3 that begin at the first.
func columns(w3 []float64, f field, first int) {
	for i := range hidden {
		widen(w3[i*train.Outputs+first:], f.row(i))
	}
}

func sigmoid(x float64) float64 { return 1 / (1 + math.Exp(-x)) }
