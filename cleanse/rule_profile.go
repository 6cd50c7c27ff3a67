package cleanse

const (
	diabetesUnknown = "diabetes_unknown"
	regimenUnknown  = "regimen_unknown"
	birthYearRange  = "birth_year_range"
	weightRange     = "weight_range"
	scheduleInvalid = "schedule_invalid"
	icrRange        = "icr_range"
	isfRange        = "isf_range"
	targetRange     = "target_range"
	targetOrder     = "target_order"
	basalRange      = "basal_range"
	maxBolusRange   = "max_bolus_range"
	doseStepRange   = "dose_step_range"
	diaRange        = "dia_range"
	timezoneUnknown = "timezone_unknown"
)

// profileRules are of therapy settings. They keep out what no person's settings
// are; how much may be dosed by them is for predict to say.
var profileRules = []Rule{
	quarantineSlip(birthYearRange, "profile: birth_year", "is a whole year within 1900 to the year of the profile", "a life"),
	ranged(weightLimit, "profile: weight_kg", "newborns to the heaviest adults"),
	worded(diabetes, "profile: diabetes", "the wire event"),
	worded(regimens, "profile: regimen", "the wire event"),
	quarantine(scheduleInvalid, "profile: icr_g_per_u, isf_mgdl_per_u, target_low_mgdl, target_high_mgdl, basal_u_per_day", "is a number, or steps with start (hh:mm, each after the one before) and value", "the wire event"),
	against("H14", ranged(icrLimit, "profile: icr_g_per_u", "Loop guardrails")),
	against("H14", ranged(isfLimit, "profile: isf_mgdl_per_u", "Loop guardrails")),
	ranged(targetLimit, "profile: target_low_mgdl, target_high_mgdl", "Loop guardrails, widened to 60 and 250 mg/dL (suspend, workout)"),
	against("H14", quarantine(targetOrder, "profile: target_low_mgdl, target_high_mgdl", "have low at or below high at every time of day", "the wire event")),
	ranged(basalLimit, "profile: basal_u_per_day", "Tidepool storage ranges (dose, widened for severe insulin resistance)"),
	ranged(maxBolusLimit, "profile: max_bolus_u", "Tidepool storage ranges"),
	ranged(stepLimit, "profile: dose_step_u", "pumps and pens deliver steps of 0.025 to 5 U"),
	ranged(diaLimit, "profile: dia_min", "Tidepool storage ranges (10 h); none is shorter than 2 h"),
	against("H18", quarantine(timezoneUnknown, "profile: timezone", "is the name of a zone in the IANA database", "hazard: time zone, daylight saving, travel")),
}
