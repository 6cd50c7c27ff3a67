package fit

import (
	"context"
	"math"
	"math/rand/v2"

	"golang.org/x/sync/errgroup"

	"github.com/titrate/titrate/train"
)

// workers are how many graphs share a batch, each on a core of its own. It is a
// part of what is computed, not of the machine: sums of floats depend on how they
// are cut, and the same seed must give the same weights everywhere.
const workers = 2

// releaseEvery is after how many rows the examples' memory is let go of. Rows are met in
// an order by chance, each on some pages of its own.
const releaseEvery = 1 << 14

// decay draws the network's layers to zero at each step, by this share of the rate
// (Loshchilov and Hutter, 2019), and the straight way to where it began, which is
// where a linear forecaster ends. Without it, the people who teach are learned by
// heart after a few passes.
const decay = 0.3

// descent moves one set of params down the slope that its graphs find.
type descent struct {
	graphs [workers]*graph
	homes  [][]float // of the params that are drawn somewhere: where
	adam   adam
}

func newDescent(start train.Weights, batch int, r *rand.Rand) (*descent, error) {
	d := new(descent)
	for i := range d.graphs {
		var err error
		if d.graphs[i], err = newGraph(start, (batch+workers-1)/workers, r); err != nil {
			d.close()
			return nil, err
		}
	}
	d.share()
	for i, f := range d.master()[:drawn] {
		home := make([]float, len(f.data))
		if i == drawnBack {
			copy(home, f.data)
		}
		d.homes = append(d.homes, home)
	}
	d.adam = newAdam(d.master())
	return d, nil
}

func (d *descent) close() {
	for _, g := range d.graphs {
		if g != nil {
			g.close()
		}
	}
}

// master are the params that are moved; the other graphs follow.
func (d *descent) master() []*field { return d.graphs[0].params.moved() }

func (d *descent) share() {
	for _, g := range d.graphs[1:] {
		for i, f := range g.params.moved() {
			copy(f.data, d.master()[i].data)
		}
	}
}

// weights are the params as the model takes them.
func (d *descent) weights() train.Weights { return d.graphs[0].weights() }

// pass takes a step for each batch of rows and returns the mean loss.
func (d *descent) pass(ctx context.Context, x *train.Examples, rows []int, rate float64) (loss float64, err error) {
	var sum, n float64
	size := workers * d.graphs[0].rows
	held := 0
	for len(rows) > 0 {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		take := min(size, len(rows))
		loss, err := d.slopes(x, rows[:take])
		if err != nil {
			return 0, err
		}
		if err := d.step(rate); err != nil {
			return 0, err
		}
		sum, n, rows = sum+loss*float64(take), n+float64(take), rows[take:]
		if held += take; held > releaseEvery {
			x.Release()
			held = 0
		}
	}
	return sum / n, nil
}

// slopes finds loss and slopes of a batch, a part of it in each graph.
func (d *descent) slopes(x *train.Examples, rows []int) (loss float64, err error) {
	var losses [workers]float64
	var group errgroup.Group
	for k, g := range d.graphs {
		group.Go(func() (err error) {
			losses[k], err = g.run(x, rows[k*len(rows)/workers:(k+1)*len(rows)/workers])
			return err
		})
	}
	err = group.Wait()
	for _, l := range losses {
		loss += l / workers
	}
	return loss, err
}

// step moves the params by the mean slope of the graphs.
func (d *descent) step(rate float64) error {
	d.adam.steps++
	for i, f := range d.master() {
		var slopes [workers][]float
		for k, g := range d.graphs {
			var err error
			if slopes[k], err = g.slope(i); err != nil {
				return err
			}
		}
		for _, other := range slopes[1:] {
			for j, s := range other {
				slopes[0][j] += s
			}
		}
		d.adam.move(i, f.data, slopes[0], rate)
		if i < drawn {
			for j, home := range d.homes[i] {
				f.data[j] -= float(rate*decay) * (f.data[j] - home)
			}
		}
	}
	d.share()
	return nil
}

// adam is the state of Adam (Kingma and Ba, 2015).
type adam struct {
	steps         int
	first, second [][]float64 // moments per param
}

func newAdam(fields []*field) adam {
	a := adam{}
	for _, f := range fields {
		a.first, a.second = append(a.first, make([]float64, len(f.data))), append(a.second, make([]float64, len(f.data)))
	}
	return a
}

// move takes a step with param i. sums are the slopes of all workers together.
func (a *adam) move(i int, data, sums []float, rate float64) {
	const beta1, beta2, floor = 0.9, 0.999, 1e-8
	unbias1, unbias2 := 1-math.Pow(beta1, float64(a.steps)), 1-math.Pow(beta2, float64(a.steps))
	first, second := a.first[i], a.second[i]
	for j, sum := range sums {
		slope := float64(sum) / workers
		first[j] = beta1*first[j] + (1-beta1)*slope
		second[j] = beta2*second[j] + (1-beta2)*slope*slope
		data[j] -= float(rate * first[j] / unbias1 / (math.Sqrt(second[j]/unbias2) + floor))
	}
}
