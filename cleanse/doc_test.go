package cleanse

import "testing"

func TestTheRulesPageIsWhatTheRulesSay(t *testing.T) {
	golden(t, "../docs/rules.md", []byte(standard.Markdown()))
}
