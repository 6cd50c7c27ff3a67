package train

import (
	"math"

	"github.com/titrate/titrate/train/feature"
)

// NewWeights are the prior's with the inputs' statistics over some rows.
//
// Two kinds of input would teach what isn't so, and are made quiet by a wider
// deviation than they have. One that never moved: its weights stay what they were
// at random, until it moves one day. And one that tells people apart rather than
// moments, such as weight: with few people it is a name, by which they would be
// learned by heart; it is heard the better the more people there are.
func NewWeights(x *Examples, rows []int) Weights {
	w := ZeroWeights()
	for j := range feature.Inputs {
		m := momentsOf(x, rows, j)
		w.Mean[j] = m.mean
		switch {
		case m.deviation < 1e-3*(1+math.Abs(m.mean)):
			w.Std[j] = unheard
		default:
			few := byHeart / float64(max(m.people, 1))
			w.Std[j] = m.deviation * (1 + m.between*few*few)
		}
	}
	return w
}

const (
	unheard = 1e9
	byHeart = 40 // people, at whose number an input that only tells them apart is half heard; at ten a sixteenth
)

// moments are the statistics of one input.
type moments struct {
	mean, deviation float64
	between         float64 // share of the variance that lies between people, 0 to 1
	people          int
}

func momentsOf(x *Examples, rows []int, input int) moments {
	sums := make([]struct{ n, sum float64 }, len(x.People))
	var n, sum, squares float64
	for _, i := range rows {
		f := float64(x.Features[i*feature.Size+input])
		own := &sums[x.Person[i]]
		own.n, own.sum = own.n+1, own.sum+f
		n, sum, squares = n+1, sum+f, squares+f*f
	}
	m := moments{mean: sum / max(n, 1)}
	variance := max(0, squares/max(n, 1)-m.mean*m.mean)
	m.deviation = math.Sqrt(variance)
	for _, own := range sums {
		if own.n > 0 {
			m.people++
			d := own.sum/own.n - m.mean
			m.between += own.n * d * d / n
		}
	}
	if variance > 0 {
		m.between = min(m.between/variance, 1)
	}
	return m
}
