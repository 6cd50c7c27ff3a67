package train

import (
	"math"

	"github.com/titrate/titrate/train/feature"
)

const horizons = len(Horizons)

// momentum is how many minutes of the present drive a horizon still feels. Drive,
// what moves glucose beyond insulin and carbs on board, ebbs away with a time
// constant of 20 minutes, the span over which Loop blends momentum out:
// 20·(1 − e^(−h/20)).
var momentum = func() (m [horizons]float64) {
	for h, minutes := range Horizons {
		m[h] = 20 * (1 - math.Exp(-float64(minutes)/20))
	}
	return m
}()

// driveMost bounds the drive in mg/dL per minute, as Loop bounds momentum.
const driveMost = 4

// Scale is the standard deviation, in mg/dL per horizon, that the prior gives its
// own error. It grows as published forecasters' errors do and levels off near
// the spread of glucose itself. Everything the network says is in these units.
var Scale = [horizons]float64{6, 13, 22, 30, 36, 45, 51, 55, 58, 60, 62}

// The four widths between neighbouring quantiles, from the median outwards.
const (
	lowInner  = iota // P25 to P50
	lowOuter         // P05 to P25
	highInner        // P50 to P75
	highOuter        // P75 to P95
	widths
)

// Normal is each width of a normal distribution, in standard deviations.
var Normal = [widths]float64{lowInner: 0.6745, lowOuter: 0.9704, highInner: 0.6745, highOuter: 0.9704}

// WidthSign is how a width enters a level's distance from the median: 1 above it,
// −1 below it, 0 not at all.
func WidthSign(width, level int) int {
	switch {
	case width == lowInner && level <= 1, width == lowOuter && level == 0:
		return -1
	case width == highInner && level >= 3, width == highOuter && level == 4:
		return 1
	}
	return 0
}

// absorbed is the part of a meal eaten now that is absorbed by a horizon.
var absorbed = func() (a [horizons]float64) {
	for h, minutes := range Horizons {
		a[h] = feature.Absorbed(float64(minutes))
	}
	return a
}()

// Insulin takes a while to reach where it acts, of which the curves of feature know
// nothing: LoopAlgorithm's begin ten minutes after the dose. Here the delay is made up
// for by 90 minutes, so that nothing late is taken for weaker than the settings say.
const (
	onsetDelay = 10.0 // minutes
	onsetMade  = 30.0 // from here on the delay grows shorter
	onsetOver  = 90.0
	onsetLeast = 0.05 // no dose is harmless, however soon
)

// onset is what such a delay leaves of a curve's effect by each horizon, of the usual
// curve. Logs can't tell: in them a dose comes with glucose that is about to rise.
var onset = func() (share [horizons]float64) {
	curve := feature.CurveFor("", 0, false)
	for h, m := range Horizons {
		minutes := float64(m)
		delay := onsetDelay * min(max((onsetOver-minutes)/(onsetOver-onsetMade), 0), 1)
		share[h] = max((1-curve.IOB(minutes-delay))/(1-curve.IOB(minutes)), onsetLeast)
	}
	return share
}()

// acted is the part of a unit given now that has acted on glucose by horizon h.
func (w *Weights) acted(v *feature.Vector, h int) float64 {
	if len(w.Onset) == 0 {
		return v[feature.UnitUsed+h]
	}
	return v[feature.UnitUsed+h] * w.Onset[h]
}

// drift is where physiology alone says that glucose moves by horizon h, without
// insulin and carbs, in mg/dL.
func drift(v *feature.Vector, h int) float64 {
	return within(v[feature.Drive], driveMost) * momentum[h]
}

// Doubt is by how much the prior's median moves at each horizon, in mg/dL, if insulin and
// carbs on board count for a share of what the settings say: of the trend they explain
// less, too. Where the vector has no trend, glucose goes on at a pace in mg/dL per minute.
func Doubt(v *feature.Vector, share, pace float64) (by Correction) {
	trend, explained := v[feature.Trend], v[feature.Trend]-v[feature.Drive]
	if v[feature.TrendOK] == 0 && pace != 0 {
		trend, explained = pace, (v[feature.Uptake]*v[feature.CSF]-v[feature.Activity]*v[feature.ISF])/60
	}
	moved := within(trend-share*explained, driveMost) - within(v[feature.Drive], driveMost)
	for h := range by {
		board := v[feature.CSF]*v[feature.Eaten+h] - v[feature.ISF]*v[feature.Used+h]
		by[h] = moved*momentum[h] - (1-share)*board
	}
	return by
}

func within(x, most float64) float64 { return min(max(x, -most), most) }
