package fit

import (
	"context"
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
	solver  *g.AdamSolver
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
	b.solver = g.NewAdamSolver(g.WithLearnRate(rate), g.WithL2Reg(decay))
	return b, nil
}

// decay draws weights to the prior. With twelve people to learn from, more of it
// did better hours ahead: what tells people apart is not learned by heart.
const decay = 5e-4

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

func (b *graph) rate(rate float64) { g.WithLearnRate(rate)(b.solver) }

// pass takes a step for each batch of rows and returns the mean loss.
func (b *graph) pass(ctx context.Context, x *train.Examples, rows []int) (loss float64, err error) {
	var sum, n float64
	for len(rows) > 0 {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		take := min(b.rows, len(rows))
		b.batch.fill(&b.params.start, x, rows[:take])
		rows = rows[take:]
		if err := b.step(); err != nil {
			return 0, err
		}
		sum += float64(b.loss.Data().(float))
		n++
	}
	return sum / n, nil
}

func (b *graph) step() error {
	defer b.machine.Reset()
	if err := b.machine.RunAll(); err != nil {
		return fmt.Errorf("run the graph: %w", err)
	}
	if err := b.solver.Step(g.NodesToValueGrads(b.nodes)); err != nil {
		return fmt.Errorf("step: %w", err)
	}
	return nil
}

// weights are the params as the model takes them.
func (b *graph) weights() train.Weights { return b.params.weights() }
