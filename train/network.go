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

// multiply adds x·matrix to out; matrix is [len(x)×len(out)]. Eight columns at a time
// stay in registers; each sums its rows in order, so the blocks change no bit.
func multiply(x, matrix, out []float64) {
	j := 0
	for ; j+8 <= len(out); j += 8 {
		o := (*[8]float64)(out[j:])
		a, b, c, d, e, f, g, h := o[0], o[1], o[2], o[3], o[4], o[5], o[6], o[7]
		for i, xi := range x {
			m := (*[8]float64)(matrix[i*len(out)+j:])
			a, b, c, d = a+xi*m[0], b+xi*m[1], c+xi*m[2], d+xi*m[3]
			e, f, g, h = e+xi*m[4], f+xi*m[5], g+xi*m[6], h+xi*m[7]
		}
		*o = [8]float64{a, b, c, d, e, f, g, h}
	}
	for ; j < len(out); j++ {
		sum := out[j]
		for i, xi := range x {
			sum += xi * matrix[i*len(out)+j]
		}
		out[j] = sum
	}
}

func squash(x *[Hidden]float64) {
	for i := range x {
		x[i] = math.Tanh(x[i])
	}
}
