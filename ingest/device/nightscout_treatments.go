package device

import (
	"slices"
	"strings"
)

// treatment reads what was done: carbs, doses, and whatever else was logged. A meal
// stands before the dose for it.
func (p *nsPerson) treatment(base draft, o object) {
	if text := o.text("created_at"); text != "" {
		base.moment(text, p.zone)
	} else {
		p.date(&base, o, "timestamp", "eventTime")
	}
	base.identified(o, "identifier", "_id", "id", "syncIdentifier", "uuid")
	kind := o.text("eventType")
	base.wire.Device = o.text("enteredBy")
	var parts []draft
	add := func(fill func(d *draft)) {
		d := base
		d.extra = slices.Clone(base.extra)
		d.part = len(parts)
		fill(&d)
		parts = append(parts, d)
	}
	if eaten(o) {
		add(func(d *draft) { d.nsMeal(o) })
	}
	p.doses(kind, o, add)
	if o.has("glucose") && (kind == "BG Check" || o.text("glucoseType") == "Finger") {
		add(func(d *draft) { d.nsCheck(o) })
	}
	switch {
	case kind == "Profile Switch":
		add(func(d *draft) { p.switchTo(d, o) })
	case kind == "Exercise" && o.has("duration"):
		add(func(d *draft) {
			d.wire.Type, d.wire.Text = "activity", o.text("notes")
			d.take(o, "duration", "minutes", &d.wire.Minutes)
		})
	}
	if len(parts) == 0 {
		add(func(d *draft) { d.nsNote(kind, o) })
	}
	for _, d := range parts {
		p.add(d)
	}
}

func eaten(o object) bool {
	for _, name := range []string{"carbs", "protein", "fat"} {
		if v, ok := o.number(name); o.has(name) && (!ok || v != 0) {
			return true
		}
	}
	return false
}

// nsMeal reads carbs. "Carb Correction" isn't taken for the treatment of a low: Loop
// and its relatives log every meal so.
func (d *draft) nsMeal(o object) {
	d.wire.Type = "meal"
	d.take(o, "carbs", "carbs_g", &d.wire.CarbsG)
	d.take(o, "protein", "protein_g", &d.wire.ProteinG)
	d.take(o, "fat", "fat_g", &d.wire.FatG)
	d.wire.Text = o.text("foodType")
	if d.wire.Text == "" {
		d.wire.Text = o.text("notes")
	}
	if kind := o.text("eventType"); kind != "" {
		d.keep("event_type", kind)
	}
}

// nsCheck reads a meter's value. It has a unit or is of no use: sites show either.
func (d *draft) nsCheck(o object) {
	d.wire.Type, d.wire.Source = "glucose", "fingerstick"
	if o.text("glucoseType") == "Sensor" {
		d.wire.Source = "cgm"
	}
	d.wire.Unit = unitNamed(o.text("units"))
	if d.wire.Unit == "" {
		d.fault("units %q is neither mg/dl nor mmol", o.text("units"))
	}
	d.take(o, "glucose", "value", &d.wire.Value)
	d.coded(sensorCodes)
}

func (d *draft) nsNote(kind string, o object) {
	d.wire.Text = strings.TrimSpace(o.text("notes") + " " + o.text("reason"))
	if kind == "" {
		d.fault("a treatment without eventType, insulin or carbs")
		return
	}
	d.wire.Code = plainCode("nightscout", kind)
	if minutes, ok := o.number("duration"); ok && minutes > 0 {
		d.keep("for_min", minutes)
	}
}

// doses reads a bolus, what of a combo bolus flows later, and a temporary basal
// rate.
func (p *nsPerson) doses(kind string, o object, add func(func(*draft))) {
	switch {
	case kind == "Temp Basal", kind == "Suspend Pump", kind == "Resume Pump":
		add(func(d *draft) { p.temporary(d, kind, o) })
		return
	case kind == "Combo Bolus":
		comboDoses(o, add)
		return
	}
	if v, ok := o.number("insulin"); o.has("insulin") && (!ok || v != 0) {
		add(func(d *draft) {
			d.wire.Type, d.wire.Kind = "insulin", "rapid"
			d.take(o, "insulin", "units", &d.wire.Units)
			d.wire.Reason = bolusReason(kind, o)
			d.wire.Product = o.text("insulinType")
		})
	}
}

func bolusReason(kind string, o object) string {
	switch {
	case eaten(o), kind == "Meal Bolus", kind == "Snack Bolus":
		return "meal"
	case kind == "Correction Bolus":
		return "correction"
	}
	return ""
}

// comboDoses is a bolus of which splitNow % is given at once and splitExt % over
// duration minutes.
func comboDoses(o object, add func(func(*draft))) {
	add(func(d *draft) {
		d.wire.Type, d.wire.Kind, d.wire.Reason = "insulin", "rapid", "meal"
		d.take(o, "insulin", "units", &d.wire.Units)
		total, known := o.number("enteredinsulin")
		if now, ok := o.number("splitNow"); ok && known && d.wire.Units == nil {
			units := micro(total * now / 100)
			d.wire.Units = &units
		}
	})
	total, known := o.number("enteredinsulin")
	later, ok := o.number("splitExt")
	if !known || !ok || later == 0 {
		return
	}
	add(func(d *draft) {
		units := micro(total * later / 100)
		d.wire.Type, d.wire.Kind, d.wire.Reason, d.wire.Units = "insulin", "rapid", "meal", &units
		d.take(o, "duration", "duration_min", &d.wire.DurationMin)
		if d.wire.DurationMin == nil {
			d.fault("a combo bolus whose later part has no duration")
		}
	})
}
