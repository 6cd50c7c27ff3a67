package device

import (
	"encoding/json"
	"slices"
	"strings"
)

// tideSettings reads a pump's settings: the active basal schedule, and the others by
// its name or, of pumps with one of each, alone.
func (d *draft) tideSettings(o object) {
	w := &d.wire
	w.Type, w.Regimen, w.Timezone = "profile", "pump", o.text("timezone")
	active := o.text("activeSchedule")
	w.BasalUPerDay = d.tideSteps(o.under("basalSchedules")[active], "rate", 24)
	w.ICR = d.tideSteps(alone(o, "carbRatio", active), "amount", 1)
	factor, ok := tideFactor(o)
	if !ok {
		d.fault("settings in units of glucose that aren't mg/dL nor mmol/L, so sensitivity and targets aren't known")
		return
	}
	w.ISF = d.tideSteps(alone(o, "insulinSensitivity", active), "amount", factor)
	targets := alone(o, "bgTarget", active)
	w.TargetLow = d.tideSteps(targets, "low", factor)
	w.TargetHigh = d.tideSteps(targets, "high", factor)
	if w.TargetLow == nil { // one target in place of a range
		w.TargetLow = d.tideSteps(targets, "target", factor)
		w.TargetHigh = w.TargetLow
	}
}

// tideFactor brings the settings' glucose to mg/dL; stored settings are mmol/L
// unless they say otherwise.
func tideFactor(o object) (float64, bool) {
	unit := o.under("units").text("bg")
	if unit == "" {
		return mgdlPerMmol, true
	}
	f, ok := map[string]float64{"mg/dL": 1, "mmol/L": mgdlPerMmol}[unitNamed(unit)]
	return f, ok
}

// alone is a setting that some pumps have once, and others by name of a schedule.
func alone(o object, name, active string) json.RawMessage {
	if o.has(name) {
		return o[name]
	}
	return o.under(name + "s")[active]
}

// tideSteps is a setting through the day as the wire's schedule; nil if no step has
// the field.
func (d *draft) tideSteps(raw json.RawMessage, field string, factor float64) json.RawMessage {
	var all []step
	for _, s := range listOf(raw) {
		v, ok := s.number(field)
		start, timed := s.number("start")
		if !s.has(field) {
			continue
		}
		if !ok || !timed || start < 0 || start >= 86_400_000 {
			d.fault("a step of settings at %s with %s %s isn't a time of day and a number", s["start"], field, s[field])
			return nil
		}
		all = append(all, step{clockOf(start), rounded(v * factor)})
	}
	slices.SortStableFunc(all, func(a, b step) int { return strings.Compare(a.Start, b.Start) })
	return schedule(all)
}
