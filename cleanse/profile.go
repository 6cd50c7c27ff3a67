package cleanse

import (
	"math"
	"time"
)

var (
	diabetes = vocabulary{unknown: diabetesUnknown, words: []string{"type1", "type2"}}
	regimens = vocabulary{unknown: regimenUnknown, words: []string{"mdi", "pump", "basal"}}

	icrLimit      = limit{rule: icrRange, low: 2, high: 150, unit: "g/U"}
	isfLimit      = limit{rule: isfRange, low: 10, high: 500, unit: "mg/dL per U"}
	targetLimit   = limit{rule: targetRange, low: 60, high: 250, unit: "mg/dL"}
	basalLimit    = limit{rule: basalRange, low: 0, high: 300, unit: "U a day"}
	maxBolusLimit = limit{rule: maxBolusRange, low: 0, high: 100, unit: "U"}
	stepLimit     = limit{rule: doseStepRange, low: 0, above: true, high: 5, unit: "U"}
	diaLimit      = limit{rule: diaRange, low: 120, high: 600, unit: "min"}
	weightLimit   = limit{rule: weightRange, low: 2, high: 400, unit: "kg"}
)

// profile fills the settings. None is required: a profile may say only what it
// knows, and whoever doses refuses what is missing.
func (x *exam) profile() {
	made := &plainSettings{}
	x.plain = made.steps[:0]
	s := &made.Settings
	*s = Settings{
		BirthYear:   x.birthYear(),
		WeightKg:    x.number(fieldWeight, weightLimit).V,
		Diabetes:    x.oneOf(fieldDiabetes, diabetes),
		Regimen:     x.oneOf(fieldRegimen, regimens),
		ICR:         x.schedule(fieldICR, icrLimit),
		ISF:         x.schedule(fieldISF, isfLimit),
		TargetLow:   x.schedule(fieldTargetLow, targetLimit),
		TargetHigh:  x.schedule(fieldTargetHigh, targetLimit),
		BasalPerDay: x.schedule(fieldBasal, basalLimit),
		MaxBolus:    Units(x.number(fieldMaxBolus, maxBolusLimit).V),
		DoseStep:    Units(x.number(fieldDoseStep, stepLimit).V),
		Insulin:     x.repeated(fieldInsulin),
		DIA:         minutes(x.number(fieldDIA, diaLimit).V),
		Zone:        x.zone(),
	}
	x.targets(s)
	x.event.Profile = s
}

// plainSettings are settings and the steps of those that don't change through the day, in
// one piece of memory.
type plainSettings struct {
	Settings
	steps [5]Step
}

// birthYear is a whole year, up to the one of the profile.
func (x *exam) birthYear() int {
	at := x.event.At
	if at.IsZero() {
		at = x.event.Seen
	}
	l := limit{rule: birthYearRange, low: 1900, high: float64(at.Year())}
	v := x.number(fieldBirthYear, l)
	if v.V != math.Trunc(v.V) {
		x.fault(fieldBirthYear.String(), birthYearRange, decimal(v.V)+" isn't a whole year")
		return 0
	}
	return int(v.V)
}

// targets refuses a range that is upside down at any time of day.
func (x *exam) targets(s *Settings) {
	if len(s.TargetLow) == 0 || len(s.TargetHigh) == 0 {
		return
	}
	for _, step := range append(s.TargetLow[:len(s.TargetLow):len(s.TargetLow)], s.TargetHigh...) {
		low, high := s.TargetLow.at(step.Start), s.TargetHigh.at(step.Start)
		if low > high {
			x.fault(fieldTargetLow.String(), targetOrder, "the range at "+clock(step.Start)+" is upside down: "+decimal(low)+" to "+decimal(high)+" mg/dL")
			return
		}
	}
}

// zone is where the person's schedules are local; UTC if not given.
func (x *exam) zone() *time.Location {
	name := x.text(fieldTimezone)
	if name == "" {
		return time.UTC
	}
	zone, ok := location(name)
	if !ok {
		x.fault(fieldTimezone.String(), timezoneUnknown, clip(name)+" isn't the name of a time zone, such as Europe/Berlin")
	}
	return zone
}
