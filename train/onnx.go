package train

import (
	"encoding/binary"
	"math"
	"strconv"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/titrate/titrate/train/feature"
)

// ONNX is the model's forward pass as an ONNX file (IR 8, operators 17), in double
// precision. Inputs: features [N×feature.Size], dose [N×1] in units, carbs [N×1] in grams.
// Output: quantiles [N×5×11] in mg/dL, by Levels and Horizons. Standardization
// is inside; how features come about from a log is not.
func (m *Model) ONNX() []byte {
	w := &m.Weights
	g := new(onnxGraph)
	v, dose, carbs := "features", "dose", "carbs"
	column := func(i int) string { return g.slice(v, i, i+1) }

	x := g.op("Div", g.op("Sub", g.slice(v, 0, feature.Inputs), g.row(w.Mean)), g.row(w.Std))
	x = g.op("Clip", x, g.scalar(-inputMost), g.scalar(inputMost))
	h := g.op("Tanh", g.op("Add", g.op("MatMul", x, g.matrix(w.W1, Hidden)), g.row(w.B1)))
	h = g.op("Tanh", g.op("Add", g.op("MatMul", h, g.matrix(w.W2, Hidden)), g.row(w.B2)))
	net := g.op("Add", g.op("MatMul", h, g.matrix(w.W3, Outputs)), g.row(w.B3))

	strength := func(out int, shape []float64) string {
		t := g.op("Tanh", g.op("Add", g.slice(net, out, out+1), g.row(shape)))
		return g.op("Exp", g.op("Mul", t, g.scalar(StrengthMost)))
	}
	effect := func(plan, perPlan string, board []float64, from int, per string, strength string) string {
		acting := g.op("Add", g.op("Mul", plan, perPlan), g.op("Mul", g.slice(v, from, from+horizons), g.row(board)))
		return g.op("Mul", g.op("Mul", acting, per), strength)
	}
	perUnit := g.slice(v, feature.UnitUsed, feature.Size)
	if len(w.Onset) > 0 {
		perUnit = g.op("Mul", perUnit, g.row(w.Onset))
	}
	fall := effect(dose, perUnit, w.BoardInsulin, feature.Used,
		column(feature.ISF), strength(OutInsulin, w.InsulinShape))
	rise := effect(carbs, g.row(absorbed[:]), w.BoardCarbs, feature.Eaten,
		column(feature.CSF), strength(OutCarbs, w.CarbsShape))

	drive := g.op("Clip", column(feature.Drive), g.scalar(-driveMost), g.scalar(driveMost))
	drift := g.op("Add", g.slice(net, OutDrift, OutDrift+horizons), g.op("MatMul", x, g.matrix(w.Skip, horizons)))
	median := g.op("Add", column(feature.Glucose), g.op("Mul", drive, g.row(momentum[:])))
	median = g.op("Add", median, g.op("Mul", drift, g.row(Scale[:])))
	median = g.op("Add", g.op("Sub", median, fall), rise)

	width := g.widths(w, net, column(feature.LastBolusEbb), fall, rise)
	part := func(k int) string { return g.slice(width, k*horizons, (k+1)*horizons) }
	low, high := g.op("Sub", median, part(lowInner)), g.op("Add", median, part(highInner))
	all := g.concat(g.op("Sub", low, part(lowOuter)), low, median, high, g.op("Add", high, part(highOuter)))
	all = g.op("Clip", all, g.scalar(glucoseLeast), g.scalar(glucoseMost))
	g.named("Reshape", "quantiles", all, g.integers(-1, int64(len(Levels)), int64(horizons)))
	return g.model(m.Version, m.Features)
}

// widths are those of all horizons, [N×widths·horizons].
func (g *onnxGraph) widths(w *Weights, net, ebb, fall, rise string) string {
	unit := make([]float64, widths*horizons)
	doubt := [2][]float64{make([]float64, widths*horizons), make([]float64, widths*horizons)}
	for k := range widths {
		for h := range horizons {
			i := k*horizons + h
			unit[i] = Scale[h] * Normal[k]
			doubt[0][i], doubt[1][i] = DoubtMost*sigmoid(w.InsulinDoubt[i]), DoubtMost*sigmoid(w.CarbsDoubt[i])
		}
	}
	spread := g.op("Where", g.op("GreaterOrEqual", ebb, g.scalar(threeHours)), g.row(w.SpreadBolus), g.row(w.Spread))
	raw := g.op("Add", g.slice(net, OutWidths, Outputs), g.scalar(SoftplusUnit))
	// softplus as max(x, 0) + log(1 + e^−|x|), which no x overflows
	soft := g.op("Add", g.op("Max", raw, g.scalar(0)),
		g.op("Log", g.op("Add", g.op("Exp", g.op("Neg", g.op("Abs", raw))), g.scalar(1))))
	always := g.op("Mul", g.op("Mul", soft, g.row(unit)), spread)
	four := func(x string) string { return g.concat(x, x, x, x) }
	byEffect := g.op("Add", g.op("Mul", four(fall), g.row(doubt[0])), g.op("Mul", four(rise), g.row(doubt[1])))
	return g.op("Add", always, byEffect)
}

// onnxGraph is a graph as it is put together, in protocol buffers (onnx.proto).
type onnxGraph struct {
	nodes, constants []byte
	count            int
}

// Field numbers and codes of onnx.proto.
const (
	onnxDouble, onnxInt64 = 11, 7

	modelIR, modelProducer, modelText, modelGraph, modelOpset, modelMeta = 1, 2, 6, 7, 8, 14

	graphNode, graphName, graphConstant, graphInput, graphOutput = 1, 2, 5, 11, 12

	nodeInput, nodeOutput, nodeOp, nodeAttribute = 1, 2, 4, 5
	attributeName, attributeInt, attributeType   = 1, 3, 20

	tensorDims, tensorType, tensorName, tensorRaw = 1, 2, 8, 9
)

func (g *onnxGraph) next() string {
	g.count++
	return "t" + strconv.Itoa(g.count)
}

// op adds an operation and returns the name of its answer.
func (g *onnxGraph) op(op string, inputs ...string) string { return g.named(op, g.next(), inputs...) }

func (g *onnxGraph) named(op, output string, inputs ...string) string {
	g.nodes = message(g.nodes, graphNode, node(op, output, inputs))
	return output
}

func node(op, output string, inputs []string) (n []byte) {
	for _, in := range inputs {
		n = text(n, nodeInput, in)
	}
	return text(text(n, nodeOutput, output), nodeOp, op)
}

// concat joins columns.
func (g *onnxGraph) concat(inputs ...string) string {
	output := g.next()
	axis := number(number(text(nil, attributeName, "axis"), attributeInt, 1), attributeType, 2)
	g.nodes = message(g.nodes, graphNode, message(node("Concat", output, inputs), nodeAttribute, axis))
	return output
}

// slice takes the columns from..to.
func (g *onnxGraph) slice(x string, from, to int) string {
	return g.op("Slice", x, g.integers(int64(from)), g.integers(int64(to)), g.integers(1))
}

func (g *onnxGraph) row(x []float64) string { return g.matrix(x, len(x)) }

func (g *onnxGraph) scalar(x float64) string {
	return g.constant(onnxDouble, nil, doubles([]float64{x}))
}

func (g *onnxGraph) matrix(x []float64, columns int) string {
	return g.constant(onnxDouble, []int64{int64(len(x) / columns), int64(columns)}, doubles(x))
}

func (g *onnxGraph) integers(x ...int64) string {
	var raw []byte
	for _, i := range x {
		raw = binary.LittleEndian.AppendUint64(raw, uint64(i))
	}
	return g.constant(onnxInt64, []int64{int64(len(x))}, raw)
}

func doubles(x []float64) (raw []byte) {
	for _, f := range x {
		raw = binary.LittleEndian.AppendUint64(raw, math.Float64bits(f))
	}
	return raw
}

func (g *onnxGraph) constant(kind int, dims []int64, raw []byte) string {
	name := g.next()
	var t []byte
	for _, d := range dims {
		t = number(t, tensorDims, d)
	}
	t = text(number(t, tensorType, int64(kind)), tensorName, name)
	g.constants = message(g.constants, graphConstant, message(t, tensorRaw, raw))
	return name
}

// model is the file.
func (g *onnxGraph) model(version, features string) []byte {
	graph := append(text(nil, graphName, "titrate"), g.nodes...)
	graph = append(graph, g.constants...)
	for _, in := range []struct {
		name    string
		columns int
	}{{"features", feature.Size}, {"dose", 1}, {"carbs", 1}} {
		graph = message(graph, graphInput, declared(in.name, -1, int64(in.columns)))
	}
	graph = message(graph, graphOutput, declared("quantiles", -1, int64(len(Levels)), int64(horizons)))
	meta := text(text(nil, 1, "features"), 2, features)
	out := text(number(nil, modelIR, 8), modelProducer, "titrate")
	out = message(text(out, modelText, "model "+version), modelGraph, graph)
	out = message(out, modelOpset, number(nil, 2, 17))
	return message(out, modelMeta, meta)
}

// declared describes an input or output of doubles; −1 is any number of rows.
func declared(name string, dims ...int64) []byte {
	var shape []byte
	for _, d := range dims {
		one := number(nil, 1, d)
		if d < 0 {
			one = text(nil, 2, "N")
		}
		shape = message(shape, 1, one)
	}
	kind := message(number(nil, 1, onnxDouble), 2, shape)
	return message(text(nil, 1, name), 2, message(nil, 1, kind))
}

func message(to []byte, field protowire.Number, what []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(to, field, protowire.BytesType), what)
}

func text(to []byte, field protowire.Number, what string) []byte {
	return message(to, field, []byte(what))
}

func number(to []byte, field protowire.Number, what int64) []byte {
	return protowire.AppendVarint(protowire.AppendTag(to, field, protowire.VarintType), uint64(what))
}
