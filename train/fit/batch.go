package fit

import (
	g "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/titrate/titrate/train"
)

// batchTensors are what a batch feeds to the graph: nodes, and the memory behind
// them, which fill overwrites.
type batchTensors struct {
	one               field // [rows×1] of ones, to give each row the constants
	inputs            field // [rows×inputs]
	drift, fall, rise field // [rows×horizons]
	laterFall         field // [rows×horizons]
	laterRise         field // [rows×horizons]
	target            field // [rows×levels·horizons] the outcome, once per level
	pull              field // of the same shape: (level − ½) over the number known, 0 where unknown
	half              field // ½ over the number known, 0 where unknown
}

// field is a node with the memory of its value.
type field struct {
	node *g.Node
	data []float
	cols int
}

func newField(e *g.ExprGraph, name string, rows, cols int) field {
	data := make([]float, rows*cols)
	value := tensor.New(tensor.WithShape(rows, cols), tensor.WithBacking(data))
	return field{g.NewMatrix(e, dtype, g.WithShape(rows, cols), g.WithName(name), g.WithValue(value)), data, cols}
}

func (f *field) row(i int) []float { return f.data[i*f.cols : (i+1)*f.cols] }

func newBatch(e *g.ExprGraph, rows int) batchTensors {
	b := batchTensors{
		one:       newField(e, "one", rows, 1),
		inputs:    newField(e, "inputs", rows, inputs),
		drift:     newField(e, "drift", rows, horizons),
		fall:      newField(e, "fall", rows, horizons),
		rise:      newField(e, "rise", rows, horizons),
		laterFall: newField(e, "later_fall", rows, horizons),
		laterRise: newField(e, "later_rise", rows, horizons),
		target:    newField(e, "target", rows, levels*horizons),
		pull:      newField(e, "pull", rows, levels*horizons),
		half:      newField(e, "half", rows, levels*horizons),
	}
	for i := range b.one.data {
		b.one.data[i] = 1
	}
	return b
}

// fill puts the terms of some rows of the examples in the batch. What is left of
// it has no outcome, and so no say.
func (b *batchTensors) fill(w *train.Weights, x *train.Examples, rows []int) {
	clear(b.pull.data)
	clear(b.half.data)
	known := 0
	var t train.Terms
	for i, row := range rows {
		w.Terms(x, row, &t)
		copyFloats(b.inputs.row(i), t.Inputs[:])
		copyFloats(b.drift.row(i), t.Drift[:])
		copyFloats(b.fall.row(i), t.Fall[:])
		copyFloats(b.rise.row(i), t.Rise[:])
		copyFloats(b.laterFall.row(i), t.LaterFall[:])
		copyFloats(b.laterRise.row(i), t.LaterRise[:])
		for k := range levels {
			copyFloats(b.target.row(i)[k*horizons:(k+1)*horizons], t.Target[:])
		}
		known += b.weigh(i, &t)
	}
	share := 1 / float(max(known*levels, 1))
	for i := range b.half.data {
		b.pull.data[i] *= share
		b.half.data[i] *= share
	}
}

// weigh sets the say of row i: max(τe, (τ−1)e) is (τ−½)e + ½|e|.
func (b *batchTensors) weigh(i int, t *train.Terms) (known int) {
	pull, half := b.pull.row(i), b.half.row(i)
	for h, ok := range t.Known {
		if !ok {
			continue
		}
		known++
		for k, level := range train.Levels {
			pull[k*horizons+h], half[k*horizons+h] = float(level-0.5), 0.5
		}
	}
	return known
}

func copyFloats(to []float, from []float64) {
	for i, f := range from {
		to[i] = float(f)
	}
}

// pinball is the loss of quantiles over the known outcomes.
func pinball(b *batchTensors, quantiles *g.Node) *g.Node {
	above := g.Must(g.Sub(b.target.node, quantiles))
	slope := g.Must(g.HadamardProd(b.pull.node, above))
	size := g.Must(g.HadamardProd(b.half.node, g.Must(g.Abs(above))))
	return g.Must(g.Sum(g.Must(g.Add(slope, size))))
}
