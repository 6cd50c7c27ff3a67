package train

import (
	"slices"

	"github.com/titrate/titrate/train/feature"
)

// Hidden is the width of both hidden layers.
const Hidden = 32

// Outputs of the network: the drift per horizon, then one number each for how
// strongly insulin and carbs act now, then the widths per horizon, each kind of
// width together.
const (
	OutDrift   = 0
	OutInsulin = OutDrift + horizons
	OutCarbs   = OutInsulin + 1
	OutWidths  = OutCarbs + 1
	Outputs    = OutWidths + widths*horizons
)

// Weights are the numbers that training finds, as flat matrices in row-major
// order: a matrix [m×n] takes m inputs to n outputs. With zeros, ones for Std, Board,
// Later and Spread, and no Onset, they are the prior. N below is feature.Inputs.
type Weights struct {
	Mean []float64 // [N] of each input, subtracted
	Std  []float64 // [N] of each input, divided by; never zero

	W1   []float64 // [N×Hidden]
	B1   []float64 // [Hidden]
	W2   []float64 // [Hidden×Hidden]
	B2   []float64 // [Hidden]
	W3   []float64 // [Hidden×Outputs]
	B3   []float64 // [Outputs]
	Skip []float64 // [N×horizons] straight from inputs to drift

	// Onset is how much of what the curve has acted by a horizon a unit given now has done
	// to glucose, [horizons]. Not learned; see onset. Empty: all of it.
	Onset []float64 `json:",omitempty"`

	InsulinShape []float64 // [horizons] log-strength of insulin, added to the network's
	CarbsShape   []float64 // [horizons]
	InsulinDoubt []float64 // [widths×horizons] log-odds of how much insulin's effect widens the forecast
	CarbsDoubt   []float64 // [widths×horizons]

	// What people did on their own counts for less than a plan, as far as data say
	// so: they act on what they see and feel, and log a part of it. A bolus tells
	// of a meal that wasn't logged as much as it brings a fall. What is on board
	// counts for BoardLeast at least, so that doses are never taken for harmless.
	BoardInsulin []float64 // [horizons] BoardLeast to 1
	BoardCarbs   []float64 // [horizons] BoardLeast to 1
	LaterInsulin []float64 // [horizons] 0 to 1
	LaterCarbs   []float64 // [horizons] 0 to 1

	// Spread multiplies the widths but for the doubt, [widths×horizons]; the
	// conformal step finds it. In the hours after a bolus SpreadBolus does: people
	// who have just eaten and dosed are another kind of moment.
	Spread, SpreadBolus []float64
	// Lows turn what the quantiles say of the chance of a low into how often it came
	// true; see Below. Empty: never compared.
	Lows []float64 `json:",omitempty"`
	// Least and Most are the ends, [N], of what the inputs learned from were; see
	// Unlike. Empty: nothing is unlike.
	Least, Most []float64 `json:",omitempty"`
}

// BoardLeast is the least share for which insulin and carbs on board count.
const BoardLeast = 0.5

// ZeroWeights are those of the prior, with room for training.
func ZeroWeights() Weights {
	zeros := func(n int) []float64 { return make([]float64, n) }
	return Weights{
		Mean: zeros(feature.Inputs), Std: ones(feature.Inputs),
		W1: zeros(feature.Inputs * Hidden), B1: zeros(Hidden),
		W2: zeros(Hidden * Hidden), B2: zeros(Hidden),
		W3: zeros(Hidden * Outputs), B3: zeros(Outputs),
		Skip:         zeros(feature.Inputs * horizons),
		Onset:        slices.Clone(onset[:]),
		InsulinShape: zeros(horizons), CarbsShape: zeros(horizons),
		InsulinDoubt: zeros(widths * horizons), CarbsDoubt: zeros(widths * horizons),
		BoardInsulin: ones(horizons), BoardCarbs: ones(horizons),
		LaterInsulin: ones(horizons), LaterCarbs: ones(horizons),
		Spread: ones(widths * horizons), SpreadBolus: ones(widths * horizons), Lows: zeros(lowsSize),
	}
}

func ones(n int) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = 1
	}
	return x
}
