package train

import (
	"errors"
	"slices"

	"gonum.org/v1/gonum/mat"

	"github.com/titrate/titrate/train/feature"
)

// linear is a ridge regression from the model's own inputs to glucose at each
// horizon: what a careful statistician would try first. It is told nothing of what
// is done after the moment.
type linear struct {
	inputs Weights // only Mean and Std
	way    [horizons]*mat.VecDense
	before *linear // what stands in where nothing was learned; may be nil
}

const (
	linearSize    = feature.Inputs + 1
	linearPenalty = 1e-2 // per row, of standardized inputs
	linearRows    = 60_000
)

// forecast is glucose per horizon in mg/dL; where nothing was learned, the newest.
func (l *linear) forecast(v *feature.Vector) (out [horizons]float64) {
	for h := range out {
		out[h] = v[feature.Glucose]
	}
	if l.before != nil && slices.Contains(l.way[:], nil) {
		out = l.before.forecast(v) // once: each of them may ask the one before it
	}
	in := l.input(v)
	for h, way := range l.way {
		if way != nil {
			out[h] = v[feature.Glucose] + mat.Dot(way, in)
		}
	}
	return out
}

func (l *linear) input(v *feature.Vector) *mat.VecDense {
	var x [feature.Inputs]float64
	l.inputs.Inputs(v, &x)
	return mat.NewVecDense(linearSize, append(x[:], 1))
}

// pooled is a ridge of the rows of many people, of which it takes some evenly.
func pooled(x *Examples, rows []int) *linear {
	rows = evenly(rows, linearRows)
	l := &linear{inputs: NewWeights(x, rows)}
	s := l.sum(x, rows)
	for h := range l.way {
		l.way[h], _ = s[h].solve() // unsolved, it forecasts nothing
	}
	return l
}

// blocks is into how many stretches of time a person's rows are cut.
const blocks = 10

// own are ridges of one person's rows alone: each stretch of time is forecast by what
// all before it taught, as it could have been done at the time. In the first fifth of
// their time there is too little yet, and the pooled ridge stands in.
func own(x *Examples, rows []int, first *linear) [blocks]*linear {
	out := [blocks]*linear{first, first}
	inputs := NewWeights(x, rows)
	var sofar normals
	for b := 1; b < blocks; b++ {
		l := &linear{inputs: inputs, before: out[b-1]}
		part := l.sum(x, rows[(b-1)*len(rows)/blocks:b*len(rows)/blocks])
		for h := range sofar {
			sofar[h].plus(&part[h])
			l.way[h], _ = sofar[h].solve()
		}
		if b > 1 {
			out[b] = l
		}
	}
	return out
}

// evenly is at most n of rows.
func evenly(rows []int, n int) []int {
	if len(rows) <= n {
		return rows
	}
	some := make([]int, n)
	for k := range some {
		some[k] = rows[k*len(rows)/n]
	}
	return some
}

// normals are the normal equations per horizon.
type normals [horizons]normal

type normal struct {
	n        float64
	squares  [linearSize * linearSize]float64 // the upper triangle
	products [linearSize]float64
}

func (l *linear) sum(x *Examples, rows []int) (s normals) {
	var v feature.Vector
	for _, i := range rows {
		x.Vector(i, &v)
		in := l.input(&v).RawVector().Data
		for h, came := range x.Outcome(i) {
			if came == came {
				s[h].add(in, float64(came)-v[feature.Glucose])
			}
		}
	}
	return s
}

func (n *normal) add(in []float64, change float64) {
	n.n++
	for i, a := range in {
		n.products[i] += a * change
		row := n.squares[i*linearSize:]
		for j := i; j < linearSize; j++ {
			row[j] += a * in[j]
		}
	}
}

func (n *normal) plus(o *normal) {
	n.n += o.n
	for i := range n.squares {
		n.squares[i] += o.squares[i]
	}
	for i := range n.products {
		n.products[i] += o.products[i]
	}
}

func (n *normal) solve() (*mat.VecDense, error) {
	if n.n < float64(linearSize) {
		return nil, errors.New("fewer outcomes than inputs")
	}
	squares := mat.NewSymDense(linearSize, append([]float64(nil), n.squares[:]...))
	for i := range linearSize {
		squares.SetSym(i, i, squares.At(i, i)+linearPenalty*n.n)
	}
	var factors mat.Cholesky
	if !factors.Factorize(squares) {
		return nil, errors.New("the inputs can't be told apart")
	}
	way := new(mat.VecDense)
	return way, factors.SolveVecTo(way, mat.NewVecDense(linearSize, n.products[:]))
}
