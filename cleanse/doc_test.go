package cleanse

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
)

const rulesHead = `# The rules of cleansing

This page is generated from the rules themselves: ` + "`go test ./cleanse -update`" + ` rewrites it, and a test fails where it
differs. Rules version %d.

Every record of the log gets exactly one outcome, so that read = accepted + quarantined + duplicate + late. A record that
breaks a rule whose action is *quarantine* goes to the quarantine with its payload and every reason found, not only the
first: the field, the rule's id as the code, and a note. The other actions accept it: *clean* leaves out the part that is
wrong, *flag* marks the event, *late* and *duplicate* are the outcomes of that name. Fields that no rule names, and those of
other kinds of event, are not an error: they are kept, as JSON, in the column extra. The rules that an accepted event
breaks are in its column flags.

Cleansing is pure: a verdict depends on the record and on the %d offsets of its partition before it, never on the clock, on
batches or on the process.

Severity says whom a breach concerns: *error* means that a producer is wrong, *warning* that a device or a person made a
mistake, as they do, *info* that nothing is wrong.

The ranges are those of storage: what lies outside isn't a value. How much of what lies inside may be dosed by is for the
safety gates to say.
`

func TestTheRulesPageIsWhatTheRulesSay(t *testing.T) {
	golden(t, "../docs/rules.md", rulesPage())
}

func rulesPage() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, rulesHead, RulesVersion, Lookback)
	for _, s := range []struct {
		title string
		rules []Rule
	}{
		{"The payload", payloadRules}, {"Every event", commonRules}, {"Glucose", glucoseRules}, {"Meals and insulin", eatingRules},
		{"Profiles", profileRules}, {"Responses, activities and notes", doingRules}, {"The stream", streamRules}, {"A person's events, one after the other", sequenceRules},
	} {
		fmt.Fprintf(&b, "\n## %s\n\n| field | must hold | rule | action | severity | since | source |\n|---|---|---|---|---|---|---|\n", s.title)
		for _, r := range s.rules {
			cells := []string{r.Applies, r.Checks, "`" + r.ID + "`", r.Action, r.Severity, r.Since, r.Source}
			fmt.Fprintf(&b, "| %s |\n", strings.ReplaceAll(strings.Join(cells, "\x00"), "\x00", " | "))
		}
	}
	return b.Bytes()
}
