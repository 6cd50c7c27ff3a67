package train

import (
	"slices"

	"github.com/titrate/titrate/train/feature"
)

// calibrate sets the widths' spread so that on the given rows each quantile has
// its share of outcomes below it, per horizon. The rows must be of people whom
// the weights have not seen: on those they know, forecasters are too sure.
func (w *Weights) calibrate(x *Examples, rows []int) {
	var apart [horizons][2][]deviation // below the median, above it
	var v feature.Vector
	var net [Outputs]float64
	var c Course
	for _, i := range rows {
		x.Vector(i, &v)
		x.Course(i, &c)
		w.run(&v, &net)
		for h, came := range x.Outcome(i) {
			if came != came {
				continue
			}
			p := w.parts(&v, &net, h, &c)
			above := float64(came) - p.median
			apart[h][0] = append(apart[h][0], deviation{-above, &p})
			apart[h][1] = append(apart[h][1], deviation{above, &p})
		}
	}
	for h := range horizons {
		w.spreadSide(h, lowInner, lowOuter, apart[h][0])
		w.spreadSide(h, highInner, highOuter, apart[h][1])
	}
}

// deviation is how far an outcome lay from the median on one side, in mg/dL, and
// the forecast's parts.
type deviation struct {
	mgdl float64
	of   *parts
}

const (
	spreadRows              = 200 // fewer say nothing about a twentieth
	spreadLeast, spreadMost = 0.25, 4
)

// spreadSide finds by how much the inner width, then the outer one, must be
// multiplied: outcomes lie within multiple·width + doubt with the wanted chance,
// so the multiple is that quantile of (distance − doubt) / width.
func (w *Weights) spreadSide(h, inner, outer int, apart []deviation) {
	if len(apart) < spreadRows {
		return
	}
	ratios := make([]float64, len(apart))
	for i, d := range apart {
		ratios[i] = (d.mgdl - d.of.doubt[inner]) / d.of.width[inner]
	}
	first := bound(quantile(ratios, 0.75))
	for i, d := range apart {
		reached := first*d.of.width[inner] + d.of.doubt[inner]
		ratios[i] = (d.mgdl - reached - d.of.doubt[outer]) / d.of.width[outer]
	}
	w.Spread[inner*horizons+h] *= first
	w.Spread[outer*horizons+h] *= bound(quantile(ratios, 0.95))
}

func bound(spread float64) float64 { return min(max(spread, spreadLeast), spreadMost) }

// quantile is the p-quantile of x, which it sorts.
func quantile(x []float64, p float64) float64 {
	slices.Sort(x)
	return x[min(int(p*float64(len(x))), len(x)-1)]
}
