package device

// entry reads a sensor's or meter's record. Its sgv and mbg are mg/dL, whatever unit
// the site shows; date, in milliseconds, is when.
func (p *nsPerson) entry(d draft, o object) {
	p.date(&d, o, "dateString", "sysTime")
	d.wire.Device = o.text("device")
	d.identified(o, "identifier", "_id")
	kind := o.text("type")
	switch {
	case o.has("sgv") && (kind == "sgv" || kind == ""):
		d.wire.Type, d.wire.Unit, d.wire.Source = "glucose", "mg/dL", "cgm"
		d.take(o, "sgv", "value", &d.wire.Value)
		d.coded(sensorCodes)
		d.wire.Trend = o.text("direction")
		if noise, ok := o.number("noise"); ok {
			d.keep("noise", noise)
		}
	case o.has("mbg"):
		d.wire.Type, d.wire.Unit, d.wire.Source = "glucose", "mg/dL", "fingerstick"
		d.take(o, "mbg", "value", &d.wire.Value)
	case kind == "":
		d.fault("an entry without a type and without sgv or mbg")
	default: // cal, etc: about the sensor
		d.wire.Code = plainCode("nightscout", kind)
	}
	p.add(d)
}

// date gives the draft its time: date if it is there, else the first of the stamps
// that is.
func (p *nsPerson) date(d *draft, o object, stamps ...string) {
	if ms, ok := o.number("date"); ok {
		d.milli(ms)
		return
	}
	if ms, ok := o.under("date").number("$numberLong"); ok {
		d.milli(ms)
		return
	}
	for _, name := range stamps {
		if text := o.text(name); text != "" {
			d.moment(text, p.zone)
			return
		}
	}
	d.adrift = true
	d.fault("no time: neither date nor %s", stamps[0])
}
