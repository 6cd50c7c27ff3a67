package train

import (
	"cmp"
	"math/rand/v2"
	"slices"

	"github.com/titrate/titrate/train/feature"
)

// Importance is by how much the loss grows if an input is shuffled among moments.
type Importance struct {
	Feature string  `json:"feature"`
	Grows   float64 `json:"loss_grows"` // share of the loss
}

// importanceRows bound the time: about 10 µs a row and input, 8 s in all.
const importanceRows = 12_000

// importance shuffles each input of some rows, the weightiest first.
func (w *Weights) importance(x *Examples, rows []int, seed uint64) []Importance {
	rows = evenly(rows, importanceRows)
	if len(rows) == 0 {
		return nil
	}
	r := rand.New(rand.NewPCG(seed, 0x696d706f7274))
	base := w.shuffledLoss(x, rows, -1, nil)
	all := make([]Importance, feature.Inputs)
	for j := range all {
		all[j] = Importance{feature.Names[j], w.shuffledLoss(x, rows, j, r.Perm(len(rows)))/base - 1}
	}
	slices.SortStableFunc(all, func(a, b Importance) int { return cmp.Compare(b.Grows, a.Grows) })
	return all
}

// shuffledLoss is the loss with one input taken from other rows; none if it is −1.
func (w *Weights) shuffledLoss(x *Examples, rows []int, input int, from []int) (loss float64) {
	var v, other feature.Vector
	var net [Outputs]float64
	var c Course
	n := 0.0
	for k, i := range rows {
		x.Vector(i, &v)
		x.Course(i, &c)
		mixed := v
		if input >= 0 {
			x.Vector(rows[from[k]], &other)
			mixed[input] = other[input]
		}
		w.run(&mixed, &net)
		for h, came := range x.Outcome(i) {
			if came != came {
				continue
			}
			q := w.planned(&v, &net, h, &c)
			for l, level := range Levels {
				loss += pinball(level, (float64(came)-q[l])/Scale[h])
			}
			n++
		}
	}
	return loss / max(n, 1)
}
