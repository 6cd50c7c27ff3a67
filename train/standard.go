package train

import (
	"maps"
	"math"
	"slices"

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
	all := momentsOf(x, rows)
	for j, m := range all[:feature.Inputs] {
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

// momentsRows are enough rows for statistics.
const momentsRows = 200_000

// momentsOf are those of every feature over some of the rows, evenly taken.
func momentsOf(x *Examples, rows []int) (all [feature.Size]moments) {
	var sum, squares [feature.Size]float64
	own := map[int32]*[feature.Size]float64{}
	count := map[int32]float64{}
	rows = evenly(rows, momentsRows)
	for _, i := range rows {
		person := x.Person[i]
		if own[person] == nil {
			own[person] = new([feature.Size]float64)
		}
		of := own[person]
		count[person]++
		for j, f := range x.Features[i*feature.Size : (i+1)*feature.Size] {
			f := float64(f)
			sum[j], squares[j], of[j] = sum[j]+f, squares[j]+f*f, of[j]+f
		}
	}
	n := max(float64(len(rows)), 1)
	people := slices.Sorted(maps.Keys(own)) // sums of floats depend on their order
	for j := range all {
		m := moments{mean: sum[j] / n, people: len(own)}
		variance := max(0, squares[j]/n-m.mean*m.mean)
		m.deviation = math.Sqrt(variance)
		for _, person := range people {
			d := own[person][j]/count[person] - m.mean
			m.between += count[person] * d * d / n
		}
		if variance > 0 {
			m.between = min(m.between/variance, 1)
		}
		all[j] = m
	}
	return all
}
