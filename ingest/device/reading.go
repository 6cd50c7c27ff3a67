package device

import (
	"strings"
)

// lowest is the least that a sensor reports as a number, in mg/dL: Dexcom stores 39
// for LOW, Libre and Medtronic begin at 40. Below stand error codes.
const lowest = 39

// beyond are the words of sensors and meters for glucose out of their range.
var beyond = map[string]string{"low": "LOW", "lo": "LOW", "high": "HIGH", "hi": "HIGH"}

// reading fills the draft with what a sensor or meter showed.
//
// A sensor's word for what is beyond its range travels as LOW or HIGH in the
// number's place, as cleansing knows it. A meter's word is a defect: the wire has
// no such reading from a meter. A sensor's number below 39 mg/dL is an error code
// and no glucose.
func (d *draft) reading(text, unit, source string) {
	d.wire.Type, d.wire.Unit, d.wire.Source = "glucose", unit, source
	if word, ok := beyond[strings.ToLower(text)]; ok {
		d.limit(word)
		return
	}
	d.amount("value", text, &d.wire.Value)
	d.coded(sensorCodes)
}

// limit is a reading beyond the range of what took it: LOW or HIGH.
func (d *draft) limit(word string) {
	d.keep("value", word)
	if d.wire.Source != "cgm" {
		d.fault("the meter shows %s, a limit and not a number", word)
	}
}

// sensorCodes are what Nightscout and xDrip store in a reading's place.
var sensorCodes = map[float64]string{
	1: "sensor not active", 2: "minimal deviation", 3: "no antenna", 5: "not calibrated", 6: "counts deviation",
	9: "absolute deviation", 10: "power deviation", 12: "bad signal", 38: "sensor error",
}

// coded makes a sensor's number below its range a defect.
func (d *draft) coded(codes map[float64]string) {
	w := &d.wire
	if w.Source != "cgm" || w.Value == nil {
		return
	}
	switch v := *w.Value; {
	case w.Unit == "mg/dL" && v < lowest:
		if what, ok := codes[v]; ok {
			d.fault("value %v mg/dL is a sensor's error code: %s", v, what)
			return
		}
		d.fault("value %v mg/dL is below %d, where sensors report error codes", v, lowest)
	case w.Unit == "mmol/L" && v*mgdlPerMmol < lowest-0.5: // 39 mg/dL is 2.16 mmol/L, told as 2.2
		d.fault("value %v mmol/L is below 2.2, where sensors report error codes", v)
	}
}

// mgdlPerMmol converts mmol/L of glucose to mg/dL (molar mass 180.1559 g/mol).
const mgdlPerMmol = 18.01559

// unitNamed is the wire's word for a unit as sources spell it; empty if unknown.
func unitNamed(text string) string {
	switch strings.ToLower(strings.TrimSpace(text)) {
	case "mg/dl", "mgdl":
		return "mg/dL"
	case "mmol/l", "mmol", "mmoll":
		return "mmol/L"
	}
	return ""
}

// amount is number, but also takes the decimal comma of exports from half of
// Europe: one comma, followed by one or two digits. Before three digits a comma may
// part the thousands instead, and is a defect.
func (d *draft) amount(name, text string, where **float64) {
	if whole, part, ok := strings.Cut(text, ","); ok && (len(part) == 1 || len(part) == 2) && !strings.Contains(whole, ".") {
		if _, plain := decimal(whole + "." + part); plain {
			text = whole + "." + part
		}
	}
	d.number(name, text, where)
}
