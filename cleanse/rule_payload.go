package cleanse

const (
	payloadEmpty     = "payload_empty"
	payloadTooLarge  = "payload_too_large"
	payloadNotUTF8   = "payload_not_utf8"
	payloadNotJSON   = "payload_not_json"
	payloadNotObject = "payload_not_object"
	payloadTooDeep   = "payload_too_deep"
	payloadUndecoded = "payload_undecoded"
	duplicateKey     = "duplicate_key"
	fieldMistyped    = "field_type"
	numberNotFinite  = "number_not_finite"
	textTooLong      = "text_too_long"
)

// payloadRules are of the payload as JSON. The first that is broken, up to
// payload_too_deep, is the only reason: nothing more can be read.
var payloadRules = []Rule{
	quarantine(payloadEmpty, "payload", "is there", "a tombstone says nothing"),
	quarantine(payloadTooLarge, "payload", "is at most 1 MiB", "the broker's default message limit"),
	quarantine(payloadNotUTF8, "payload", "is UTF-8", "RFC 8259, 8.1"),
	quarantine(payloadNotJSON, "payload", "is JSON, strictly: no byte order mark, comment, trailing comma or NaN", "RFC 8259"),
	quarantine(payloadNotObject, "payload", "is one object", "the wire event"),
	quarantine(payloadTooDeep, "payload", "is nested at most 32 levels deep", "RFC 8259, 9 lets parsers set a limit"),
	since("3", quarantine(payloadUndecoded, "payload", "if it begins with a zero byte and the id of a schema, is decoded: the schema registry has the schema, and the payload is of it", "Confluent wire format")),
	quarantine(duplicateKey, "any field", "stands once: of two values, which was meant can't be told", "RFC 8259, 4"),
	quarantine(fieldMistyped, "any field of the event's kind", "has its JSON type; null counts as absent, a number in quotes isn't a number", "the wire event"),
	quarantine(numberNotFinite, "any number of the event's kind", "fits a 64-bit floating-point number", "RFC 8259, 6"),
	quarantine(textTooLong, "any text of the event's kind", "has at most 256 characters, the text of a note at most 1000", "Tidepool storage ranges (note)"),
}

// quarantine is a rule whose breach is a producer's mistake.
func quarantine(id, applies, checks, source string) Rule {
	return Rule{ID: id, Applies: applies, Checks: checks, Action: ActionQuarantine, Severity: SeverityError, Since: "1", Source: source}
}

// quarantineSlip is a rule whose breach is a device's or a person's mistake.
func quarantineSlip(id, applies, checks, source string) Rule {
	r := quarantine(id, applies, checks, source)
	r.Severity = SeverityWarning
	return r
}

// ranged is the rule that a limit states.
func ranged(l limit, applies, source string) Rule {
	r := quarantineSlip(l.rule, applies, "is "+l.String(), source)
	r.limit = &l
	r.Params = []Param{{"low", l.low, l.low, l.high}, {"high", l.high, l.low, l.high}}
	return r
}

// worded is the rule that a vocabulary states.
func worded(v vocabulary, applies, source string) Rule {
	return quarantine(v.unknown, applies, "is "+v.String(), source)
}

// against is r as a stand against a hazard.
func against(hazard string, r Rule) Rule {
	r.Hazard = hazard
	return r
}

// flagging is a rule whose breach is accepted.
func flagging(id, applies, checks, source string) Rule {
	return Rule{ID: id, Applies: applies, Checks: checks, Action: ActionFlag, Severity: SeverityInfo, Since: "1", Source: source}
}

// cleaned is r as a rule that leaves out what is wrong.
func cleaned(r Rule) Rule {
	r.Action = ActionClean
	return r
}

// since is r as of a later version.
func since(version string, r Rule) Rule {
	r.Since = version
	return r
}

func needed(id, applies string) Rule {
	return quarantine(id, applies, "is given", "the wire event")
}
