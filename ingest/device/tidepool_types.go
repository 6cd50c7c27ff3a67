package device

import "time"

// tideGlucose reads a sensor's or meter's value: mmol/L, unless units says
// otherwise. Beyond the device's range the value is the limit, and an annotation
// says so.
func (d *draft) tideGlucose(o object, source string) {
	d.wire.Type, d.wire.Source, d.wire.Unit = "glucose", source, "mmol/L"
	if o.has("units") {
		d.wire.Unit = unitNamed(o.text("units"))
		if d.wire.Unit == "" {
			d.keep("units_given", o.text("units"))
			d.fault("units %q is neither mg/dL nor mmol/L", o.text("units"))
		}
	}
	for _, a := range listOf(o["annotations"]) {
		if word, ok := beyond[a.text("value")]; ok && a.text("code") == "bg/out-of-range" && source == "cgm" {
			d.limit(word)
			return
		}
	}
	d.take(o, "value", "value", &d.wire.Value)
	d.coded(sensorCodes)
}

// milliseconds is a duration of Tidepool in minutes.
func (o object) milliseconds(name string) *float64 {
	ms, ok := o.number(name)
	if !ok {
		return nil
	}
	return ptr(micro(ms / 60_000))
}

// tideBolus reads a bolus: what was given at once, and what flowed over duration.
// Only what was delivered counts, not what was expected.
func tideBolus(d *draft, o object, also func(func(*draft))) {
	parts := bolusParts(o)
	parts[0](d)
	for _, part := range parts[1:] {
		also(part)
	}
}

// bolusParts are the fills of the doses of one bolus, at least one.
func bolusParts(o object) (parts []func(*draft)) {
	if o.has("normal") || !o.has("extended") {
		parts = append(parts, func(d *draft) {
			d.wire.Type, d.wire.Kind = "insulin", "rapid"
			d.take(o, "normal", "units", &d.wire.Units)
		})
	}
	if o.has("extended") {
		parts = append(parts, func(d *draft) {
			d.wire.Type, d.wire.Kind = "insulin", "rapid"
			d.take(o, "extended", "units", &d.wire.Units)
			d.wire.DurationMin = o.milliseconds("duration")
			if d.wire.DurationMin == nil {
				d.fault("an extended bolus without a duration")
			}
		})
	}
	return parts
}

// tideWizard reads the carbs that were given to a calculator. Its bolus is an item of
// its own, named by id; older exports have it nested, and there alone.
func tideWizard(d *draft, o object, also func(func(*draft))) {
	carbs, given := o.number("carbInput")
	var doses []func(*draft)
	if nested := o.under("bolus"); nested != nil {
		doses = bolusParts(nested)
	}
	for i, dose := range doses {
		doses[i] = func(d *draft) {
			dose(d)
			d.wire.Reason = map[bool]string{true: "meal", false: "correction"}[carbs > 0]
		}
	}
	if !o.has("carbInput") || given && carbs == 0 && len(doses) > 0 {
		doses[0](d)
		doses = doses[1:]
	} else {
		d.wire.Type = "meal"
		d.take(o, "carbInput", "carbs_g", &d.wire.CarbsG)
		if o.text("carbUnits") == "exchanges" {
			d.wire.CarbsG = nil
			d.fault("carbs in exchanges: how many grams one has isn't said")
		}
	}
	for _, dose := range doses {
		also(dose)
	}
}

// nothing reports whether a calculator's item says nothing but what its bolus says.
func nothing(o object) bool {
	carbs, given := o.number("carbInput")
	return o.under("bolus") == nil && (!o.has("carbInput") || given && carbs == 0)
}

// tideBasal reads a stretch of basal insulin as it was delivered.
func (d *draft) tideBasal(o object) {
	d.wire.Type, d.wire.Kind, d.wire.Reason = "insulin", "rapid", "basal"
	d.wire.DurationMin = o.milliseconds("duration")
	rate, ok := o.number("rate")
	if o.text("deliveryType") == "suspend" {
		rate, ok = 0, true
	}
	d.keep("delivery", o.text("deliveryType"))
	switch {
	case !ok:
		d.fault("basal insulin without a rate")
	case d.wire.DurationMin == nil:
		d.fault("basal insulin without a duration")
	default:
		d.wire.Units = ptr(micro(rate * *d.wire.DurationMin / 60))
		d.keep(rateField, rate)
	}
}

// tidePen reads a dose by pen or syringe.
func (d *draft) tidePen(o object) {
	d.wire.Type = "insulin"
	dose := o.under("dose")
	d.take(dose, "total", "units", &d.wire.Units)
	simple := o.under("formulation").under("simple")
	d.wire.Kind, d.wire.Product = simple.text("actingType"), simple.text("brand")
	if meal, ok := dose.number("food"); ok && meal > 0 {
		d.wire.Reason = "meal"
	}
}

func (d *draft) tideFood(o object) {
	d.wire.Type = "meal"
	d.wire.Meal, d.wire.Text = o.text("meal"), o.text("name")
	n := o.under("nutrition")
	d.take(n.under("carbohydrate"), "net", "carbs_g", &d.wire.CarbsG)
	d.take(n.under("protein"), "total", "protein_g", &d.wire.ProteinG)
	d.take(n.under("fat"), "total", "fat_g", &d.wire.FatG)
	d.take(n.under("carbohydrate"), "dietaryFiber", "fibre_g", &d.wire.FibreG)
	energy := n.under("energy")
	d.take(energy, "value", "kcal", &d.wire.Kcal)
	if d.wire.Kcal == nil {
		return
	}
	switch energy.text("units") {
	case "kilocalories", "Calories":
	case "kilojoules":
		*d.wire.Kcal = micro(*d.wire.Kcal / 4.184)
	case "joules":
		*d.wire.Kcal = micro(*d.wire.Kcal / 4184)
	default:
		d.keep("energy", *d.wire.Kcal)
		d.wire.Kcal = nil
		d.fault("energy in %q", energy.text("units"))
	}
}

func (d *draft) tideActivity(o object) {
	d.wire.Type, d.wire.Text = "activity", o.text("name")
	d.wire.Intensity = efforts[o.text("reportedIntensity")]
	each, ok := map[string]float64{"hours": 60, "minutes": 1, "seconds": 1.0 / 60}[o.under("duration").text("units")]
	v, given := o.under("duration").number("value")
	switch {
	case ok && given:
		d.wire.Minutes = ptr(micro(v * each))
	case given:
		d.fault("a duration in %q", o.under("duration").text("units"))
	}
}

// tideDevice reads what a device did: a calibration is a reading of a meter.
func (d *draft) tideDevice(o object) {
	sub := o.text("subType")
	if sub == "calibration" && o.has("value") {
		d.tideGlucose(o, "fingerstick")
		d.keep("note", "calibration")
		return
	}
	d.wire.Code = plainCode("tidepool", sub, o.text("alarmType"), o.text("status"))
	if minutes := o.milliseconds("duration"); minutes != nil {
		d.keep("for_min", *minutes)
	}
}

func (d *draft) tideNote(o object, kind string) {
	d.wire.Code = plainCode("tidepool", kind)
	d.wire.Text = o.text("text")
	for _, s := range listOf(o["states"]) {
		d.wire.Code += "-" + plainCode(s.text("state"))
	}
}

// clockOf is milliseconds after midnight as a time of day.
func clockOf(ms float64) string {
	return time.UnixMilli(int64(ms)).UTC().Format("15:04")
}
