package cleanse

import (
	_ "embed"
	"fmt"
	"strings"
)

// pageHead is the beginning of docs/rules.md.
//
//go:embed page.md
var pageHead string

// sections are the rules in the order of checking, under what they are about.
var sections = []struct {
	title string
	rules []Rule
}{
	{"The payload", payloadRules}, {"Every event", commonRules}, {"Glucose", glucoseRules}, {"Meals and insulin", eatingRules},
	{"Profiles", profileRules}, {"Responses, activities and notes", doingRules}, {"The stream", streamRules},
	{"A person's events, one after the other", sequenceRules},
}

// Markdown is the page about the rules in force: docs/rules.md for the standard.
func (b *Book) Markdown() string {
	var page strings.Builder
	page.WriteString(strings.NewReplacer("{version}", b.Name(), "{lookback}", fmt.Sprint(Lookback)).Replace(pageHead))
	known := map[string]bool{}
	for _, s := range sections {
		var rules []Rule
		for _, r := range s.rules {
			known[r.ID] = true
			rules = append(rules, *b.rule(r.ID))
		}
		writeSection(&page, s.title, rules)
	}
	var added []Rule
	for _, r := range b.rules {
		if !known[r.ID] {
			added = append(added, r)
		}
	}
	if len(added) > 0 {
		writeSection(&page, "Added by the operator", added)
	}
	return page.String()
}

func writeSection(page *strings.Builder, title string, rules []Rule) {
	fmt.Fprintf(page, "\n## %s\n\n| field | must hold | rule | action | severity | hazard | numbers that can be changed | since | source |\n|---|---|---|---|---|---|---|---|---|\n", title)
	for _, r := range rules {
		var numbers []string
		for _, p := range r.Params {
			numbers = append(numbers, fmt.Sprintf("`%s` %s (%s to %s)", p.Name, decimal(p.Value), decimal(p.Least), decimal(p.Most)))
		}
		action := r.Action
		if r.Because != "" {
			action += ": " + r.Because
		}
		cells := []string{r.Applies, r.Checks, "`" + r.ID + "`", action, r.Severity, r.Hazard, strings.Join(numbers, ", "), r.Since, r.Source}
		for i := range cells {
			cells[i] = strings.ReplaceAll(cells[i], "|", "\\|")
		}
		fmt.Fprintf(page, "| %s |\n", strings.Join(cells, " | "))
	}
}
