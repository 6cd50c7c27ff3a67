package predict

import (
	"fmt"
	"math"
	"sort"

	"github.com/titrate/titrate/train"
)

// Limits of the forecast over the next four hours (H10), in mg/dL.
const (
	boundLeast  = 70.0 // of the lower 95 % bound
	urgentLeast = 54.0 // of the lower 99 % bound: at most 1 % below it
	// medianLeast is the limit for the median of a forecast whose spread was not
	// learned from data. It is the upper end of what Loop recommends for suspending
	// insulin, 74 to 80.
	medianLeast = 80.0
	// insulinOnset is the minutes before which a dose taken now does not act: a low
	// before that is the business of carbs, not of the dose.
	insulinOnset = 30
)

var predictedLowGate = gate{Rule{
	ID: "predicted_low", Stage: "forecast", Hazards: []string{"H10"},
	Says: fmt.Sprintf("the dose shrinks until the forecast's lower 95 %% bound, from %v min to 4 h ahead, is at least %v mg/dL; "+
		"of an uncalibrated model the median, at least %v; without a forecast no insulin", insulinOnset, boundLeast, medianLeast),
	Source: "H10; Loop's suspend threshold",
}, func(k *kernel) finding {
	if k.s.Calibrated {
		return k.keepAbove(lowerBound, boundLeast, "the lowest 95 %% bound is %s mg/dL at %s min (limit %s)")
	}
	return k.keepAbove(median, medianLeast, "the lowest median is %s mg/dL at %s min (limit %s; the model is not calibrated yet)")
}}

var urgentLowGate = gate{Rule{
	ID: "predicted_urgent_low", Stage: "forecast", Hazards: []string{"H10"},
	Says: fmt.Sprintf("the dose shrinks until the chance of less than %v mg/dL, from %v min to 4 h ahead, is at most 1 %%; calibrated models only",
		urgentLeast, insulinOnset),
	Source: "H10",
}, func(k *kernel) finding {
	if !k.s.Calibrated {
		return pass("the model is not calibrated yet: predicted_low decides")
	}
	return k.keepAbove(onePercent, urgentLeast, "the lowest 99 %% bound is %s mg/dL at %s min (limit %s)")
}}

// quantile is one of the forecast's numbers at a horizon, in mg/dL.
type quantile func(f *train.Forecast, h int) float64

func lowerBound(f *train.Forecast, h int) float64 { return float64(f.P05[h]) }
func median(f *train.Forecast, h int) float64     { return float64(f.P50[h]) }

// onePercent is the first percentile, from the median and the fifth as if glucose
// were log-normal below its median: its distance in logarithms is 2.326/1.645
// times the fifth's.
func onePercent(f *train.Forecast, h int) float64 {
	p05, p50 := float64(f.P05[h]), float64(f.P50[h])
	return p50 * math.Pow(p05/p50, 2.326/1.645)
}

// lowest is the least of q from the onset of insulin on, and when. A forecast that
// is not a number counts as 0.
func lowest(f *train.Forecast, q quantile) (mgdl float64, minutes int) {
	mgdl = math.Inf(1)
	for h, m := range train.Horizons {
		if m < insulinOnset {
			continue
		}
		x := q(f, h)
		if math.IsNaN(x) {
			return 0, m
		}
		if x < mgdl {
			mgdl, minutes = x, m
		}
	}
	return mgdl, minutes
}

// keepAbove lowers the dose until q stays at limit or above.
func (k *kernel) keepAbove(q quantile, limit float64, note string) finding {
	if k.s.Forecast == nil && k.blind && k.s.Modelled {
		return pass("no forecast without a glucose: for the carbs alone")
	}
	if k.s.Forecast == nil {
		k.steps = 0
		return block("no forecast can be made")
	}
	at := func(steps int) (float64, int) {
		return lowest(k.forecast(steps), q)
	}
	mgdl, minutes := at(k.steps)
	// Rounded down, so that what is refused doesn't read as if it were allowed.
	shown, when := math.Floor(mgdl), float64(minutes)
	if mgdl >= limit || k.steps == 0 {
		// Without a dose there is nothing to shrink: a low that comes by itself is
		// told as such.
		return pass(note, shown, when, limit)
	}
	wanted := k.steps
	// The dose found is checked by itself; that a smaller dose gives a higher
	// forecast is only relied on to find the largest.
	k.steps -= sort.Search(wanted, func(i int) bool {
		mgdl, _ := at(wanted - i)
		return mgdl >= limit
	})
	note = "with %s U " + note
	if k.steps == 0 {
		return block(note, k.rx.units(wanted), shown, when, limit)
	}
	return reduce(note, k.rx.units(wanted), shown, when, limit)
}
