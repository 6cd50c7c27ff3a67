package feature

const (
	horizons = len(Horizons)
	lags     = len(lagMinutes)
)

// lagMinutes are the minutes before the newest reading of which the vector tells
// how glucose differed from it.
var lagMinutes = [...]float64{5, 10, 15, 20, 30, 45, 60, 90, 120, 150}

// The places in a Vector. Those before Inputs describe the person and the
// moment; those from Inputs on are what the physiological part of a model needs
// per horizon.
const (
	Glucose = iota            // newest reading, mg/dL
	Age                       // its age, minutes
	Clipped                   // −1 LOW, 1 HIGH
	Meter                     // 1 if it is not from a sensor
	Lag                       // glucose some minutes before it, less Glucose; see lagMinutes
	Trend   = iota + lags - 1 // Slope, 0 if not ok
	TrendOK
	Drive     // Trend, less what insulin and carbs on board explain, mg/dL per minute
	Mean3h    // less Glucose
	Spread3h  // standard deviation, mg/dL
	Covered3h // share of three hours with readings
	MeanWeek  // less Glucose
	SpreadWeek
	Noise         // of the sensor: 0 glucose goes straight, 1 it zigzags
	Jump          // largest step between neighbours of the last 45 minutes, mg/dL
	Unsettled     // 1 if the newest reading says nothing of a trend: calibration, warm-up, LOW, HIGH
	Stuck         // 1 if readings hardly moved for 45 minutes
	Unexplained   // change of the last half hour that insulin and carbs on board don't explain, mg/dL
	Unexplained1h // of the last hour
	IOB           // units
	Activity      // units per hour
	IOBEffect     // IOB × ISF, mg/dL
	LastBolus     // newest bolus, units
	LastBolusEbb
	COB       // grams
	Uptake    // grams per hour
	COBEffect // COB × CSF, mg/dL
	LastMeal  // newest counted meal, grams
	LastMealEbb
	UncountedEbb // meals logged without grams
	Balance      // what the carbs of the last 8 hours raise less what the boluses lower, mg/dL
	LongAge      // hours since long-acting insulin, at most 48
	LongUnits
	Daily      // insulin per day over a week, units; 0 if unknown
	DailyRatio // last 24 hours against it
	DaySin     // time of day in the person's zone
	DayCos
	HalfDaySin
	HalfDayCos
	Weekend
	WeekSin // day of the week in the person's zone
	WeekCos
	Years    // of life, 0 if unknown
	Weight   // kg, 0 if unknown
	Type2    // 1 type 2
	Pump     // 1 on a pump
	Exertion // recent exercise, minutes × intensity, ebbing away over 2 hours
	Told     // 1 if the profile gave ICR and ISF
	ISF      // mg/dL per unit, of the settings, else estimated
	CSF      // mg/dL per gram: ISF / ICR

	Inputs
	Used     = Inputs              // units on board that will have acted by a horizon
	Eaten    = Used + horizons     // grams on board that will have been absorbed by a horizon
	UnitUsed = Eaten + horizons    // fraction of a unit given now that will have acted
	Size     = UnitUsed + horizons // of a Vector
)

// Vector is a person's recent past in numbers; see the constants for what is
// where. All are finite.
type Vector [Size]float64

// Names tells what each place of a Vector holds.
var Names = [Size]string{
	Glucose: "glucose_mgdl", Age: "age_min", Clipped: "clipped", Meter: "meter",
	Trend: "trend", TrendOK: "trend_ok", Drive: "drive",
	Mean3h: "mean_3h", Spread3h: "spread_3h", Covered3h: "covered_3h",
	MeanWeek: "mean_week", SpreadWeek: "spread_week",
	Noise: "noise", Jump: "jump", Unsettled: "unsettled", Stuck: "stuck",
	Unexplained: "unexplained_30", Unexplained1h: "unexplained_60",
	IOB: "iob_u", Activity: "activity_u_per_h", IOBEffect: "iob_mgdl",
	LastBolus: "last_bolus_u", LastBolusEbb: "last_bolus_ebb",
	COB: "cob_g", Uptake: "uptake_g_per_h", COBEffect: "cob_mgdl",
	LastMeal: "last_meal_g", LastMealEbb: "last_meal_ebb", UncountedEbb: "uncounted_meal_ebb", Balance: "balance_mgdl",
	LongAge: "long_age_h", LongUnits: "long_u", Daily: "daily_u", DailyRatio: "daily_ratio",
	DaySin: "day_sin", DayCos: "day_cos", HalfDaySin: "half_day_sin", HalfDayCos: "half_day_cos",
	Weekend: "weekend", WeekSin: "week_sin", WeekCos: "week_cos", Years: "years", Weight: "weight_kg", Type2: "type2", Pump: "pump",
	Exertion: "exertion", Told: "settings_told", ISF: "isf", CSF: "csf",

	Lag: "lag_5", Lag + 1: "lag_10", Lag + 2: "lag_15", Lag + 3: "lag_20", Lag + 4: "lag_30",
	Lag + 5: "lag_45", Lag + 6: "lag_60", Lag + 7: "lag_90", Lag + 8: "lag_120", Lag + 9: "lag_150",

	Used: "used_5", Used + 1: "used_15", Used + 2: "used_30", Used + 3: "used_45",
	Used + 4: "used_60", Used + 5: "used_90", Used + 6: "used_120", Used + 7: "used_150",
	Used + 8: "used_180", Used + 9: "used_210", Used + 10: "used_240",

	Eaten: "eaten_5", Eaten + 1: "eaten_15", Eaten + 2: "eaten_30", Eaten + 3: "eaten_45",
	Eaten + 4: "eaten_60", Eaten + 5: "eaten_90", Eaten + 6: "eaten_120", Eaten + 7: "eaten_150",
	Eaten + 8: "eaten_180", Eaten + 9: "eaten_210", Eaten + 10: "eaten_240",

	UnitUsed: "unit_used_5", UnitUsed + 1: "unit_used_15", UnitUsed + 2: "unit_used_30",
	UnitUsed + 3: "unit_used_45", UnitUsed + 4: "unit_used_60", UnitUsed + 5: "unit_used_90",
	UnitUsed + 6: "unit_used_120", UnitUsed + 7: "unit_used_150", UnitUsed + 8: "unit_used_180",
	UnitUsed + 9: "unit_used_210", UnitUsed + 10: "unit_used_240",
}
