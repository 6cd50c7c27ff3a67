package train

import (
	"slices"

	"github.com/titrate/titrate/train/feature"
)

// A moment is unlike those that weights learned from if more than UnlikeMost of its
// inputs lie outside the range of nearly all of those, or one lies farther outside than
// the range is wide. The range leaves out unlikeTail at either end, and is given
// unlikeMargin of its width on either side. All are proposals.
const (
	UnlikeMost   = 3
	unlikeTail   = 0.001
	unlikeMargin = 0.1
	// float32Error is, of a number, more than storing it as a float32 changes it by.
	float32Error = 1e-6
)

// Unlike is how many inputs of v lie outside what the weights learned from, if that makes
// it a moment unlike those; else 0, and always of weights that learned from nothing.
func (w *Weights) Unlike(v *feature.Vector) (outside int) {
	far := false
	for i, least := range w.Least {
		most := w.Most[i]
		beyond := max(least-v[i], v[i]-most)
		if !(beyond > 0) {
			continue
		}
		outside++
		far = far || beyond > most-least
	}
	if outside > UnlikeMost || far {
		return outside
	}
	return 0
}

// bound finds the ranges of the inputs over some rows.
func (w *Weights) bound(x *Examples, rows []int) {
	rows = evenly(rows, momentsRows)
	w.Least, w.Most = make([]float64, feature.Inputs), make([]float64, feature.Inputs)
	seen := make([]float32, len(rows))
	for j := range feature.Inputs {
		for k, i := range rows {
			seen[k] = x.Features[i*feature.Size+j]
		}
		slices.Sort(seen)
		cut := int(unlikeTail * float64(len(seen)))
		least, most := float64(seen[cut]), float64(seen[len(seen)-1-cut])
		margin := unlikeMargin*(most-least) + float32Error*(1+max(most, -least))
		w.Least[j], w.Most[j] = least-margin, most+margin
	}
}

// Widen makes f at least as wide as other, and its median the lower of both.
func (f *Forecast) Widen(other *Forecast) {
	for h := range horizons {
		f.P05[h], f.P25[h], f.P50[h] = min(f.P05[h], other.P05[h]), min(f.P25[h], other.P25[h]), min(f.P50[h], other.P50[h])
		f.P75[h], f.P95[h] = max(f.P75[h], other.P75[h]), max(f.P95[h], other.P95[h])
	}
}
