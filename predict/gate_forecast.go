package predict

import (
	"fmt"
	"math"
	"sort"

	"github.com/titrate/titrate/train"
)

// Limits of the forecast over the next four hours (H10).
const (
	// lowChanceMost is the chance of less than 70 mg/dL that a dose may bring. It was
	// chosen on the trial's curve of lows against time in range, which docs/trial.md
	// records (`titrate trial limits`).
	lowChanceMost = 0.05
	// urgentChanceMost is the chance of less than 54 mg/dL.
	urgentChanceMost = 0.01
	// medianLeast is the limit for the median, in mg/dL, of a forecast whose spread was
	// not learned from data. It is the upper end of what Loop recommends for suspending
	// insulin, 74 to 80.
	medianLeast = 80.0
	// insulinOnset is the minutes before which a dose taken now does not act: a low
	// before that is the business of carbs, not of the dose.
	insulinOnset = 30
)

// Indexes into train.LowLimits.
const (
	below54 = iota
	below70
)

var predictedLowGate = gate{Rule{
	ID: "predicted_low", Stage: "forecast", Hazards: []string{"H10"},
	Says: fmt.Sprintf("the dose shrinks until the chance of less than %v mg/dL at the likeliest moment from %v min to 4 h ahead is at most %v %%; "+
		"of an uncalibrated model the median must be at least %v mg/dL; without a forecast no insulin, but a meal's carbs' part without a glucose",
		train.LowLimits[below70], insulinOnset, 100*lowChanceMost, medianLeast),
	Source: "H10; chosen on the trial's curve (docs/trial.md); Loop's suspend threshold",
}, func(k *kernel) finding {
	if k.s.Calibrated {
		most := lowChanceMost
		if k.s.LowChance > 0 {
			most = k.s.LowChance
		}
		return k.keepBelow(below70, most)
	}
	return k.keep(bound{func(f *train.Forecast) (float64, int) {
		mgdl, minutes := lowest(f)
		return -mgdl, minutes
	}, -medianLeast, func(x float64) float64 { return math.Floor(-x) }, medianLeast},
		"the lowest median is %s mg/dL at %s min (limit %s; the model is not calibrated yet)")
}}

var urgentLowGate = gate{Rule{
	ID: "predicted_urgent_low", Stage: "forecast", Hazards: []string{"H10"},
	Says: fmt.Sprintf("the dose shrinks until the chance of less than %v mg/dL at the likeliest moment from %v min to 4 h ahead is at most %v %%; calibrated models only",
		train.LowLimits[below54], insulinOnset, 100*urgentChanceMost),
	Source: "H10",
}, func(k *kernel) finding {
	if !k.s.Calibrated {
		return pass("the model is not calibrated yet: predicted_low decides")
	}
	return k.keepBelow(below54, urgentChanceMost)
}}

// bound is something about a forecast that must not be more than a limit: what it is
// and when it is most, and how value and limit are shown.
type bound struct {
	of    func(*train.Forecast) (x float64, minutes int)
	most  float64
	show  func(float64) float64
	limit float64 // as shown
}

// keepBelow lowers the dose until the chance of less than a limit of train.LowLimits is
// at most so much.
func (k *kernel) keepBelow(limit int, most float64) finding {
	// Rounded up, so that what is refused doesn't read as if it were allowed.
	percent := func(x float64) float64 { return math.Ceil(1000*x) / 10 }
	return k.keep(bound{func(f *train.Forecast) (float64, int) { return k.likeliest(f, limit) }, most, percent, 100 * most},
		"the chance of less than "+figure(train.LowLimits[limit])+" mg/dL is %s %% at %s min (limit %s %%)")
}

// likeliest is the largest chance of less than a limit from the onset of insulin on,
// and when. A forecast that is not a number counts as certain.
func (k *kernel) likeliest(f *train.Forecast, limit int) (chance float64, minutes int) {
	for h, m := range train.Horizons {
		if m < insulinOnset {
			continue
		}
		x := k.below(f, h, limit)
		if math.IsNaN(x) {
			return 1, m
		}
		if x > chance {
			chance, minutes = x, m
		}
	}
	return chance, minutes
}

// below is the chance, at a horizon, of less than a limit.
func (k *kernel) below(f *train.Forecast, h, limit int) float64 {
	if k.s.Below == nil {
		return new(train.Weights).Below(f, h, limit)
	}
	chance := k.s.Below(f, h, limit)
	if k.s.Unlike > 0 { // what it learned of lows may not hold: the tail may be believed, if that is worse
		chance = max(chance, new(train.Weights).Below(f, h, limit))
	}
	return chance
}

// lowest is the least median from the onset of insulin on, in mg/dL, and when. A
// forecast that is not a number counts as 0.
func lowest(f *train.Forecast) (mgdl float64, minutes int) {
	mgdl = math.Inf(1)
	for h, m := range train.Horizons {
		if m < insulinOnset {
			continue
		}
		x := float64(f.P50[h])
		if math.IsNaN(x) {
			return 0, m
		}
		if x < mgdl {
			mgdl, minutes = x, m
		}
	}
	return mgdl, minutes
}

// keep lowers the dose until b holds.
func (k *kernel) keep(b bound, note string) finding {
	switch {
	case k.s.Forecast == nil && k.blind && k.s.Modelled:
		return pass("no forecast without a glucose: for the carbs alone")
	case k.s.Forecast == nil:
		k.steps = 0
		return block("no forecast can be made")
	}
	at := func(steps int) (float64, int) { return b.of(k.forecast(steps)) }
	x, minutes := at(k.steps)
	shown, when := b.show(x), float64(minutes)
	note += k.commonly(minutes)
	if x <= b.most || k.steps == 0 {
		// Without a dose there is nothing to shrink: a low that comes by itself is
		// told as such.
		return pass(note, shown, when, b.limit)
	}
	wanted := k.steps
	// The dose found is checked by itself; that a smaller dose gives a higher
	// forecast is only relied on to find the largest.
	k.steps -= sort.Search(wanted, func(i int) bool {
		x, _ := at(wanted - i)
		return x <= b.most
	})
	note = "with %s U " + note
	if k.steps == 0 {
		return block(note, k.rx.units(wanted), shown, when, b.limit)
	}
	return reduce(note, k.rx.units(wanted), shown, when, b.limit)
}
