package cleanse

import "math"

const (
	// Sensors report nothing below 36 to 40 mg/dL; what claims to be less than 20
	// is a code or a slip.
	sensorFloor MgdL = 20
	// Meters report nothing below 10 to 20 mg/dL.
	meterFloor MgdL = 10
	// A value in this range labelled mg/dL is what the same person would read in
	// mmol/L.
	slipLow, slipHigh = 2, 30
	// No sensor measures above 500 mg/dL (27.8 mmol/L), no meter above 600
	// (33.3): what is labelled mmol/L and above is mg/dL, and a low at that.
	sensorCeiling, meterCeiling = 30, 33.4
)

// implausible tells which rule a value in the storage range breaks because it
// can't have been measured by source in unit, and why; empty if none.
func implausible(v float64, unit, source string) (rule, note string) {
	mgdl := MgdL(v)
	if unit == "mmol/L" {
		mgdl = MgdL(v * MgdLPerMmolL)
	}
	floor := meterFloor
	if source == "cgm" {
		floor = sensorFloor
	}
	switch {
	case unit == "mg/dL" && source == "cgm" && isErrorCode(v):
		return cgmErrorCode, decimal(v) + " is a sensor's error code, or mmol/L labelled mg/dL"
	case unit == "mg/dL" && looksMolar(v, source):
		return unitSlip, decimal(v) + " mg/dL looks like mmol/L"
	case unit == "mmol/L" && looksMass(v, source):
		return unitSlip, decimal(v) + " mmol/L looks like mg/dL"
	case mgdl < floor:
		return valueImplausible, decimal(v) + " " + unit + " is below what is ever measured, " + decimal(float64(floor)) + " mg/dL"
	}
	return "", ""
}

// isErrorCode reports whether v is one of the codes that Nightscout and xDrip put
// in a reading's place: 1 sensor not active, 2 minimal deviation, 3 no antenna,
// 5 not calibrated, 6 counts deviation, 9 absolute deviation, 10 power deviation,
// 12 bad signal; or a number between them.
func isErrorCode(v float64) bool { return v >= 1 && v <= 12 && v == math.Trunc(v) }

// looksMolar reports whether v mg/dL is likely mmol/L. Meters have measured 19 to
// 30 mg/dL in people who lived; mg/dL comes in whole numbers, and nobody is awake
// below 1 mmol/L.
func looksMolar(v float64, source string) bool {
	if v < slipLow || v > slipHigh {
		return false
	}
	return source == "cgm" || v < MgdLPerMmolL || v != math.Trunc(v)
}

// looksMass reports whether v mmol/L is likely mg/dL. A laboratory can measure
// what no device can.
func looksMass(v float64, source string) bool {
	return source == "cgm" && v > sensorCeiling || source == "fingerstick" && v > meterCeiling
}
