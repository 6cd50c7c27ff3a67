package predict

import (
	"math"
	"time"

	"github.com/titrate/titrate/cleanse"
	"github.com/titrate/titrate/train"
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
	aboutAnswer
	aboutMissed
	aboutNoData
	aboutBasal
	aboutLongLate
	topics
)

// The alerts of a Recommendation.
const (
	AlertUrgentLow    = "urgent_low"
	AlertLow          = "low"
	AlertUrgentSoon   = "urgent_low_soon"
	AlertPredictedLow = "predicted_low"
	AlertHigh         = "high"
	AlertMissedBolus  = "missed_bolus"
	AlertNoData       = "no_data"
	AlertSensor       = "sensor_suspect"
	AlertLongTwice    = "long_acting_twice"
	AlertLongLate     = "long_acting_late"
)

// correctionAbove is how far above the target range, in mg/dL, a correction is
// worth saying unasked: with a range up to 120, from 180 on, the upper limit of
// the consensus range.
const correctionAbove = 60.0

// correctionLeast is what an unasked correction has to lower glucose by, in mg/dL.
// Less is within a sensor's error, and each message costs attention (H21).
const correctionLeast = 30.0

// correctionRise is the slope, in mg/dL per minute, above which a correction waits, up
// to ketonesAbove: the next one may only come after correctionsApart, and what is given
// before the peak is too little. Chosen in the trial.
const correctionRise = 0.5

// settle finds what to say, the most urgent first.
func (k *kernel) settle() {
	switch {
	case k.s.Ask == AboutLong:
		k.settleLong()
	case k.s.Ask == AboutWithdrawal:
		k.settleWithdrawal()
	case k.s.Ask == AboutSilence:
		k.say(aboutNoData, AlertNoData, Check)
		k.said.Worth = true
	case k.s.Ask == AboutSight:
		k.settleSight()
	case k.s.Ask == AboutLongLate:
		k.say(aboutLongLate, AlertLongLate, Check)
		k.said.Worth = k.longDue()
	case k.isLow() && !k.rescued():
		k.settleLow()
	case k.s.Ask == AboutMeal:
		k.say(aboutMeal, "", k.answerToMeal())
	case k.settlePredictedLow():
	case k.asksOf():
		k.say(aboutAnswer, "", Check)
		k.said.asks, k.said.Worth = k.s.Unheard.ID, true
	case k.missesMeal() && k.s.Insulin.AskedMeal.IsZero():
		k.say(aboutMissed, AlertMissedBolus, Check)
		k.said.Worth = true
	case k.longDue() && k.s.Insulin.AskedLong.IsZero():
		k.say(aboutLongLate, AlertLongLate, Check)
		k.said.Worth = true
	case k.settleCheck():
	case k.steps > 0 && (k.s.Ask == AboutNow || k.correctionPays() && !k.waits()):
		k.say(aboutCorrection, "", Correction)
		k.said.Worth = true
	case k.settleBasal():
	case k.outdated():
		k.say(aboutChange, "", Hold)
		k.said.Worth = true
	default:
		k.say(nothing, "", Hold)
	}
	if k.said.Kind == Bolus || k.said.Kind == Correction {
		k.said.Units = cleanse.Units(k.rx.units(k.steps))
		k.said.ketones = k.ketonesDue()
	}
	// A meal and a question are owed an answer; a meal of somebody who takes no insulin
	// for meals asks nothing.
	k.said.Worth = k.said.Worth || k.s.Ask == AboutMeal && !k.isBlocked("regimen") || k.s.Ask == AboutNow
}

// asksOf tells whether it is to be asked what became of a dose: not while another holds,
// whose place the question would take (H17).
func (k *kernel) asksOf() bool {
	return k.s.Unheard.ID != "" && k.s.Ask == AboutReading && k.s.Advised.At.IsZero()
}

// correctionPays tells whether the correction found is worth saying unasked.
func (k *kernel) correctionPays() bool {
	rising := k.fromSensor() && k.s.Glucose.SlopeOK && k.s.Glucose.Slope > correctionRise && k.bg <= ketonesAbove
	return k.bg > k.rx.high+correctionAbove && k.rx.units(k.steps)*k.rx.isf >= correctionLeast && !rising
}

// waits tells whether a correction waits for what the person says about a meal.
func (k *kernel) waits() bool {
	asked := k.s.Insulin.AskedMeal
	return k.s.Ask == AboutReading && !asked.IsZero() && k.s.Now.Sub(asked) < missedWait
}

func (k *kernel) say(about topic, alert string, kind Kind) {
	k.said.Kind, k.said.Alert, k.said.topic = kind, alert, about
}

// answerToMeal is insulin; or a measurement, where there is none for want of a glucose alone
// (decision 70); or a hold.
func (k *kernel) answerToMeal() Kind {
	switch {
	case k.steps > 0:
		return Bolus
	case k.blind && k.blockedBeside("carbs_only") == "":
		return Check
	}
	return Hold
}

// blockedBeside is the first gate that blocks beside one, or empty.
func (k *kernel) blockedBeside(id string) string {
	for i := range k.found {
		if k.found[i].outcome == Block && gates[i].rule.ID != id {
			return gates[i].rule.ID
		}
	}
	return ""
}

// isLow tells whether glucose is low as of now, also by a sensor whose clock is known to be
// behind and that says it was long ago (H2).
func (k *kernel) isLow() bool {
	return k.s.Glucose.OK && k.lag() <= staleAfter && (k.clippedLow() || k.bg < lowBelow)
}

// lag is how old glucose is, without what its sensor's clock is known to be behind.
func (k *kernel) lag() time.Duration {
	if !k.fromSensor() {
		return k.age
	}
	return k.age - k.s.Glucose.Behind
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
	if k.suspect() {
		k.said.Kind, k.said.Worth, k.said.level = Check, true, k.bg
		return
	}
	k.said.Carbs = k.treatment(k.rescueLeast())
	k.said.Worth = urgent || float64(k.s.Insulin.CarbsJustEaten) < k.rescueLeast()
	k.said.level = k.bg
}

// explains is by how much, in mg/dL, insulin on board has to be able to lower glucose
// for a steep fall at night to be more likely real than lying on the sensor.
const explains = 60.0

// chanceWorth is the chance of less than 70 mg/dL within chanceAhead minutes from which
// a few grams of carbs are advised. Chosen in the trial: seldomer, and there are more
// lows; oftener, and there are more messages. A forecast that isn't calibrated gives no
// chances: there a median that has fallen by medianFall, to less than medianWorth mg/dL, at
// the end of that time is one (decision 56).
const (
	chanceWorth = 0.1
	chanceAhead = 30
	medianWorth = 81.0
	medianFall  = 1.0
)

// lowAhead tells whether a low is to be expected: the median says so, or it has the
// chance from which carbs are worth more than waiting.
func (k *kernel) lowAhead() bool {
	if mgdl, _ := k.soonest(carbsAhead); mgdl < lowBelow {
		return true
	}
	f := k.forecastOf(train.Plan{})
	for h, m := range train.Horizons {
		if m <= chanceAhead && k.mayBeLow(f, h) {
			return true
		}
	}
	return false
}

// mayBeLow tells whether a low at a horizon is likely enough for carbs.
func (k *kernel) mayBeLow(f *train.Forecast, h int) bool {
	if k.s.Calibrated {
		return k.below(f, h, below70) >= chanceWorth
	}
	median := float64(f.P50[h]) + k.s.Doubt[h]
	return train.Horizons[h] == chanceAhead && median < medianWorth && median <= k.bg-medianFall
}

// settleWithdrawal takes a dose back whose settings changed, or whose meal was deleted, or
// warns of one that was taken: insulin without its carbs brings a low within hours, which
// the next hour doesn't show yet.
func (k *kernel) settleWithdrawal() {
	switch {
	case k.s.Unsettled.ID != "":
		k.say(aboutChange, "", Check)
		k.said.asks, k.said.Worth = k.s.Unsettled.ID, true
	case k.s.Withdrawn > 0:
		k.say(aboutChange, "", Hold)
		k.said.Worth = true
	case k.s.Glucose.OK && !k.isBlocked("settings") && k.eventually() < lowBelow:
		k.say(aboutChange, AlertPredictedLow, Check)
		k.said.Worth = true
	default:
		k.say(nothing, "", Hold)
	}
}

// eventually is where insulin on board brings glucose, less what carbs on board hold up,
// in mg/dL.
func (k *kernel) eventually() float64 {
	return k.bg - k.iob()*k.rx.isf + float64(k.s.Insulin.CarbsOnBoard)*k.rx.csf()
}

// settleBasal advises another dose of basal insulin, from the next on.
func (k *kernel) settleBasal() bool {
	if k.s.Ask == AboutMeal || k.longTwice() || k.isBlocked("numbers") {
		return false
	}
	units, why, ok := k.titrate()
	if !ok {
		return false
	}
	k.say(aboutBasal, "", Basal)
	k.said.Units, k.said.Because, k.said.Worth = cleanse.Units(units), why, true
	return true
}

// suspect tells whether a low may be the sensor's: it came in one step that bodies
// don't make (H4), or steeply at night without insulin that would explain it (H5). Or it
// may be over, if the way from the sensor is slow and not its clock wrong (H2).
// The alarm is given all the same, at once; it asks for a meter before carbs.
func (k *kernel) suspect() bool {
	if k.age > staleAfter {
		return true
	}
	if !k.fromSensor() || k.s.Glucose.Special != cleanse.Measured && !k.isDoubted("jump") {
		return false
	}
	return k.isDoubted("jump") || k.outcomeOf("compression_low") != Pass && !(k.iob()*k.rx.isf >= explains)
}

// settlePredictedLow advises carbs if glucose is on its way below the limit.
func (k *kernel) settlePredictedLow() bool {
	if !k.s.Glucose.OK || k.age > staleAfter || k.s.Forecast == nil || k.doubtful() || k.suspect() {
		return false
	}
	if !k.lowAhead() {
		return false
	}
	k.say(aboutPredictedLow, AlertPredictedLow, Carbs)
	k.said.level, _ = k.soonest(urgentAhead)
	if k.said.level < urgentBelow {
		k.said.Alert = AlertUrgentSoon
	}
	k.said.Carbs = min(k.treatment(carbsLeast), carbsSoonMost)
	k.said.Worth = k.s.Insulin.CarbsJustEaten < carbsLeast
	return true
}

// settleCheck asks for a measurement where a number would be guessed at.
func (k *kernel) settleCheck() bool {
	switch {
	case k.age > staleAfter || !k.s.Glucose.OK:
		return false
	case k.clippedHigh():
		k.say(aboutHigh, AlertHigh, Check)
	case k.ketonesDue() && k.steps > 0:
		return false // the correction says it
	case k.ketonesDue():
		k.say(aboutKetones, AlertHigh, Check)
	case k.sensorHinders():
		k.say(aboutSensor, AlertSensor, Check)
	default:
		return false
	}
	k.said.Worth = true
	return true
}

// sensorHinders tells whether the sensor is to be looked at: it hangs, or glucose is so
// high that a correction is due and can't be worked out. Who takes none misses none.
func (k *kernel) sensorHinders() bool {
	return k.isDoubted("flat") || k.doubtful() && k.bg > k.rx.high+correctionAbove && k.outcomeOf("regimen") == Pass
}

// doubtful tells whether the newest reading is not to be built on.
func (k *kernel) doubtful() bool {
	return k.isDoubted("noise") || k.isDoubted("jump") || k.isDoubted("warm_up")
}

func (k *kernel) settleLong() {
	if !k.longTwice() {
		k.say(nothing, "", Hold)
		return
	}
	k.say(aboutLong, AlertLongTwice, Check)
	k.said.Worth = true
}
