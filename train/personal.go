package train

import (
	"math"

	"github.com/titrate/titrate/train/feature"
)

// Personal is what a person's own log has taught about where their glucose goes, on
// top of what holds for everybody: a small linear correction of the forecast, found by
// recursive least squares and shrunk to nothing where data are thin. It moves the whole
// forecast and never the effect of a dose or a meal, so what holds for those by
// construction still holds. It is a plain value: copy it to keep it, write it as JSON.
type Personal struct {
	Way     Way                                 `json:"way"`
	Doubt   [personalSize][personalSize]float64 `json:"doubt"`   // covariance of the way, in units of the error's variance
	Learned int                                 `json:"learned"` // moments
}

// Way is how a correction depends on its basis, per horizon: in Scale per unit of the
// basis.
type Way [horizons][personalSize]float64

const (
	personalSize = 14
	// A prior as heavy as 30 independent moments, and a tenth of a moment for each
	// row: neighbours ten minutes apart tell almost the same for hours.
	personalPrior  = 30
	personalWeight = 0.1
	// personalMost bounds the correction, in Scale of the horizon.
	personalMost = 1
	// personalPace bounds how fast what is served of a correction moves, in Scale a day at
	// moments of which every number of the basis is at most 1: a fifth of personalMost,
	// as H14 has it for settings that change by themselves (20 % a day). A proposal.
	personalPace = 0.2 * personalMost
)

// NewPersonal knows nothing of the person yet.
func NewPersonal() *Personal {
	p := new(Personal)
	for i := range p.Doubt {
		p.Doubt[i][i] = 1. / personalPrior
	}
	return p
}

// Settled is how many minutes after a forecast its outcome is known at all horizons.
const Settled = 245

// basis is what a correction may depend on, about of unit size.
func basis(v *feature.Vector) (b [personalSize]float64) {
	b = [personalSize]float64{
		1, (v[feature.Glucose] - 150) / 60, v[feature.MeanWeek] / 60,
		v[feature.Lag] / 10, v[feature.Lag+2] / 25, v[feature.Lag+4] / 40, v[feature.Lag+6] / 60, v[feature.Mean3h] / 40,
		v[feature.DaySin], v[feature.DayCos], v[feature.HalfDaySin], v[feature.HalfDayCos],
		v[feature.IOBEffect] / 60, v[feature.COBEffect] / 60,
	}
	for i := range b {
		b[i] = min(max(b[i], -inputMost), inputMost)
	}
	return b
}

// Correction is what to add to the forecast per horizon, in mg/dL.
func (p *Personal) Correction(v *feature.Vector) (mgdl [horizons]float64) {
	if p == nil || p.Learned == 0 {
		return mgdl
	}
	return p.Way.correction(v)
}

func (w *Way) correction(v *feature.Vector) (mgdl [horizons]float64) {
	b := basis(v)
	for h := range mgdl {
		sum := 0.0
		for i, x := range b {
			sum += w[h][i] * x
		}
		mgdl[h] = Scale[h] * min(max(sum, -personalMost), personalMost)
	}
	return mgdl
}

// pursue moves w towards a goal: at each horizon all of the way if the numbers differ by
// no more than most, taken together, else a part of it.
func (w *Way) pursue(goal *Way, most float64) {
	for h := range w {
		far := 0.0
		for i := range w[h] {
			far += math.Abs(goal[h][i] - w[h][i])
		}
		if far <= most {
			w[h] = goal[h]
			continue
		}
		for i := range w[h] {
			w[h][i] += most / far * (goal[h][i] - w[h][i])
		}
	}
}

// Learn takes in what a forecast left unexplained: outcome less the model's median
// without correction, in mg/dL per horizon; NaN where nothing was measured. v is the
// vector that the forecast was made of. A vector must not be learned before all its
// horizons have passed, or the person's future would correct their past.
func (p *Personal) Learn(v *feature.Vector, left *[horizons]float64) {
	b := basis(v)
	root := math.Sqrt(personalWeight)
	var gain, doubted [personalSize]float64
	scale := 1.0
	for i := range b {
		b[i] *= root
	}
	for i := range b {
		for j := range b {
			doubted[i] += p.Doubt[i][j] * b[j]
		}
		scale += b[i] * doubted[i]
	}
	for i := range b {
		gain[i] = doubted[i] / scale
	}
	for i := range b {
		for j := range b {
			p.Doubt[i][j] -= gain[i] * doubted[j]
		}
	}
	for h, mgdl := range left {
		if mgdl != mgdl {
			continue
		}
		surprise := root * min(max(mgdl/Scale[h], -surpriseMost), surpriseMost)
		for i := range b {
			surprise -= p.Way[h][i] * b[i]
		}
		for i := range b {
			p.Way[h][i] += gain[i] * surprise
		}
	}
	p.Learned++
}

// surpriseMost bounds what one moment can teach, in Scale.
const surpriseMost = 4
