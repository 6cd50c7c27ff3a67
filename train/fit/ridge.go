package fit

import (
	"errors"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/titrate/titrate/train"
	"github.com/titrate/titrate/train/feature"
)

const (
	ridgeRows    = 20_000 // enough for 50 inputs
	ridgePenalty = 1e-2   // per row, of standardized inputs

	// settingsWeight is how much the settings weigh against the data's own say on
	// the strength of insulin and carbs.
	settingsWeight = 0.25
)

// The unknowns of the least squares, in order: the straight way from each input,
// its constant, and how strong insulin and carbs are, on board and later.
const (
	constant = iota + feature.Inputs
	insulin
	carbs
	laterInsulin
	laterCarbs
	unknowns
)

// normal are the normal equations of one horizon.
type normal struct {
	squares  *mat.SymDense
	products *mat.VecDense
}

// ridge starts the weights where a linear forecaster would end: per horizon, it
// finds the straight way to the drift together with the strengths of insulin and
// carbs, all drawn to the prior.
func ridge(w *train.Weights, x *train.Examples, rows []int) error {
	var all [horizons]normal
	for h := range all {
		all[h] = normal{mat.NewSymDense(unknowns, nil), mat.NewVecDense(unknowns, nil)}
	}
	var t train.Terms
	in := mat.NewVecDense(unknowns, nil)
	in.SetVec(constant, 1)
	for _, i := range rows {
		w.Terms(x, i, &t)
		for j, input := range t.Inputs {
			in.SetVec(j, input)
		}
		for h := range all {
			if t.Known[h] {
				all[h].add(in, &t, h)
			}
		}
	}
	for h := range all {
		if err := all[h].start(w, h, float64(len(rows))); err != nil {
			return err
		}
	}
	return nil
}

func (n *normal) add(in *mat.VecDense, t *train.Terms, h int) {
	in.SetVec(insulin, -t.Fall[h])
	in.SetVec(carbs, t.Rise[h])
	in.SetVec(laterInsulin, -t.LaterFall[h])
	in.SetVec(laterCarbs, t.LaterRise[h])
	// What the prior leaves: strengths are sought as differences from one.
	left := t.Target[h] - t.Drift[h] + t.Fall[h] + t.LaterFall[h] - t.Rise[h] - t.LaterRise[h]
	n.squares.SymRankOne(n.squares, 1, in)
	n.products.AddScaledVec(n.products, left, in)
}

// start sets the weights of horizon h. Strengths beyond what the model allows are
// set to the limit, and the rest is solved again with them.
func (n *normal) start(w *train.Weights, h int, rows float64) error {
	for j := range unknowns {
		weight := ridgePenalty * rows
		if j == insulin || j == carbs {
			weight += settingsWeight * n.squares.At(j, j)
		}
		n.squares.SetSym(j, j, n.squares.At(j, j)+weight+1e-9)
	}
	answer, err := n.solve()
	if err != nil {
		return err
	}
	fall, rise := divide(1+answer.AtVec(insulin)), divide(1+answer.AtVec(carbs))
	w.InsulinShape[h], w.BoardInsulin[h] = fall.shape, fall.board
	w.CarbsShape[h], w.BoardCarbs[h] = rise.shape, rise.board
	n.fix(insulin, fall.strength*fall.board-1)
	n.fix(carbs, rise.strength*rise.board-1)
	if answer, err = n.solve(); err != nil {
		return err
	}
	w.LaterInsulin[h] = shareOf((1 + answer.AtVec(laterInsulin)) / fall.strength)
	w.LaterCarbs[h] = shareOf((1 + answer.AtVec(laterCarbs)) / rise.strength)
	n.fix(laterInsulin, w.LaterInsulin[h]*fall.strength-1)
	n.fix(laterCarbs, w.LaterCarbs[h]*rise.strength-1)
	if answer, err = n.solve(); err != nil {
		return err
	}
	for j := range feature.Inputs {
		w.Skip[j*horizons+h] = answer.AtVec(j)
	}
	w.B3[train.OutDrift+h] = answer.AtVec(constant)
	return nil
}

// divided is what an effect counts for, as the model has it.
type divided struct {
	strength, shape float64 // shape is the model's number for the strength
	board           float64
}

// divide takes an effect that is less than the settings say for one that counts
// less because people did it on their own, and one that is more for a stronger
// one. Both are kept off their limits, where there is no slope to follow.
func divide(effect float64) divided {
	log := min(max(math.Log(max(effect, 1)), 0), 0.9*train.StrengthMost)
	strength := math.Exp(log)
	margin := 0.02 * (1 - train.BoardLeast)
	board := min(max(effect/strength, train.BoardLeast+margin), 1-margin)
	return divided{strength, math.Atanh(log / train.StrengthMost), board}
}

func shareOf(x float64) float64 { return min(max(x, 0.02), 0.98) }

// fix turns unknown j of the normal equations into a known value.
func (n *normal) fix(j int, value float64) {
	for i := range unknowns {
		n.products.SetVec(i, n.products.AtVec(i)-n.squares.At(i, j)*value)
		n.squares.SetSym(i, j, 0)
	}
	n.squares.SetSym(j, j, 1)
	n.products.SetVec(j, value)
}

func (n *normal) solve() (*mat.VecDense, error) {
	var factors mat.Cholesky
	if !factors.Factorize(n.squares) {
		return nil, errors.New("the inputs can't be told apart: least squares has no answer")
	}
	answer := new(mat.VecDense)
	return answer, factors.SolveVecTo(answer, n.products)
}
