package nightscout

import (
	"github.com/titrate/titrate/ingest"
)

// treatment is what was eaten, given, measured or done. A meal stands before the
// dose for it.
func treatment(f fields, until int64) (all []ingest.Wire) {
	kind := f.text("eventType")
	add := func(fill func(*ingest.Wire)) {
		w := stamped(f)
		w.Device = clip(f.text("enteredBy"), maxName)
		fill(&w)
		all = append(all, w)
	}
	if f.says("carbs") || f.says("protein") || f.says("fat") {
		add(func(w *ingest.Wire) { meal(w, f) })
	}
	switch {
	case kind == "Combo Bolus" && f.says("enteredinsulin"):
		combo(f, add)
	case f.says("insulin"):
		add(func(w *ingest.Wire) {
			w.Type, w.Kind, w.Reason = "insulin", "rapid", reason(kind, f)
			w.Product = clip(f.text("insulinType"), maxName)
			take(w, f, "insulin", &w.Units)
		})
	}
	if kind == "Temp Basal" && f.says("duration") && (f["absolute"] != nil || f["rate"] != nil) {
		add(func(w *ingest.Wire) { temporary(w, f, until) })
	}
	if f.says("glucose") && (kind == "BG Check" || f.text("glucoseType") == "Finger") {
		add(func(w *ingest.Wire) { check(w, f) })
	}
	switch chosen := switched(f); {
	case kind == "Profile Switch" && chosen != nil:
		add(func(w *ingest.Wire) { settings(w, chosen, f.text("units"), share(f)) })
	case kind == "Exercise" && f.says("duration"):
		add(func(w *ingest.Wire) {
			w.Type = "activity"
			take(w, f, "duration", &w.Minutes)
		})
	}
	if len(all) == 0 {
		add(func(w *ingest.Wire) {
			w.Type, w.Code = "note", code("nightscout", kind)
			w.Text = clip(f.text("notes"), maxText)
		})
	}
	return all
}

// meal stands at created_at also where preBolus says that it is eaten later: an
// event of the future would be quarantined, and its carbs with it.
func meal(w *ingest.Wire, f fields) {
	w.Type = "meal"
	take(w, f, "carbs", &w.CarbsG)
	take(w, f, "protein", &w.ProteinG)
	take(w, f, "fat", &w.FatG)
}

func reason(kind string, f fields) string {
	switch {
	case f.says("carbs"), kind == "Meal Bolus", kind == "Snack Bolus", kind == "Combo Bolus":
		return "meal"
	case kind == "Correction Bolus":
		return "correction"
	}
	return ""
}

// combo is a bolus of which splitNow % is given at once and splitExt % over
// duration minutes. insulin, where it is given, is what is given at once.
func combo(f fields, add func(func(*ingest.Wire))) {
	total, known := f.number("enteredinsulin")
	part := func(w *ingest.Wire, name string) {
		w.Type, w.Kind, w.Reason = "insulin", "rapid", "meal"
		percent, ok := f.number(name)
		if !ok || !known {
			fault(w, name+" or enteredinsulin isn't a number")
			return
		}
		units := rounded(total * percent / 100)
		w.Units = &units
	}
	if f.says("splitNow") || f.says("insulin") {
		add(func(w *ingest.Wire) {
			part(w, "splitNow")
			if f.says("insulin") {
				w.Defect = ""
				take(w, f, "insulin", &w.Units)
			}
		})
	}
	if f.says("splitExt") {
		add(func(w *ingest.Wire) {
			part(w, "splitExt")
			if take(w, f, "duration", &w.DurationMin); w.DurationMin == nil {
				fault(w, "a combo bolus whose later part has no duration")
			}
		})
	}
}

// temporary is a rate in U/h for duration minutes, or until the next rate ended it.
func temporary(w *ingest.Wire, f fields, until int64) {
	w.Type, w.Kind, w.Reason = "insulin", "rapid", "basal"
	name := "absolute"
	if f[name] == nil {
		name = "rate"
	}
	take(w, f, "duration", &w.DurationMin)
	take(w, f, name, &w.Units)
	if w.Units == nil || w.DurationMin == nil {
		fault(w, "a temporary rate whose "+name+" or duration isn't a number")
		return
	}
	if at, ok := moment(w.Time); ok && until > 0 {
		*w.DurationMin = min(*w.DurationMin, float64(until-at.UnixMilli())/60_000)
	}
	*w.Units = rounded(*w.Units * *w.DurationMin / 60)
}

// check is a meter's value. Without units it is quarantined: sites show either.
func check(w *ingest.Wire, f fields) {
	w.Type, w.Source, w.Unit = "glucose", "fingerstick", unit(f.text("units"))
	if f.text("glucoseType") == "Sensor" {
		w.Source = "cgm"
	}
	take(w, f, "glucose", &w.Value)
}
