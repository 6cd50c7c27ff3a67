package predict

import "fmt"

// Hazard is a way in which advice could hurt somebody, and what stands against it
// besides the gates that name it.
type Hazard struct {
	ID, Name string
	// Else says which rule elsewhere, or why none. Empty where gates do all.
	Else string
}

// Hazards are all that were thought of.
func Hazards() []Hazard {
	return []Hazard{
		{"H1", "stale sensor", "The page shows the age of the reading. From a reading more than " + minutes(trendUntil) + " min old no rise is extrapolated, a fall is, and insulin that acted since is taken off (outdate)."},
		{"H2", "clock skew", "cleanse quarantines what happened in the future, and tells a clock that is behind from a slow connection (clock_skew); the log's own time is kept beside the device's. " +
			"A low from a sensor whose clock is behind, or at most " + figure(aheadUntil.Hours()) + " h ahead, is told at once, and to be measured. " +
			"That doses or meals alone were logged by a clock that is behind can't be told from logging them late: they count from the time they give."},
		{"H3", "LOW and HIGH are limits, not measurements", "cleanse marks them and quarantines error codes."},
		{"H4", "noise, jumps, flat lines", "Two readings within seconds are thinned to one by feature.Window, and exact repeats are cleanse's."},
		{"H5", "compression low", ""},
		{"H6", "warm-up and calibration", "feature.Window leaves such readings out of the trend."},
		{"H7", "stacking of insulin", "The formula takes insulin on board off every correction; no identical correction within " + minutes(quiet[aboutCorrection]) + " min."},
		{"H8", "missing history of doses", "A gap of the pump's stream can't be told from a pen's silence; what was advised and not answered counts as taken."},
		{"H9", "overdose by one number", ""},
		{"H10", "predicted low", ""},
		{"H11", "insulin at a low", "A meal that was refused at a low gets its dose within " + minutes(heldFor) + " min, once glucose is back."},
		{"H12", "wrong carbs", "Grams far below what is usual are not asked about: they bring too little insulin, which a correction makes up for."},
		{"H13", "mixed-up units", "The wire requires the unit; cleanse refuses values of the other unit; in the code each unit is a type."},
		{"H14", "wrong or drifting settings", "Settings come from the profile alone; nothing here changes them. When they change or are deleted, advice that was worked out by them and still holds is withdrawn (resettle). What a person's own log teaches moves the forecast, never what a dose or a meal does to it, by at most the prior's standard error, and by a fifth of that a day (train.Personal; the pace is a proposal)."},
		{"H15", "error of the model", fmt.Sprintf("It multiplies the formula's dose by %v to %v, and by nothing but 1 until its spread was learned from data; "+
			"insulin lowers every quantile by construction (train.Model). Doses and warnings are judged, at each horizon, by the lower of the forecast for everybody and of that with what the person's log taught: so a correction never permits more insulin. Inputs are bounded there.", factorLeast, factorMost)},
		{"H16", "blind trust", "Every recommendation carries its arithmetic, all gates and the forecast, and expires after " + minutes(expireAfter) + " min; no number is shown before carbs were given."},
		{"H17", "wrong patient, replayed advice", fmt.Sprintf("The id is a hash of patient, model and log position; newer advice names what it supersedes; "+
			"advice that nobody answered is cancelled when glucose has moved by more than %v mg/dL; doors drop what has expired.", outdatedBy)},
		{"H18", "time zones, travel", ""},
		{"H19", "ketosis, exercise", "Sick days and alcohol are not on the wire yet."},
		{"H20", "children, pregnancy, type 2, kidneys", "An unknown age is a child's; pregnancy and kidney disease are not on the wire: such people must not be given doses by this program."},
		{"H21", "tired of alarms", fmt.Sprintf("A low is told again after %s min, a predicted low after %s, others after %s to %s; at once only if it becomes urgent (below %v mg/dL). An alarm that nobody answers says escalate. Without a trained model warnings count insulin and carbs on board for what the last %v h bore out of them (decision 69).",
			minutes(quiet[aboutLow]), minutes(quiet[aboutPredictedLow]), minutes(quiet[aboutCorrection]), minutes(quiet[aboutHigh]), urgentBelow, beliefReach)},
		{"H22", "lost contact", fmt.Sprintf("Silence is no event of the log, so the scorer's clock asks: after %s min without a reading of the present (%s if the last was near a low) the person is told (no_data), by day again after %s h, and after %s min, also at night, where insulin on board may bring a low unseen; readings by a wrong clock are named as the cause. The page shows the age of the reading.",
			minutes(noDataAfter), minutes(noDataLow), figure(noDataAgain.Hours()), minutes(noDataSoon))},
		{"H23", "silent failure of the pipeline", "Declared history, late events and anything older than " + minutes(FreshFor) + " min when the log took it build state and say nothing (but a low from a sensor whose clock is known to be behind by so much); a replay is silent and gives the same state."},
		{"H24", "intruders", "Not here: the doors (ingest/gateway, predict/mobile) ask for a token and compare it in constant time."},
		{"H25", "long-acting insulin twice", fmt.Sprintf("A missed dose is noticed of whom two doses at most %v h apart were logged, at a reading or by the scorer's clock; whoever logs none is not asked. To inject is never advised.", longHabit.Hours())},
		{"H26", "other medicines", "None is advised, and none is on the wire; a rule list would need both."},
	}
}

func minutes(d interface{ Minutes() float64 }) string { return figure(d.Minutes()) }
