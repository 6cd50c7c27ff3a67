// Package fit finds a model's weights by gradient descent.
//
// It builds the forward pass of train.Model once more as a gorgonia graph, since
// gorgonia knows how to differentiate it; a test holds the two equal. It is the
// only home of gorgonia: what leaves it are plain numbers.
package fit

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	// Without this pin gorgonia's tensors refuse to start on a Go they don't know.
	_ "go4.org/unsafe/assume-no-moving-gc"

	"github.com/titrate/titrate/train"
)

// Defaults of the options that are zero. Batch and rate were chosen by
// BenchmarkFit and the losses it reports; see docs/model.md.
const (
	epochs   = 30
	patience = 5
	batch    = 512
	rate     = 2e-3
	// seenMost rows are enough: of many rows, few passes teach as much as 30 of few.
	seenMost  = 20_000_000
	epochsFew = 4
)

// ErrDiverged says that the loss was not a number before any good state was
// reached.
var ErrDiverged = errors.New("the loss became not a number in the first pass: " +
	"are there values in the data that no sensor gives?")

// Weights is a train.Fit. It starts from the prior with a ridge regression as
// the straight way, so that it begins where linear forecasters end, and follows
// the pinball loss down with Adam in mini-batches. The rate falls along half a
// cosine. After each pass the tune rows judge, by the very code that will score.
func Weights(ctx context.Context, x *train.Examples, o train.FitOptions) (train.Fitted, error) {
	o = withDefaults(o)
	if len(o.Train) == 0 || len(o.Tune) == 0 {
		return train.Fitted{}, errors.New("fit: no rows to train on or none to tune by")
	}
	r := rand.New(rand.NewPCG(o.Seed, 0x7469747261746521))
	start := train.NewWeights(x, o.Train)
	if err := ridge(&start, x, sample(o.Train, ridgeRows, r)); err != nil {
		return train.Fitted{}, fmt.Errorf("fit: %w", err)
	}
	d, err := newDescent(start, o.Batch, r)
	if err != nil {
		return train.Fitted{}, fmt.Errorf("fit: %w", err)
	}
	defer d.close()
	return descend(ctx, d, x, o)
}

func withDefaults(o train.FitOptions) train.FitOptions {
	if o.Epochs == 0 {
		o.Epochs = min(epochs, max(epochsFew, seenMost/max(len(o.Train), 1)))
	}
	if o.Patience == 0 {
		o.Patience = patience
	}
	if o.Batch == 0 {
		o.Batch = batch
	}
	if o.Rate == 0 {
		o.Rate = rate
	}
	return o
}

// tuneRows are enough to judge a pass by.
const tuneRows = 10_000

// descend passes over the train rows until the tune rows say that it is enough.
func descend(ctx context.Context, d *descent, x *train.Examples, o train.FitOptions) (train.Fitted, error) {
	tune := sample(o.Tune, tuneRows, rand.New(rand.NewPCG(o.Seed, 1)))
	p := progress{key: keyOf(x, o), Out: train.Fitted{Weights: d.weights(), Stopped: "epochs"}}
	if !p.resume(d, o.Resume) {
		p.Best = p.Out.Weights.Loss(x, tune)
	}
	for n := len(p.Out.Epochs); n < o.Epochs && p.Out.Stopped == "epochs"; n++ {
		loss, err := d.pass(ctx, x, shuffled(o.Train, o.Seed, n), o.Rate*(1+math.Cos(math.Pi*float64(n)/float64(o.Epochs)))/2)
		if err != nil {
			return train.Fitted{}, err
		}
		now := d.weights()
		epoch := train.Epoch{Number: n + 1, Of: o.Epochs, Rows: len(o.Train), Train: loss, Tune: now.Loss(x, tune)}
		if !finite(epoch.Train) || !finite(epoch.Tune) {
			return diverged(p.Out)
		}
		p.judge(&epoch, now, o.Patience)
		if o.Progress != nil {
			o.Progress(epoch)
		}
		if o.Keep == nil {
			continue
		}
		if err := p.keep(d, o.Keep); err != nil {
			return train.Fitted{}, fmt.Errorf("keep the state of training: %w", err)
		}
	}
	return p.Out, nil
}

// Of many rows, blocks that follow each other on disk are shuffled, and then the rows
// of several such blocks: an order by chance for all of them would fetch each row from
// a place of its own.
const (
	blockRows   = 4096
	blocksMixed = 64
)

// shuffled are the rows in the order of one pass, which depends on nothing else.
func shuffled(rows []int, seed uint64, pass int) []int {
	r := rand.New(rand.NewPCG(seed, uint64(pass)+2))
	blocks := slices.Collect(slices.Chunk(rows, blockRows))
	r.Shuffle(len(blocks), func(i, j int) { blocks[i], blocks[j] = blocks[j], blocks[i] })
	mixed := slices.Concat(blocks...)
	for part := range slices.Chunk(mixed, blockRows*blocksMixed) {
		r.Shuffle(len(part), func(i, j int) { part[i], part[j] = part[j], part[i] })
	}
	return mixed
}

// diverged keeps the last good state, if there is one.
func diverged(out train.Fitted) (train.Fitted, error) {
	if len(out.Epochs) == 0 {
		return train.Fitted{}, ErrDiverged
	}
	out.Stopped = "loss not a number"
	return out, nil
}

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }

// sample is at most n of rows, evenly by chance.
func sample(rows []int, n int, r *rand.Rand) []int {
	rows = append([]int(nil), rows...)
	if len(rows) > n {
		r.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
		rows = rows[:n]
	}
	return rows
}
