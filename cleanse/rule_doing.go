package cleanse

const (
	recommendationMissing = "recommendation_missing"
	actionMissing         = "action_missing"
	actionUnknown         = "action_unknown"
	amountMissing         = "amount_missing"
	minutesMissing        = "minutes_missing"
	minutesRange          = "minutes_range"
	intensityUnknown      = "intensity_unknown"
	noteEmpty             = "note_empty"
)

// doingRules are of responses, activities and notes.
var doingRules = []Rule{
	needed(recommendationMissing, "response: recommendation"),
	needed(actionMissing, "response: action"),
	worded(answers, "response: action", "the wire event"),
	against("H8", quarantine(amountMissing, "response: units, carbs_g", "are given, at least one, where the action is changed", "hazard: missing dose history")),
	needed(minutesMissing, "activity: minutes"),
	ranged(minutesLimit, "activity: minutes", "Tidepool storage ranges (168 h)"),
	worded(intensities, "activity: intensity", "the wire event"),
	quarantine(noteEmpty, "note: code, text", "are given, at least one", "Tidepool storage ranges (1 character)"),
}

const (
	arrivedLate = "late"
	seenBefore  = "duplicate"
)

// streamRules are of how a record stands in the log.
var streamRules = []Rule{
	{ID: arrivedLate, Applies: "time", Checks: "is at most 1 hour before the log took the message, unless backfill is declared; a profile or retraction is never late", Action: ActionLate, Severity: SeverityInfo, Since: "1", Source: "advice is for now: what is late fills the lake", Hazard: "H23"},
	{ID: seenBefore, Applies: "id, or else time, values, source and device", Checks: "weren't the same, for the patient and type, in the 65536 offsets before", Action: ActionDuplicate, Severity: SeverityInfo, Since: "1", Source: "retries of producers; Tidepool identifies by user, device, time and type", Hazard: "H17"},
}
