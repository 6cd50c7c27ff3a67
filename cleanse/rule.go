package cleanse

// RulesVersion counts the changes to what Check and Fold decide by the standard
// rules. A range of the log that was claimed under one version, or under other
// changes of an operator's, must not be finished under another.
const RulesVersion = 3

// Rule is one named thing that is checked of a record.
type Rule struct {
	ID       string `json:"id"`       // stable: Reason.Code, Flags, metrics and queries name it
	Applies  string `json:"applies"`  // the fields it looks at, after the kind of event they belong to
	Checks   string `json:"checks"`   // what must hold, as a sentence
	Action   string `json:"action"`   // ActionQuarantine, …
	Severity string `json:"severity"` // SeverityError, …
	Since    string `json:"since"`    // the first RulesVersion that had it
	Source   string `json:"source"`   // where the rule or its numbers come from
	// Hazard is the way to hurt somebody that it stands against, as docs/safety.md
	// numbers them; empty if none. Such a rule is never switched off silently.
	Hazard string `json:"hazard,omitempty"`
	// Params are the numbers of it that an operator may move.
	Params []Param `json:"params,omitempty"`
	// Because is why an operator switched it off; empty if it is on.
	Because string `json:"because,omitempty"`

	limit *limit // the range that it states, if it does
}

// Param is a number of a rule, which may be moved within Least and Most.
type Param struct {
	Name  string  `json:"name"`
	Value float64 `json:"value"`
	Least float64 `json:"least"`
	Most  float64 `json:"most"`
}

// What happens to a record that breaks a rule.
const (
	ActionFail       = "fail"       // quarantined, and the job that fills the lake stops
	ActionQuarantine = "quarantine" // not accepted; the rule is one of its Reasons
	ActionClean      = "clean"      // accepted without the part that is wrong, and flagged
	ActionFlag       = "flag"       // accepted, and named in its Flags
	ActionIgnore     = "ignore"     // accepted, and nothing is said
	ActionLate       = "late"       // accepted as Late
	ActionDuplicate  = "duplicate"  // set aside as Duplicate
)

// How much a broken rule should worry whoever operates the stream.
const (
	SeverityError   = "error"   // a producer is wrong: someone should look at it
	SeverityWarning = "warning" // a device or a person made a mistake, as they do
	SeverityInfo    = "info"    // expected
)

// Rules are the standard rules, in the order of checking. The slice is the caller's.
func Rules() []Rule {
	var all []Rule
	for _, group := range [][]Rule{payloadRules, commonRules, glucoseRules, eatingRules, profileRules, doingRules, streamRules, sequenceRules} {
		all = append(all, group...)
	}
	return all
}
