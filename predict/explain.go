package predict

import (
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/titrate/titrate/cleanse"
	"github.com/titrate/titrate/train"
)

// explain puts the decision into words and numbers.
func (k *kernel) explain() Decision {
	d := k.said
	d.Because = k.because()
	d.Components = Components{
		MealU:       cleanse.Units(k.dose.meal),
		CorrectionU: cleanse.Units(k.dose.correction),
		IOBU:        cleanse.Units(k.iob()),
		ModelFactor: k.dose.factor,
	}
	if k.said.topic == aboutPredictedLow || k.said.topic == aboutLow {
		d.Components.LogShare = k.s.Belief
	}
	d.Gates = make([]Gate, gateCount)
	for i := range gates {
		d.Gates[i] = Gate{ID: gates[i].rule.ID, Outcome: k.found[i].outcome, Note: k.found[i].words()}
	}
	d.Forecast = k.outlook()
	return d
}

// outlook is the forecast of the decision being carried out, with all that was learned of
// the person: what is most likely, not what doses and warnings are judged by. Beside it is
// the median if the decision isn't carried out, by the same model of the same meal: once the
// meal is on board it counts for less (see [train.Weights]), and would be forecast lower
// without insulin than with it.
func (k *kernel) outlook() []ForecastPoint {
	if k.s.Forecast == nil {
		return []ForecastPoint{}
	}
	idle := train.Plan{Carbs: k.planned()}
	plan := idle
	plan.Carbs += k.said.Carbs
	if k.said.Kind != Basal {
		plan.Dose = k.said.Units
	}
	f := k.s.Forecast(plan)
	out := points(&f)
	if plan != idle {
		f = k.s.Forecast(idle)
		for h, p := range points(&f) {
			if h < len(out) {
				out[h].Without = p.P50
			}
		}
	}
	return out
}

// points is f as a recommendation shows it, to a tenth of a mg/dL; nothing if it
// holds what is no number, which JSON can't say either.
func points(f *train.Forecast) []ForecastPoint {
	tenth := func(x cleanse.MgdL) cleanse.MgdL { return cleanse.MgdL(math.Round(float64(x)*10) / 10) }
	for h := range train.Horizons {
		if sum := float64(f.P05[h] + f.P50[h] + f.P95[h]); math.IsNaN(sum) || math.IsInf(sum, 0) {
			return []ForecastPoint{}
		}
	}
	out := make([]ForecastPoint, len(train.Horizons))
	for h, minutes := range train.Horizons {
		out[h] = ForecastPoint{Minutes: minutes, P05: tenth(f.P05[h]), P50: tenth(f.P50[h]), P95: tenth(f.P95[h])}
	}
	return out
}

// because is the reason in one sentence that a person can check.
func (k *kernel) because() string {
	switch k.said.topic {
	case aboutLow:
		return k.becauseLow()
	case aboutPredictedLow:
		mgdl, minutes := k.soonest(carbsAhead)
		switch {
		case mgdl >= lowBelow && k.s.Calibrated:
			return fmt.Sprintf("glucose %s mg/dL may fall below %s within %d min (at least %s %%)%s%s",
				figure(k.bg), figure(lowBelow), chanceAhead, figure(100*chanceWorth), k.gramsFor(mgdl, carbsLeast, carbsSoonMost), k.lyingOnIt())
		case mgdl >= lowBelow:
			return fmt.Sprintf("glucose %s mg/dL is forecast to reach %.0f in %d min, and may fall below %s: how far off this forecast may be isn't known yet%s%s",
				figure(k.bg), mgdl, minutes, figure(lowBelow), k.gramsFor(mgdl, carbsLeast, carbsSoonMost), k.lyingOnIt())
		}
		return fmt.Sprintf("glucose %s mg/dL is forecast to reach %.0f in %d min%s%s%s",
			figure(k.bg), mgdl, minutes, k.commonly(minutes), k.gramsFor(mgdl, carbsLeast, carbsSoonMost), k.more()+k.lyingOnIt())
	case aboutHigh:
		return "the sensor reads HIGH: measure with a meter and check for ketones before correcting"
	case aboutKetones:
		return fmt.Sprintf("glucose has been above %s mg/dL for %s min: check for ketones%s",
			figure(ketonesAbove), figure(k.s.Glucose.HighFor.Minutes()), k.refusals("; no correction: "))
	case aboutSensor:
		return k.doubts()
	case aboutLong:
		return k.becauseLong()
	case aboutLongLate:
		return k.becauseLongLate()
	case aboutAnswer:
		u := &k.s.Unheard
		return fmt.Sprintf("%s U were advised %s min ago and nothing was logged since: did you take them? Until you answer they count as taken",
			amount(float64(u.Units)), figure(math.Round(k.s.Now.Sub(u.At).Minutes())))
	case aboutBasal:
		return k.said.Because + ": from the next dose on " + figure(float64(k.said.Units)) + " U a day"
	case aboutMissed:
		return k.becauseMissed()
	case aboutNoData:
		return k.becauseSilence()
	case aboutChange:
		if k.s.Ask == AboutWithdrawal {
			return k.becauseWithdrawn()
		}
		return fmt.Sprintf("glucose has gone from %.0f to %s mg/dL since the last advice: it no longer holds, ask again",
			float64(k.s.Advised.MgdL), figure(k.bg))
	}
	return k.becauseDose()
}

func (k *kernel) becauseWithdrawn() string {
	if u := &k.s.Unsettled; u.ID != "" {
		return fmt.Sprintf("the settings have changed since %s U were advised %s min ago: they no longer hold, don't take them. Did you already? Until you answer they count as taken",
			amount(float64(u.Units)), figure(math.Round(k.s.Now.Sub(u.At).Minutes())))
	}
	if u := float64(k.s.Withdrawn); u > 0 {
		return fmt.Sprintf("the meal was deleted: the %s U that were advised for it no longer hold; if you took them, say so and eat what they are for", amount(u))
	}
	return fmt.Sprintf("the meal was deleted, and %s U are on board: without it they would bring glucose from %s below %s mg/dL; "+
		"eat what was planned, or keep fast carbs at hand and measure every half hour", figure(k.iob()), figure(k.bg), figure(lowBelow))
}

func (k *kernel) becauseLow() string {
	if k.s.Ask == AboutSight {
		return k.becauseSight()
	}
	what := fmt.Sprintf("glucose %s mg/dL is below %s", figure(k.bg), figure(lowBelow))
	if k.clippedLow() {
		what = "the sensor reads LOW"
	}
	bottom, minutes := k.soonest(carbsAhead)
	if minutes > 0 {
		what += fmt.Sprintf(" and forecast to reach %.0f in %d min%s", bottom, minutes, k.commonly(minutes))
	}
	if k.said.Kind == Check {
		return k.measureFirst(what, k.doubtOf())
	}
	what += k.gramsFor(bottom, k.rescueLeast(), carbsAtOnce) + "; check again in 15 min" + k.more() + k.lyingOnIt()
	if k.s.Ask == AboutMeal {
		what += "; no insulin for the meal before glucose is above " + figure(lowBelow) + " again"
	}
	return what
}

// measureFirst is what to do about a low that is in doubt.
func (k *kernel) measureFirst(what, doubt string) string {
	return what + ", but " + doubt + ": measure with a meter at once; below " + figure(lowBelow) +
		", without a meter, or if you feel low, take " + figure(k.rescueLeast()) + " g of fast carbs"
}

// doubtOf says why a low may be the sensor's, or over.
func (k *kernel) doubtOf() string {
	if k.age > staleAfter {
		return fmt.Sprintf("readings come %s min late, or a clock is wrong", figure(math.Round(k.age.Minutes())))
	}
	if k.isDoubted("jump") {
		return "it jumped there in one step"
	}
	return "it fell steeply with little insulin on board, as it does when you lie on the sensor: turn over"
}

// lyingOnIt adds what else a steep fall at night may be.
func (k *kernel) lyingOnIt() string {
	if k.outcomeOf("compression_low") == Pass {
		return ""
	}
	return "; if you lie on the sensor, turn over and check with a meter"
}

// gramsFor is the arithmetic of the carbs that were advised.
func (k *kernel) gramsFor(bottom, least, most float64) string {
	if !k.carbsWorkable() {
		return fmt.Sprintf(": take %s g of fast carbs", figure(float64(k.said.Carbs)))
	}
	need := cents((k.rx.low - math.Round(bottom)) / cents(k.rx.csf()))
	text := fmt.Sprintf(": (%s − %.0f) ÷ %s mg/dL per g = %s g", figure(k.rx.low), bottom, figure(k.rx.csf()), figure(need))
	switch {
	case need <= least:
		return text + fmt.Sprintf(", at least %s g", figure(least))
	case need > most:
		return text + fmt.Sprintf(", at most %s g at once", figure(most))
	}
	return text + fmt.Sprintf(", rounded up to %s g", figure(float64(k.said.Carbs)))
}

// more says what insulin on board needs beside the carbs that were advised, where that is
// much, as of a dose whose meal wasn't eaten.
func (k *kernel) more() string {
	if !k.carbsWorkable() || k.isBlocked("numbers") {
		return ""
	}
	eventually := k.bg + k.share()*(k.eventually()-k.bg)
	grams := (k.rx.low-eventually)/k.rx.csf() - float64(k.said.Carbs)
	if grams < moreLeast {
		return ""
	}
	return fmt.Sprintf("; the insulin on board needs some %s g more over the next hours: eat, and measure every half hour",
		figure(math.Floor(grams/carbsStep)*carbsStep))
}

func (k *kernel) becauseLong() string {
	long, prev := k.s.Insulin.Long, k.s.Insulin.LongPrev
	gap, unit := lasting(long.At.Sub(prev.At))
	return fmt.Sprintf("%s U of long-acting insulin %s %s after %s U: if it is not injected yet, don't; if it is, "+
		"measure every 2 hours, keep fast carbs at hand and call your clinic", figure(float64(long.Units)),
		figure(gap), unit, figure(float64(prev.Units)))
}

// lasting is a time as people say it: in whole minutes below two hours, else in tenths
// of an hour.
func lasting(d time.Duration) (number float64, unit string) {
	if d < 2*time.Hour {
		return math.Round(d.Minutes()), "min"
	}
	return math.Round(10*d.Hours()) / 10, "h"
}

// becauseDose is the arithmetic of a dose, or what stands against one.
func (k *kernel) becauseDose() string {
	if k.rescued() {
		return fmt.Sprintf("%s g of carbs against a low need no insulin; check again in 15 min", figure(float64(k.s.Meal.Carbs.V)))
	}
	idle := k.s.Ask != AboutMeal && k.s.Glucose.OK && k.rx.given && k.dose.raw <= 0
	if refused := k.refusals("no insulin: "); refused != "" && !idle {
		if k.said.Kind == Check {
			refused += "; once a reading has come, the meal is answered again"
		}
		return refused
	}
	text := k.sum() + k.lowered()
	if k.said.Kind == Hold && k.dose.formula == 0 {
		text += ": no insulin needed"
	}
	if k.blind {
		text += "; measure with a meter"
	}
	if k.ketonesDue() {
		text += "; check for ketones too"
	}
	switch carbs := float64(k.s.Meal.Carbs.V); {
	case k.s.Ask == AboutMeal && carbs > carbsConfirm:
		text += fmt.Sprintf("; %s g is a lot: is it right?", figure(carbs))
	case k.unusual():
		text += fmt.Sprintf("; %s g is more than you usually eat (up to %s g): is it right?", figure(carbs), figure(float64(k.s.Meal.UsualMost)))
	}
	return text
}

// refusals are the notes of all gates that block, after a prefix; empty if none
// does. Insulin that isn't prescribed at all wants no other reason.
func (k *kernel) refusals(prefix string) string {
	var notes []string
	for i := range k.found {
		if k.found[i].outcome != Block {
			continue
		}
		if gates[i].rule.ID == regimenGate.rule.ID {
			return prefix + k.found[i].words()
		}
		notes = append(notes, k.found[i].words())
	}
	if len(notes) == 0 {
		return ""
	}
	return prefix + strings.Join(notes, "; ")
}

// doubts are the notes of all gates that doubt the glucose.
func (k *kernel) doubts() string {
	var notes []string
	for i := range k.found {
		if k.found[i].doubt {
			notes = append(notes, k.found[i].words())
		}
	}
	return strings.Join(notes, "; ")
}

// amount prints a dose with up to four decimals, as fine as a pump's step.
func amount(units float64) string {
	return strings.TrimSuffix(strings.TrimRight(fmt.Sprintf("%.4f", units), "0"), ".")
}
