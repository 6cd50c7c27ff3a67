package cleanse

const (
	valueMissing     = "value_missing"
	valueRange       = "value_range"
	valueImplausible = "value_implausible"
	unitMissing      = "unit_missing"
	unitUnknown      = "unit_unknown"
	unitSlip         = "unit_slip"
	sourceMissing    = "source_missing"
	sourceUnknown    = "source_unknown"
	cgmErrorCode     = "cgm_error_code"
	cgmLow           = "cgm_low"
	cgmHigh          = "cgm_high"
	trendUnknown     = "trend_unknown"
)

// glucoseRules are of glucose readings.
var glucoseRules = []Rule{
	needed(sourceMissing, "glucose: source"),
	worded(sources, "glucose: source", "the wire event"),
	against("H13", needed(unitMissing, "glucose: unit")),
	against("H13", worded(units, "glucose: unit", "hazard: unit confusion; units are never guessed")),
	needed(valueMissing, "glucose: value"),
	quarantineSlip(valueRange, "glucose: value", "is "+mgdlLimit.String()+" or "+mmollLimit.String(), "Tidepool storage ranges"),
	against("H3", quarantineSlip(cgmErrorCode, "glucose: value", "of a cgm in mg/dL isn't one of the codes 1 to 12", "Nightscout error codes")),
	against("H13", quarantine(unitSlip, "glucose: value", "isn't of the other unit. In mg/dL: not 2 to 30 (cgm), nor 2 to 18 or with decimals up to 30 (fingerstick, lab). In mmol/L: at most 30 (cgm) or 33.4 (fingerstick)", "hazard: unit confusion; sensors end at 500 mg/dL, meters at 600")),
	quarantineSlip(valueImplausible, "glucose: value", "is at least 20 mg/dL (cgm) or 10 mg/dL (fingerstick, lab)", "Loop takes manual readings of 10 to 600 mg/dL; sensors begin at 36 to 40"),
	against("H3", flagging(cgmLow, "glucose: value", "of a cgm is above 39 mg/dL and not LOW; else it is a limit, not a measurement", "Dexcom: LOW is stored as 39")),
	against("H3", flagging(cgmHigh, "glucose: value", "of a cgm is below 401 mg/dL and not HIGH; else it is a limit, not a measurement", "Dexcom: HIGH is stored as 401")),
	cleaned(flagging(trendUnknown, "glucose: trend", "is flat, fortyFiveUp, singleUp, doubleUp or …Down, with a small or capital first letter; else it counts as absent", "arrows of Dexcom and Nightscout; NONE, NOT COMPUTABLE and RATE OUT OF RANGE say nothing")),
}
