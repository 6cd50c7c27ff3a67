package cleanse

import "math"

// What a sensor can measure, and how it says that glucose is beyond it. (Dexcom
// stores 39 for LOW and 401 for HIGH.)
const (
	lowLimit  MgdL = 39
	highLimit MgdL = 401
)

var (
	units   = vocabulary{missing: unitMissing, unknown: unitUnknown, words: []string{"mg/dL", "mmol/L"}}
	sources = vocabulary{missing: sourceMissing, unknown: sourceUnknown, words: []string{"cgm", "fingerstick", "lab"}}

	mgdlLimit  = limit{rule: valueRange, low: 0, above: true, high: 1000, unit: "mg/dL"}
	mmollLimit = limit{rule: valueRange, low: 0, above: true, high: 55, unit: "mmol/L"}
)

// glucose fills the reading.
func (x *exam) glucose() {
	e := x.event
	e.Source = x.requiredOneOf(fieldSource, sources)
	e.Glucose.Trend = x.trend()
	unit := x.unit()
	if special := x.word(); special != Measured && e.Source != "fingerstick" && e.Source != "lab" {
		e.Glucose.MgdL = lowLimit
		if special == High {
			e.Glucose.MgdL = highLimit
		}
		x.special(special)
		return
	}
	if !x.given(fieldValue) {
		x.fault(fieldValue.String(), valueMissing, "required")
		return
	}
	x.measured(unit)
}

// measured fills the value, given as a number in unit.
func (x *exam) measured(unit string) {
	l := mgdlLimit
	if unit == "mmol/L" {
		l = mmollLimit
	}
	if unit == "" {
		l.high = math.Inf(1) // what is too high isn't known without the unit
	}
	v := x.number(fieldValue, l)
	if !v.OK || unit == "" {
		return
	}
	if rule, note := implausible(v.V, unit, x.event.Source); rule != "" {
		x.fault(fieldValue.String(), rule, note)
		return
	}
	g := &x.event.Glucose
	g.MgdL = MgdL(v.V)
	if unit == "mmol/L" {
		g.MgdL = MgdL(v.V * MgdLPerMmolL)
	}
	if x.event.Source == "cgm" {
		x.special(specialOf(g.MgdL))
	}
}

// special notes that the value is a sensor's limit, if it is.
func (x *exam) special(s Special) {
	x.event.Glucose.Special = s
	switch s {
	case Low:
		x.flags |= isLow
	case High:
		x.flags |= isHigh
	}
}

// specialOf tells a sensor's limits from what it measured.
func specialOf(v MgdL) Special {
	switch {
	case v <= lowLimit:
		return Low
	case v >= highLimit:
		return High
	}
	return Measured
}

// word is how a sensor's reading spells LOW or HIGH in place of a number.
func (x *exam) word() Special {
	t := x.fields[fieldValue]
	if t.form != plainText {
		return Measured
	}
	switch string(x.of(t)) {
	case "LOW", "Low", "low":
		return Low
	case "HIGH", "High", "high":
		return High
	}
	return Measured
}

// unit is mg/dL or mmol/L, which are also accepted in lower case.
func (x *exam) unit() string {
	if t := x.fields[fieldUnit]; t.form == plainText {
		switch string(x.of(t)) {
		case "mg/dL", "mg/dl":
			return "mg/dL"
		case "mmol/L", "mmol/l":
			return "mmol/L"
		}
	}
	return x.requiredOneOf(fieldUnit, units)
}

// trends are the arrows, up to doubleDown.
var trends = [...]string{"flat", "fortyFiveUp", "fortyFiveDown", "singleUp", "singleDown", "doubleUp", "doubleDown"}

// trend is the sensor's arrow. Dexcom and Nightscout begin it with a capital. An
// arrow that isn't known (NONE, NOT COMPUTABLE, a number) says nothing, and the
// reading beside it is as good as ever: it counts as absent.
func (x *exam) trend() string {
	t := x.fields[fieldTrend]
	if t.form == absent || x.isEmpty(fieldTrend) {
		return ""
	}
	s := x.of(t)
	for _, word := range trends {
		if t.form == plainText && len(s) == len(word) && s[0]|0x20 == word[0] && string(s[1:]) == word[1:] {
			return word
		}
	}
	x.flags |= hasOddTrend
	return ""
}
