package predict

import (
	"fmt"
	"math"
	"time"
)

// Levels below the target (H11), in mg/dL.
const (
	lowBelow     = 70.0 // no insulin; carbs
	urgentBelow  = 55.0 // never insulin, whatever is eaten
	nearLowUntil = 80.0 // a reduced dose, with the first bite
	nearLowScale = 0.8
)

var lowGate = gate{Rule{
	ID: "low", Stage: "state", Hazards: []string{"H11"},
	Says: fmt.Sprintf("below %v mg/dL no insulin but carbs, also when a meal is announced; below %v it is urgent",
		lowBelow, urgentBelow),
	Source: "Loop SimpleBolusCalculator; H11, the stricter of the two",
}, func(k *kernel) finding {
	switch {
	case !k.s.Glucose.OK:
		return pass("no glucose")
	case k.bg < urgentBelow:
		return block("glucose %s mg/dL is below %s: carbs at once, no insulin", k.bg, urgentBelow)
	case k.bg < lowBelow:
		return block("glucose %s mg/dL is below %s: carbs first, no insulin", k.bg, lowBelow)
	}
	return pass("glucose %s mg/dL is not below %s", k.bg, lowBelow)
}}

var nearLowGate = gate{Rule{
	ID: "near_low", Stage: "state", Hazards: []string{"H11"},
	Says: fmt.Sprintf("from %v to %v mg/dL a meal's dose is multiplied by %v and taken with the first bite",
		lowBelow, nearLowUntil, nearLowScale),
	Source: "H11; the factor is a proposal",
}, func(k *kernel) finding {
	if k.s.Glucose.OK && k.bg >= lowBelow && k.bg < nearLowUntil {
		k.scale *= nearLowScale
		return reduce("glucose %s mg/dL is below %s: dose × %s, with the first bite", k.bg, nearLowUntil, nearLowScale)
	}
	return pass("not close to a low")
}}

// correctionsApart is the least time between corrections that stand alone (H7).
const correctionsApart = 3 * time.Hour

var spacingGate = gate{Rule{
	ID: "spacing", Stage: "state", Hazards: []string{"H7"},
	Says:   fmt.Sprintf("a correction without a meal not within %v h of the last, taken or advised", correctionsApart.Hours()),
	Source: "H7; measured in a simulator",
}, func(k *kernel) finding {
	last := k.s.Insulin.LastCorrection
	since := k.s.Now.Sub(last)
	if k.s.Ask == AboutMeal || last.IsZero() || since >= correctionsApart {
		return pass("no other correction lately")
	}
	return block("the last correction was %s min ago (at least %s min apart)", since.Minutes(), correctionsApart.Minutes())
}}

// fallingFrom is the slope, in mg/dL per minute, from which an arrow points down.
const fallingFrom = -1.0

var trendGate = gate{Rule{
	ID: "trend", Stage: "state", Hazards: []string{"H1", "H5"},
	Says: fmt.Sprintf("no correction without a meal while glucose falls by more than %v mg/dL per min; none unasked if a sensor's trend is unknown",
		-fallingFrom),
	Source: "Dexcom's arrows; H1",
}, func(k *kernel) finding {
	g := &k.s.Glucose
	known := g.SlopeOK && !k.noTrend && k.age <= trendUntil
	switch {
	case k.s.Ask == AboutMeal:
		return pass("a meal is dosed for without a trend")
	case known && g.Slope < fallingFrom:
		return block("glucose is falling by %s mg/dL per min: wait", -g.Slope)
	case !known && k.fromSensor() && k.s.Ask == AboutReading:
		return block("the trend is unknown: no correction unasked")
	case !known:
		return pass("the trend is unknown")
	}
	return pass("%s mg/dL per min", g.Slope)
}}

// Exercise makes insulin act more, during it and for some time after (H19).
const (
	exerciseTarget = 150.0 // mg/dL
	exerciseLight  = 0.75
	exerciseHard   = 0.5
	exerciseAfter  = 2 * time.Hour
)

var exerciseGate = gate{Rule{
	ID: "exercise", Stage: "state", Hazards: []string{"H19"},
	Says: fmt.Sprintf("during exercise and %v h after it the target is at least %v mg/dL and the dose is multiplied by %v (light: %v)",
		exerciseAfter.Hours(), exerciseTarget, exerciseHard, exerciseLight),
	Source: "H19",
}, func(k *kernel) finding {
	x := &k.s.Exercise
	since := k.s.Now.Sub(x.At)
	if x.At.IsZero() || since < 0 || since > x.Duration+exerciseAfter {
		return pass("no exercise lately")
	}
	factor := exerciseHard
	if x.Intensity == "light" {
		factor = exerciseLight
	}
	k.scale *= factor
	k.aimAtLeast(exerciseTarget)
	return reduce("exercise began %s min ago: dose × %s, target %s mg/dL", since.Minutes(), factor, k.target)
}}

// Glucose this high for this long may be ketoacidosis beginning (H19).
const (
	ketonesAbove = 250.0
	ketonesAfter = 2 * time.Hour
)

var ketonesGate = gate{Rule{
	ID: "ketones", Stage: "state", Hazards: []string{"H19"},
	Says:   fmt.Sprintf("above %v mg/dL for %v h: check ketones, whatever else is advised", ketonesAbove, ketonesAfter.Hours()),
	Source: "H19",
}, func(k *kernel) finding {
	if k.ketonesDue() {
		return pass("above %s mg/dL for %s min: check ketones", ketonesAbove, k.s.Glucose.HighFor.Minutes())
	}
	return pass("not above %s mg/dL for long", ketonesAbove)
}}

func (k *kernel) ketonesDue() bool {
	return k.s.Glucose.OK && k.age <= staleAfter && k.s.Glucose.HighFor >= ketonesAfter
}

// A second dose of long-acting insulin within longApart is one too many (H25),
// unless the two together make no more than longShare of the day's: some people
// split it. While it works, no corrections.
const (
	longApart = 18 * time.Hour
	longShare = 1.5
	longWorks = 24 * time.Hour
)

var longActingGate = gate{Rule{
	ID: "long_acting", Stage: "state", Hazards: []string{"H25"},
	Says: fmt.Sprintf("two doses of long-acting insulin within %v h, of more than %v× the day's basal together: a hard stop, and no correction for %v h",
		longApart.Hours(), longShare, longWorks.Hours()),
	Source: "H25; the allowance for split doses is a proposal",
}, func(k *kernel) finding {
	long, prev := k.s.Insulin.Long, k.s.Insulin.LongPrev
	if !k.longTwice() || k.s.Now.Sub(long.At) > longWorks {
		return pass("no second dose of long-acting insulin")
	}
	k.noCorrection = true
	gap, unit := lasting(long.At.Sub(prev.At))
	note := "%s U of long-acting insulin came %s " + unit + " after %s U: no correction"
	numbers := []float64{float64(long.Units), gap, float64(prev.Units)}
	if k.s.Ask == AboutMeal {
		return reduce(note, numbers...)
	}
	return block(note, numbers...)
}}

func (k *kernel) longTwice() bool {
	long, prev := k.s.Insulin.Long, k.s.Insulin.LongPrev
	if prev.At.IsZero() || long.At.Sub(prev.At) >= longApart {
		return false
	}
	if k.s.Settings == nil {
		return true
	}
	daily := gentlest(k.s.Settings.BasalPerDay)
	return math.IsNaN(daily) || float64(long.Units+prev.Units) > longShare*daily
}

var unconfirmedGate = gate{Rule{
	ID: "unconfirmed", Stage: "state", Hazards: []string{"H8"},
	Says:   "advised insulin that nobody confirmed, changed or declined counts as taken",
	Source: "H8",
}, func(k *kernel) finding {
	if u := float64(k.s.Insulin.Unconfirmed); u > 0 {
		return reduce("%s U of earlier advice, not confirmed, count as still active", u)
	}
	return pass("no unconfirmed advice")
}}
