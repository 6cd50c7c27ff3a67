package predict

import (
	"fmt"
	"math"

	"github.com/titrate/titrate/cleanse"
)

// Caps (H9). The first two are proposals that need clinical sign-off, the third is
// Loop's limit of automatic dosing.
const (
	correctionShareMost = 0.5 // of the largest bolus
	dailyMost           = 1.5 // times the daily insulin of the last week
	onBoardMost         = 2.0 // times the largest bolus
)

var correctionShareGate = gate{Rule{
	ID: "correction_share", Stage: "formula", Hazards: []string{"H9"},
	Says:   fmt.Sprintf("the correction is at most %v %% of the largest bolus", 100*correctionShareMost),
	Source: "H9",
}, func(k *kernel) finding {
	limit := cents(correctionShareMost * k.rx.most)
	if k.dose.correction > limit {
		was := k.dose.correction
		k.dose.correction = limit
		return reduce("correction lowered from %s U to %s U", was, limit)
	}
	return pass("correction %s U (limit %s U)", k.dose.correction, limit)
}}

var maxBolusGate = gate{Rule{
	ID: "max_bolus", Stage: "caps", Hazards: []string{"H9", "H20"},
	Says:   fmt.Sprintf("a bolus is at most the person's own maximum (%v U if none is given) and the age class's", mostUnknown),
	Source: "H9; AAPS HardLimits",
}, func(k *kernel) finding {
	return k.cap(k.rx.most, "at most %s U in one bolus", "at most %s U in one bolus")
}}

var insulinOnBoardGate = gate{Rule{
	ID: "insulin_on_board", Stage: "caps", Hazards: []string{"H9", "H7"},
	Says:   fmt.Sprintf("dose and insulin on board together are at most %v× the largest bolus", onBoardMost),
	Source: "Loop, activeInsulin ≤ 2 × maxBolus",
}, func(k *kernel) finding {
	return k.cap(onBoardMost*k.rx.most-k.iob(), "room for %s U beside insulin on board",
		"insulin on board leaves room for %s U")
}}

var dailyTotalGate = gate{Rule{
	ID: "daily_total", Stage: "caps", Hazards: []string{"H9"},
	Says:   fmt.Sprintf("all insulin of 24 hours is at most %v× the daily mean of the last week; without one, of twice the basal dose", dailyMost),
	Source: "H9",
}, func(k *kernel) finding {
	daily := k.daily()
	if math.IsNaN(daily) {
		return pass("no week of insulin is known: the other caps hold")
	}
	return k.cap(dailyMost*daily-float64(k.s.Insulin.Total24), "room for %s U in these 24 hours",
		"24 hours' insulin leaves room for %s U")
}}

// daily is the insulin per day to compare with, NaN if nothing is known. About
// half of a day's insulin is basal.
func (k *kernel) daily() float64 {
	if k.s.Insulin.PerDay > 0 {
		return float64(k.s.Insulin.PerDay)
	}
	if k.rx.given {
		return 2 * gentlest(k.s.Settings.BasalPerDay)
	}
	return math.NaN()
}

// gentlest is the least value of a schedule; NaN for an empty one.
func gentlest(x cleanse.Schedule) float64 {
	if len(x) == 0 {
		return math.NaN()
	}
	least := x[0].Value
	for _, step := range x {
		least = min(least, step.Value)
	}
	return least
}

// cap lowers the dose to what limit leaves, in whole steps of the device.
func (k *kernel) cap(limit float64, free, full string) finding {
	limit = max(limit, 0)
	room := k.rx.stepsIn(limit)
	if k.steps <= room {
		return pass(free, limit)
	}
	k.steps = room
	if room == 0 {
		return block(full, limit)
	}
	return reduce(full, limit)
}
