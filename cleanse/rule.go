package cleanse

// RulesVersion counts the changes to what Check and Fold decide. A range of the
// log that was claimed under one version must not be finished under another.
const RulesVersion = 2

// Rule is one named thing that is checked of a record.
type Rule struct {
	ID       string // stable: Reason.Code, metrics and queries name it
	Applies  string // the fields it looks at, after the kind of event they belong to
	Checks   string // what must hold, as a sentence
	Action   string // ActionQuarantine, …
	Severity string // SeverityError, …
	Since    string // the first RulesVersion that had it
	Source   string // where the rule or its numbers come from
}

// What happens to a record that breaks a rule.
const (
	ActionQuarantine = "quarantine" // not accepted; the rule is one of its Reasons
	ActionClean      = "clean"      // accepted without the part that is wrong
	ActionFlag       = "flag"       // accepted, and marked
	ActionLate       = "late"       // accepted as Late
	ActionDuplicate  = "duplicate"  // set aside as Duplicate
)

// How much a broken rule should worry whoever operates the stream.
const (
	SeverityError   = "error"   // a producer is wrong: someone should look at it
	SeverityWarning = "warning" // a device or a person made a mistake, as they do
	SeverityInfo    = "info"    // expected
)

// Rules are all rules, in the order of checking. The slice is the caller's.
func Rules() []Rule {
	var all []Rule
	for _, group := range [][]Rule{payloadRules, commonRules, glucoseRules, eatingRules, profileRules, doingRules, streamRules} {
		all = append(all, group...)
	}
	return all
}
