package glycemia

import (
	"slices"

	"gonum.org/v1/gonum/stat"
)

// Percentiles are those of the ambulatory glucose profile.
var Percentiles = [5]float64{0.05, 0.25, 0.50, 0.75, 0.95}

// profileBin is the width of a time of day in minutes.
const profileBin = 15

// Profile is the ambulatory glucose profile of many days: glucose by time of day.
type Profile struct {
	bins [1440 / profileBin][]float64
}

// Add takes a trace with a reading every five minutes, of which the first was at a
// minute of the local day.
func (p *Profile) Add(minute int, mgdl []float64) {
	for i, v := range mgdl {
		at := ((minute+i*Every)%1440 + 1440) % 1440
		p.bins[at/profileBin] = append(p.bins[at/profileBin], v)
	}
}

// Curves are the Percentiles in mg/dL over the day; minutes are the middles of the
// times of day. Times without readings are left out.
func (p *Profile) Curves() (minutes []float64, curves [len(Percentiles)][]float64) {
	for b, values := range p.bins {
		if len(values) == 0 {
			continue
		}
		sorted := slices.Sorted(slices.Values(values))
		minutes = append(minutes, float64(b*profileBin)+profileBin/2.0)
		for k, level := range Percentiles {
			curves[k] = append(curves[k], stat.Quantile(level, stat.Empirical, sorted, nil))
		}
	}
	return minutes, curves
}
