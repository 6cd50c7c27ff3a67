package train

import (
	"math"

	"github.com/titrate/titrate/train/feature"
)

// run is the network: two layers of tanh, and a straight way from the inputs to
// the drift. net is overwritten.
func (w *Weights) run(v *feature.Vector, net *[Outputs]float64) {
	var x [feature.Inputs]float64
	w.Inputs(v, &x)
	var a, b [Hidden]float64
	copy(a[:], w.B1)
	multiply(x[:], w.W1, a[:])
	squash(&a)
	copy(b[:], w.B2)
	multiply(a[:], w.W2, b[:])
	squash(&b)
	copy(net[:], w.B3)
	multiply(b[:], w.W3, net[:])
	multiply(x[:], w.Skip, net[OutDrift:OutDrift+horizons])
}

// Inputs are the network's inputs: the vector in standard deviations from the
// mean, bounded, so that what was never seen is taken as the extreme of what was.
func (w *Weights) Inputs(v *feature.Vector, x *[feature.Inputs]float64) {
	for i := range x {
		x[i] = min(max((v[i]-w.Mean[i])/w.Std[i], -inputMost), inputMost)
	}
}

// multiply adds x·matrix to out; matrix is [len(x)×len(out)].
func multiply(x, matrix, out []float64) {
	for i, xi := range x {
		row := matrix[i*len(out) : (i+1)*len(out)]
		for j, m := range row {
			out[j] += xi * m
		}
	}
}

func squash(x *[Hidden]float64) {
	for i := range x {
		x[i] = math.Tanh(x[i])
	}
}
