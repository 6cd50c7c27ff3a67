package predict

import (
	"math"

	"github.com/titrate/titrate/cleanse"
)

// topic is what a decision is about; each is told again only after a while.
type topic uint8

const (
	nothing topic = iota
	aboutMeal
	aboutLow
	aboutPredictedLow
	aboutCorrection
	aboutKetones
	aboutHigh
	aboutSensor
	aboutLong
	aboutChange
	topics
)

// The alerts of a Recommendation.
const (
	AlertUrgentLow    = "urgent_low"
	AlertLow          = "low"
	AlertUrgentSoon   = "urgent_low_soon"
	AlertPredictedLow = "predicted_low"
	AlertHigh         = "high"
	AlertLongTwice    = "long_acting_twice"
)

// correctionAbove is how far above the target range, in mg/dL, a correction is
// worth saying unasked: with a range up to 120, from 180 on, the upper limit of
// the consensus range.
const correctionAbove = 60.0

// correctionLeast is what an unasked correction has to lower glucose by, in mg/dL.
// Less is within a sensor's error, and each message costs attention (H21).
const correctionLeast = 20.0

// settle finds what to say, the most urgent first.
func (k *kernel) settle() {
	switch {
	case k.s.Ask == AboutLong:
		k.settleLong()
	case k.isLow() && !k.rescued():
		k.settleLow()
	case k.s.Ask == AboutMeal:
		k.say(aboutMeal, "", k.insulinOrHold(Bolus))
	case k.settlePredictedLow():
	case k.settleCheck():
	case k.steps > 0 && (k.s.Ask == AboutNow || k.correctionPays()):
		k.say(aboutCorrection, "", Correction)
		k.said.Worth = true
	case k.outdated():
		k.say(aboutChange, "", Hold)
		k.said.Worth = true
	default:
		k.say(nothing, "", Hold)
	}
	if k.said.Kind == Bolus || k.said.Kind == Correction {
		k.said.Units = cleanse.Units(k.rx.units(k.steps))
	}
	// A meal and a question are owed an answer.
	k.said.Worth = k.said.Worth || k.s.Ask == AboutMeal || k.s.Ask == AboutNow
}

// correctionPays tells whether the correction found is worth saying unasked.
func (k *kernel) correctionPays() bool {
	return k.bg > k.rx.high+correctionAbove && k.rx.units(k.steps)*k.rx.isf >= correctionLeast
}

func (k *kernel) say(about topic, alert string, kind Kind) {
	k.said.Kind, k.said.Alert, k.said.topic = kind, alert, about
}

func (k *kernel) insulinOrHold(kind Kind) Kind {
	if k.steps > 0 {
		return kind
	}
	return Hold
}

func (k *kernel) isLow() bool {
	return k.s.Glucose.OK && k.age <= staleAfter && (k.clippedLow() || k.bg < lowBelow)
}

// rescued tells whether the meal at hand is the treatment of a low.
func (k *kernel) rescued() bool { return k.s.Ask == AboutMeal && k.s.Meal.Rescue }

// outdatedBy is a change of glucose, in mg/dL, after which advice that nobody has
// answered no longer holds (H17).
const outdatedBy = 20.0

func (k *kernel) outdated() bool {
	a := &k.s.Advised
	return !a.At.IsZero() && k.s.Glucose.OK && math.Abs(k.bg-math.Round(float64(a.MgdL))) > outdatedBy
}

// curable tells whether a meal was refused for a reason that the next reading, or
// a profile, may remove.
func (k *kernel) curable() bool {
	if k.s.Ask != AboutMeal || k.steps > 0 || k.s.Meal.Rescue || !k.s.Meal.Carbs.OK {
		return false
	}
	for _, id := range [...]string{"numbers", "regimen", "carb_entry", "duplicate_meal", "meal_insulin"} {
		if k.isBlocked(id) {
			return false
		}
	}
	return k.blocked()
}

// settleLow advises carbs now. Carbs that were just eaten are given time to work,
// unless it is urgent.
func (k *kernel) settleLow() {
	urgent := k.clippedLow() || k.bg < urgentBelow
	k.say(aboutLow, AlertLow, Carbs)
	if urgent {
		k.said.Alert = AlertUrgentLow
	}
	k.said.Carbs = k.treatment(rescueLeast)
	k.said.Worth = urgent || k.s.Insulin.CarbsJustEaten < rescueLeast
	k.said.level = k.bg
}

// settlePredictedLow advises carbs if glucose is on its way below the limit.
func (k *kernel) settlePredictedLow() bool {
	if !k.s.Glucose.OK || k.age > staleAfter || k.s.Forecast == nil {
		return false
	}
	if mgdl, _ := k.soonest(carbsAhead); mgdl >= lowBelow {
		return false
	}
	k.say(aboutPredictedLow, AlertPredictedLow, Carbs)
	k.said.level, _ = k.soonest(urgentAhead)
	if k.said.level < urgentBelow {
		k.said.Alert = AlertUrgentSoon
	}
	k.said.Carbs = k.treatment(carbsLeast)
	k.said.Worth = k.s.Insulin.CarbsJustEaten < carbsLeast
	return true
}

// settleCheck asks for a measurement where a number would be guessed at.
func (k *kernel) settleCheck() bool {
	doubtful := k.isBlocked("noise") || k.isBlocked("jump") || k.isBlocked("warm_up")
	switch {
	case k.age > staleAfter || !k.s.Glucose.OK:
		return false
	case k.clippedHigh():
		k.say(aboutHigh, AlertHigh, Check)
	case k.ketonesDue() && k.steps > 0:
		return false // the correction says it
	case k.ketonesDue():
		k.say(aboutKetones, AlertHigh, Check)
	case k.isBlocked("flat"), doubtful && k.bg > k.rx.high+correctionAbove:
		k.say(aboutSensor, "", Check)
	default:
		return false
	}
	k.said.Worth = true
	return true
}

func (k *kernel) settleLong() {
	if !k.longTwice() {
		k.say(nothing, "", Hold)
		return
	}
	k.say(aboutLong, AlertLongTwice, Check)
	k.said.Worth = true
}
