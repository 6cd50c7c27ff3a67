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
	// What a day's insulin is taken for until a week of it is known: the larger of
	// a multiple of the basal dose, which is about half of it, and of body weight,
	// at the upper end of what adults without resistance need.
	dailyOfBasal  = 2.0
	dailyOfWeight = 0.7 // U/kg
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
	Says: fmt.Sprintf("all insulin of 24 hours is at most %v× the daily mean of the last week; until five days of it are known, of that, %v× the basal dose or %v U/kg, whichever is most",
		dailyMost, dailyOfBasal, dailyOfWeight),
	Source: "H9; what stands for the week is a proposal",
}, func(k *kernel) finding {
	daily := k.daily()
	if math.IsNaN(daily) {
		return pass("no week of insulin is known: the other caps hold")
	}
	total := float64(k.s.Insulin.Total24)
	return k.cap(dailyMost*daily-total, "room for %s U beside %s U in 24 hours (limit %s U)",
		"room for %s U beside %s U in 24 hours (limit %s U)", total, dailyMost*daily)
}}

// daily is the insulin per day to compare with, NaN if nothing is known.
func (k *kernel) daily() float64 {
	known := float64(k.s.Insulin.PerDay)
	if known > 0 && !k.s.Insulin.PerDayShort {
		return known
	}
	if usual := k.usually(); !(known > usual) {
		return usual
	}
	return known
}

// usually is the insulin per day that the settings let expect, NaN if they don't.
func (k *kernel) usually() float64 {
	if !k.rx.given {
		return math.NaN()
	}
	byBasal, byWeight := dailyOfBasal*gentlest(k.s.Settings.BasalPerDay), dailyOfWeight*k.s.Settings.WeightKg
	if math.IsNaN(byBasal) && byWeight > 0 || byWeight > byBasal {
		return byWeight
	}
	return byBasal
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

// cap lowers the dose to limit, in whole steps of the device. The notes get the
// limit, and what it was made of.
func (k *kernel) cap(limit float64, free, full string, made ...float64) finding {
	limit = max(limit, 0)
	numbers := append([]float64{limit}, made...)
	room := k.rx.stepsIn(limit)
	if k.steps <= room {
		return pass(free, numbers...)
	}
	k.steps = room
	if room == 0 {
		return block(full, numbers...)
	}
	return reduce(full, numbers...)
}
