package fit

import (
	"fmt"
	"math/rand/v2"

	g "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/titrate/titrate/train"
	"github.com/titrate/titrate/train/feature"
)

const (
	horizons = len(train.Horizons)
	levels   = len(train.Levels)
	widths   = levels - 1
	inputs   = feature.Inputs
	hidden   = train.Hidden
)

// float is what the graph computes in. Half the width is nearly twice the speed,
// and the last digits of a weight are noise.
type float = float32

var dtype = tensor.Float32

// graph is the model's forward pass over a batch of rows, its pinball loss and
// the derivatives. Everything is in units of train's scale per horizon. The
// quantiles of all horizons stand side by side, [rows × levels·horizons], so that
// few large operations do instead of many small ones.
type graph struct {
	rows    int
	params  params
	batch   batchTensors
	machine g.VM
	nodes   g.Nodes // of the params
	loss    g.Value
	answer  g.Value // the quantiles, for the test against the model
}

func newGraph(start train.Weights, rows int, r *rand.Rand) (_ *graph, err error) {
	// gorgonia reports wrong shapes by g.Must's panic; they are this package's bug.
	e := g.NewGraph()
	b := &graph{rows: rows, params: newParams(e, start, r), batch: newBatch(e, rows)}
	quantiles, strengths := b.params.forward(&b.batch)
	loss := pinball(&b.batch, quantiles)
	g.Read(loss, &b.loss)
	g.Read(quantiles, &b.answer)
	b.nodes = b.params.nodes()
	if _, err := g.Grad(g.Must(g.Add(loss, distrust(strengths))), b.nodes...); err != nil {
		return nil, fmt.Errorf("differentiate: %w", err)
	}
	b.machine = g.NewTapeMachine(e, g.BindDualValues(b.nodes...))
	return b, nil
}

// trust is how much the loss rises where a strength lies at its limit, in units
// of the pinball loss (about 0.2 when trained). Logs say too little about what
// insulin does: people dose when glucose is about to rise, and forget to log.
// Weak insulin explains both away and gains a little accuracy, but a dose chosen
// by it is too large. So settings hold unless much speaks against them.
const trust = 0.01

// distrust is what the loss rises by for strengths other than the settings'.
func distrust(strengths g.Nodes) *g.Node {
	sum := g.Must(g.Mean(g.Must(g.Square(strengths[0]))))
	for _, s := range strengths[1:] {
		sum = g.Must(g.Add(sum, g.Must(g.Mean(g.Must(g.Square(s))))))
	}
	return g.Must(g.Mul(g.NewConstant(float(trust)), sum))
}

func (b *graph) close() { b.machine.Close() }

// run fills the batch with rows and finds loss and slopes.
func (b *graph) run(x *train.Examples, rows []int) (loss float64, err error) {
	b.batch.fill(&b.params.start, x, rows)
	for i := range b.nodes {
		if grad, err := b.nodes[i].Grad(); err == nil && grad != nil { // nil before the first run
			clear(grad.Data().([]float))
		}
	}
	defer b.machine.Reset()
	if err := b.machine.RunAll(); err != nil {
		return 0, fmt.Errorf("run the graph: %w", err)
	}
	return float64(b.loss.Data().(float)), nil
}

// slope is the derivative of the loss by param i, after run.
func (b *graph) slope(i int) ([]float, error) {
	grad, err := b.nodes[i].Grad()
	if err != nil {
		return nil, fmt.Errorf("slope of %s: %w", b.nodes[i].Name(), err)
	}
	return grad.Data().([]float), nil
}

// weights are the params as the model takes them.
func (b *graph) weights() train.Weights { return b.params.weights() }
