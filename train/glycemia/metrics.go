// Package glycemia turns a glucose trace into the numbers that clinics go by: time in
// ranges, risk indices, episodes, the daily profile. It is the one place where they
// are computed, and all of it is in mg/dL.
package glycemia

import (
	"math"

	"gonum.org/v1/gonum/stat"
)

// Every is the interval of a trace, in minutes.
const Every = 5

// Metrics are what consensus reports of a glucose trace (Battelino T et al.,
// Diabetes Care 2019;42:1593), with the risk indices of Kovatchev and of Klonoff.
// Times are in percent of the readings; glucose is in mg/dL.
type Metrics struct {
	Mean, CV, GMI                     float64
	TIR, TBR70, TBR54, TAR180, TAR250 float64
	GRI, LBGI, HBGI                   float64
}

// Measure is the metrics of a trace, in mg/dL at even intervals. Those of an empty
// trace are NaN.
func Measure(mgdl []float64) Metrics {
	mean, sd := stat.MeanStdDev(mgdl, nil)
	m := Metrics{
		Mean: mean, CV: 100 * sd / mean, GMI: GMI(mean),
		TBR54: share(mgdl, math.Inf(-1), 54), TBR70: share(mgdl, math.Inf(-1), 70),
		TAR180: share(mgdl, math.Nextafter(180, 181), math.Inf(1)), TAR250: share(mgdl, math.Nextafter(250, 251), math.Inf(1)),
	}
	m.TIR = 100 - m.TBR70 - m.TAR180
	m.GRI = GRI(m.TBR54, m.TBR70-m.TBR54, m.TAR180-m.TAR250, m.TAR250)
	m.LBGI, m.HBGI = indices(mgdl)
	return m
}

// share is the percentage of readings in [low, high).
func share(mgdl []float64, low, high float64) float64 {
	n := 0
	for _, x := range mgdl {
		if x >= low && x < high {
			n++
		}
	}
	return 100 * float64(n) / float64(len(mgdl))
}

// OnTarget says whether a trace meets the consensus targets for most adults: more than
// 70 % in range, less than 4 % below 70 and 1 % below 54, less than 25 % above
// 180 and 5 % above 250 mg/dL (Battelino 2019).
func (m *Metrics) OnTarget() bool {
	return m.TIR > 70 && m.TBR70 < 4 && m.TBR54 < 1 && m.TAR180 < 25 && m.TAR250 < 5
}

// GMI is the glucose management indicator in percent, of a mean in mg/dL
// (Bergenstal RM et al., Diabetes Care 2018;41:2275).
func GMI(mean float64) float64 { return 3.31 + 0.02392*mean }
