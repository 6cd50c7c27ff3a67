package trial

import (
	"math"

	"gonum.org/v1/gonum/stat"
)

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
	for _, x := range mgdl {
		r, high := Risk(x)
		if high {
			m.HBGI += r / float64(len(mgdl))
		} else {
			m.LBGI += r / float64(len(mgdl))
		}
	}
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

// GMI is the glucose management indicator in percent, of a mean in mg/dL
// (Bergenstal RM et al., Diabetes Care 2018;41:2275).
func GMI(mean float64) float64 { return 3.31 + 0.02392*mean }

// GRI is the glycemia risk index of percentages of time: below 54, from 54 to 69,
// from 181 to 250, and above 250 mg/dL (Klonoff DC et al., J Diabetes Sci Technol
// 2023;17:1226). It ends at 100.
func GRI(veryLow, low, high, veryHigh float64) float64 {
	return math.Min(100, 3*veryLow+2.4*low+1.6*veryHigh+0.8*high)
}

// Risk is the blood glucose risk of one reading in mg/dL, and whether it belongs to
// high glucose (Kovatchev BP et al., Diabetes Care 1997;20:1655).
func Risk(mgdl float64) (risk float64, high bool) {
	f := 1.509 * (math.Pow(math.Log(mgdl), 1.084) - 5.381)
	return 10 * f * f, f > 0
}

// Lows are the episodes of low glucose in a trace.
type Lows struct {
	Events  int
	Minutes float64 // in episodes, all together
}

// every is the interval of a trace in minutes; lasting is how many readings in a
// row begin an episode, and end it: 15 minutes.
const (
	every   = 5.0
	lasting = 3
)

// Episodes finds the episodes below a threshold in mg/dL: 15 minutes below it
// begin one, 15 minutes above it end it. The trace has a reading every five
// minutes.
func Episodes(mgdl []float64, below float64) (found Lows) {
	in, row, begun, last := false, 0, 0, 0
	for i, x := range mgdl {
		if (x < below) == in {
			if row = 0; in {
				last = i
			}
			continue
		}
		if row++; row < lasting {
			continue
		}
		row, in = 0, !in
		if in {
			found.Events++
			begun, last = i-lasting+1, i
			continue
		}
		found.Minutes += every * float64(last-begun+1)
	}
	if in {
		found.Minutes += every * float64(last-begun+1)
	}
	return found
}
