package cleanse

const (
	doubledReading    = "doubled_reading"
	rateOfChange      = "rate_of_change"
	jumpAfterGap      = "jump_after_gap"
	flatLine          = "flat_line"
	sensorNoise       = "sensor_noise"
	sensorWarmUp      = "sensor_warm_up"
	sensorFirstDay    = "sensor_first_day"
	calibrationWindow = "calibration_window"
	compressionLow    = "compression_low"
	clockSkew         = ClockSkew
	longActingTwice   = "long_acting_twice"
	repeatedBolus     = "repeated_bolus"
	repeatedMeal      = "repeated_meal"
	dailyInsulin      = "daily_insulin"
	dailyCarbs        = "daily_carbs"
)

// ClockSkew is the flag of a reading by which a device's clock is known to be wrong.
const ClockSkew = "clock_skew"

// sequenceRules are of an event among a person's others. They flag and never
// drop: what came before can be wrong too, and who doses must see all of it.
var sequenceRules = []Rule{
	sequel(doubledReading, "glucose: time", "of a cgm is more than 20 s from any other reading of the sensor, or from an equal one of another", SeverityInfo, "H4",
		"AAPS: DOUBLED", Param{"within_s", 20, 1, 60}),
	sequel(rateOfChange, "glucose: value", "of a cgm changes by at most 6 mg/dL a minute from the reading 2.5 to 12 minutes before", SeverityWarning, "H4",
		"oref0: a single step above 30 mg/dL in 5 minutes is heavy noise", Param{"per_min", 6, 3, 10}),
	sequel(jumpAfterGap, "glucose: value", "of a cgm, after a gap of 12 to 60 minutes, differs by at most 3 mg/dL for each minute of it", SeverityWarning, "H4",
		"Dexcom's steepest arrow; oref0 and AAPS see a gap from 12 minutes on", Param{"per_min", 3, 2, 6}),
	sequel(flatLine, "glucose: value", "of a cgm varies by more than 2 mg/dL in any 45 minutes without a gap", SeverityWarning, "H4",
		"AAPS: FLAT; oref0 doesn't dose by 45 flat minutes", Param{"minutes", 45, 20, 120}, Param{"within_mgdl", 2, 0, 5}),
	sequel(sensorNoise, "glucose: value", "of a cgm, over 8 steps, zigzags less than twice the straight line (1 − straight ÷ walked at most 0.5)", SeverityWarning, "H4",
		"oref0, glucose-stats: above 0.5 is medium noise", Param{"over", 0.5, 0.35, 0.7}),
	sequel(sensorWarmUp, "glucose: time", "of a cgm is at least 2 hours after a note sensor-start", SeverityWarning, "H6",
		"the longest warm-up of a common sensor (Dexcom G6)", Param{"hours", 2, 0.5, 12}),
	sequel(sensorFirstDay, "glucose: time", "of a cgm is at least 12 hours after a note sensor-start, or after the sensor took over from another", SeverityInfo, "H6",
		"this project's: sensors are least accurate on their first day", Param{"hours", 12, 0, 24}),
	sequel(calibrationWindow, "glucose: time", "of a cgm is at least 15 minutes from a note calibration", SeverityInfo, "H6",
		"Loop leaves such readings out of momentum", Param{"minutes", 15, 5, 30}),
	sequel(compressionLow, "glucose: value", "of a cgm, between 22 and 8 o'clock where the person lives, doesn't lie a fifth or more below the level before a fall of 2 mg/dL a minute over 10 minutes within the hour, "+
		"unless 1 U or more of insulin was given in the 3 hours before", SeverityWarning, "H5", "Nocturne's compression lows, the half that is known at once", Param{"per_min", 2, 1, 4}),
	sequel(clockSkew, "glucose: time", "of a cgm isn't more than 10 minutes behind the log, or 1 minute ahead of it, by as much as the reading before that came apart from it", SeverityWarning, "H2",
		"hazard: clock skew", Param{"minutes", 10, 3, 60}),
	sequel(longActingTwice, "insulin: units", "of long-acting insulin are at least 18 hours from another dose of it", SeverityWarning, "H25",
		"hazard: long-acting insulin twice; for people who split it over morning and evening set hours to 8", Param{"hours", 18, 8, 23}),
	sequel(repeatedBolus, "insulin: units", "given at once aren't the same again within 3 minutes", SeverityWarning, "H7",
		"oref0 waits 3 minutes between boluses", Param{"minutes", 3, 1, 15}),
	sequel(repeatedMeal, "meal: carbs_g", "aren't the same again within 15 minutes", SeverityWarning, "H12",
		"hazard: carbs entered twice", Param{"minutes", 15, 5, 60}),
	sequel(dailyInsulin, "insulin: units", "are at most 200 U in 24 hours", SeverityWarning, "H9",
		"more is called severe insulin resistance", Param{"units", 200, 20, 300}),
	sequel(dailyCarbs, "meal: carbs_g", "are at most 1000 g in 24 hours", SeverityWarning, "H12",
		"four of the largest entries that Loop takes (250 g)", Param{"grams", 1000, 200, 2000}),
}

// sequel is a rule over a person's events.
func sequel(id, applies, checks, severity, hazard, source string, params ...Param) Rule {
	return Rule{ID: id, Applies: applies, Checks: checks, Action: ActionFlag, Severity: severity, Since: "3", Source: source, Hazard: hazard, Params: params}
}

// sequenceLimits are the numbers of sequenceRules, in microseconds, mg/dL a minute
// and thousandths.
type sequenceLimits struct {
	doubled, flatFor, warmUp, firstDay, calibration, skew int64
	longActing, bolusAgain, mealAgain                     int64
	dailyInsulin, dailyCarbs                              int64
	rate, jump, fall, flatWithin, noise                   float64
}

func limitsOf(rules []Rule) *sequenceLimits {
	value := func(id, name string, unit int64) float64 {
		for i := range rules {
			if rules[i].ID != id {
				continue
			}
			for _, p := range rules[i].Params {
				if p.Name == name {
					return p.Value * float64(unit)
				}
			}
		}
		panic("no rule " + id + " with a number " + name)
	}
	times := func(id, name string, unit int64) int64 { return int64(value(id, name, unit)) }
	const hour, thousandth = 60 * minute, 1000
	return &sequenceLimits{
		doubled: times(doubledReading, "within_s", micro), flatFor: times(flatLine, "minutes", minute),
		warmUp: times(sensorWarmUp, "hours", hour), firstDay: times(sensorFirstDay, "hours", hour),
		calibration: times(calibrationWindow, "minutes", minute), skew: times(clockSkew, "minutes", minute),
		longActing: times(longActingTwice, "hours", hour), bolusAgain: times(repeatedBolus, "minutes", minute),
		mealAgain: times(repeatedMeal, "minutes", minute), dailyInsulin: times(dailyInsulin, "units", thousandth),
		dailyCarbs: times(dailyCarbs, "grams", thousandth), rate: value(rateOfChange, "per_min", 1),
		jump: value(jumpAfterGap, "per_min", 1), fall: value(compressionLow, "per_min", 1),
		flatWithin: value(flatLine, "within_mgdl", 1), noise: value(sensorNoise, "over", 1),
	}
}
