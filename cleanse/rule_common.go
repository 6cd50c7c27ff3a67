package cleanse

const (
	typeMissing       = "type_missing"
	typeUnknown       = "type_unknown"
	patientMissing    = "patient_missing"
	patientTooLong    = "patient_too_long"
	patientControl    = "patient_control"
	patientNotKey     = "patient_not_key"
	timeMissing       = "time_missing"
	timeUnparseable   = "time_unparseable"
	timeWithoutOffset = "time_without_offset"
	timeImpossible    = "time_impossible"
	timeTooEarly      = "time_too_early"
	timeInFuture      = "time_in_future"
	sourceDefect      = "source_defect"
	replacesMissing   = "replaces_missing"
	replacesItself    = "replaces_itself"
	fieldUnknown      = "field_unknown"
)

// commonRules are of the fields that every event has.
var commonRules = []Rule{
	needed(typeMissing, "type"),
	worded(kinds, "type", "the wire event"),
	needed(patientMissing, "patient"),
	quarantine(patientTooLong, "patient", "has at most 128 characters", "a name, not a document"),
	quarantine(patientControl, "patient", "has no control characters", "they hide in logs and tables"),
	against("H17", quarantine(patientNotKey, "patient", "equals the message's key, if that isn't empty", "hazard: wrong patient; the key chose the partition, and so the order")),
	needed(timeMissing, "time"),
	quarantine(timeUnparseable, "time", "is a date and time such as 2026-11-21T08:05:00+01:00", "RFC 3339"),
	against("H18", quarantine(timeWithoutOffset, "time", "says how far from UTC its clock was", "hazard: time zone, daylight saving, travel")),
	quarantine(timeImpossible, "time", "is in the calendar and on the clock; the offset is less than 16 hours", "RFC 3339, 5.7"),
	quarantineSlip(timeTooEarly, "time", "is in 1920 or later", "insulin was first given in 1922"),
	against("H2", quarantineSlip(timeInFuture, "time", "is at most 5 minutes after the log took the message", "hazard: clock skew; oref0 refuses readings from the future")),
	quarantineSlip(sourceDefect, "defect", "is empty: the reader of a foreign format found nothing impossible", "the wire event"),
	since("2", needed(replacesMissing, "retraction: replaces")),
	since("2", quarantine(replacesItself, "replaces", "isn't the event's own id", "an event that takes its own place says nothing")),
	since("2", flagging(fieldUnknown, "any other member", "isn't there; else it is kept, as JSON, in extra", "the wire event: unknown fields are kept, not dropped")),
}
