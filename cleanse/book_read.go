package cleanse

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// ReadBook is the standard rules with what a YAML file changes and adds. Its error
// tells everything that is wrong with the file, each with its line.
//
//	rules:                     # what a rule does, and its numbers
//	  carbs_range: {high: 400}
//	  trend_unknown: {action: quarantine}
//	  flat_line: {action: ignore, because: "the study's sensor smooths"}
//	add:                       # rules of one's own: CEL, true where it is broken
//	  - id: child_bolus
//	    on: insulin
//	    broken_if: kind == "rapid" && units > 15.0
//	    says: no rapid dose is above 15 U
//	    action: quarantine
//	error_if:                  # when to stop before the lake fills with rubbish
//	  - {outcome: quarantined, last: 10000, above: 0.2}
//	  - {rule: unit_slip, last: 10000, above: 0.01}
func ReadBook(text []byte) (*Book, error) {
	r := &bookReader{book: newBook(Rules())}
	var document yaml.Node
	if err := yaml.Unmarshal(text, &document); err != nil {
		return nil, fmt.Errorf("rules: %w", err)
	}
	if len(document.Content) == 1 {
		r.file(document.Content[0])
	}
	if len(r.errs) > 0 {
		slices.SortStableFunc(r.errs, func(a, b lineError) int { return cmp.Compare(a.line, b.line) })
		var all []error
		for _, e := range r.errs {
			all = append(all, e)
		}
		return nil, errors.Join(all...)
	}
	r.finish()
	return r.book, nil
}

// bookReader reads an operator's file.
type bookReader struct {
	book   *Book
	errs   []lineError
	effect []string // what changes verdicts, for the hash
}

type lineError struct {
	line int
	text string
}

func (e lineError) Error() string { return fmt.Sprintf("line %d: %s", e.line, e.text) }

func (r *bookReader) fail(n *yaml.Node, format string, args ...any) {
	r.errs = append(r.errs, lineError{n.Line, fmt.Sprintf(format, args...)})
}

func (r *bookReader) file(n *yaml.Node) {
	parts := map[string]*yaml.Node{}
	r.members(n, func(key, value *yaml.Node) {
		parts[key.Value] = value
		if key.Value != "rules" && key.Value != "add" && key.Value != "error_if" {
			r.fail(key, "%q isn't known; there are rules, add and error_if", key.Value)
		}
	})
	if part := parts["rules"]; part != nil {
		r.members(part, r.change)
	}
	if part := parts["add"]; part != nil {
		r.items(part, r.add)
	}
	if part := parts["error_if"]; part != nil { // may name rules that are added
		r.items(part, r.threshold)
	}
}

// members calls fn with each member of an object, once for each name.
func (r *bookReader) members(n *yaml.Node, fn func(key, value *yaml.Node)) {
	if n.Kind != yaml.MappingNode {
		if n.Tag != "!!null" {
			r.fail(n, "expected names with values")
		}
		return
	}
	known := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if known[n.Content[i].Value] {
			r.fail(n.Content[i], "%s stands twice", n.Content[i].Value)
			continue
		}
		known[n.Content[i].Value] = true
		fn(n.Content[i], n.Content[i+1])
	}
}

func (r *bookReader) items(n *yaml.Node, fn func(*yaml.Node)) {
	if n.Kind != yaml.SequenceNode {
		r.fail(n, "expected a list")
		return
	}
	for _, item := range n.Content {
		fn(item)
	}
}

// change reads what is to be different about a rule.
func (r *bookReader) change(key, value *yaml.Node) {
	rule := r.book.rule(key.Value)
	if rule == nil {
		r.fail(key, "there is no rule %s%s; `titrate rules` lists them", key.Value, r.alike(key.Value))
		return
	}
	rule.Params = slices.Clone(rule.Params)
	action := rule.Action
	r.members(value, func(k, v *yaml.Node) {
		switch k.Value {
		case "action":
			action = r.word(v, rule.actions()...)
		case "severity":
			rule.Severity = r.word(v, SeverityError, SeverityWarning, SeverityInfo)
		case "because":
			rule.Because = strings.TrimSpace(v.Value)
		default:
			r.param(rule, k, v)
		}
	})
	if action == ActionIgnore && rule.Hazard != "" && rule.Because == "" {
		r.fail(key, "%s stands against hazard %s (docs/safety.md): to ignore it, say because: \"why\"", rule.ID, rule.Hazard)
	}
	if action != ActionIgnore && rule.Because != "" {
		r.fail(key, "because goes with action: ignore")
	}
	r.act(rule, action)
}

// act puts a changed action in force.
func (r *bookReader) act(rule *Rule, action string) {
	if action == rule.Action || action == "" {
		return
	}
	r.effect = append(r.effect, rule.ID+" action "+action)
	b := r.book
	if b.stricter == nil {
		b.stricter = map[string]string{}
	}
	b.stricter[rule.ID] = action
	if i := slices.Index(b.flagWords, rule.ID); i >= 0 {
		if action == ActionIgnore {
			b.ignored |= 1 << i
		} else {
			b.raised |= 1 << i
		}
	}
	rule.Action = action
}

// actions are what a rule's action may be: as it is, or stricter. What flags may be
// ignored; but only the two rules whose event stays right without what they name
// may quarantine. A sensor's LOW is never taken away, and what is odd among other
// events is never dropped.
func (r *Rule) actions() []string {
	switch {
	case r.ID == fieldUnknown || r.ID == trendUnknown:
		return []string{r.Action, ActionIgnore, ActionQuarantine, ActionFail}
	case r.ID == cgmLow || r.ID == cgmHigh:
		return []string{ActionFlag}
	case r.Action == ActionFlag:
		return []string{ActionFlag, ActionIgnore}
	case r.Action == ActionQuarantine:
		return []string{ActionQuarantine, ActionFail}
	}
	return []string{r.Action}
}

func (r *bookReader) param(rule *Rule, key, value *yaml.Node) {
	for i := range rule.Params {
		p := &rule.Params[i]
		if p.Name != key.Value {
			continue
		}
		v, err := strconv.ParseFloat(value.Value, 64)
		if err != nil || !(v >= p.Least && v <= p.Most) {
			r.fail(value, "%s of %s is %q; it may be %s to %s", p.Name, rule.ID, value.Value, decimal(p.Least), decimal(p.Most))
			return
		}
		if v != p.Value {
			r.effect = append(r.effect, rule.ID+" "+p.Name+" "+decimal(v))
		}
		p.Value = v
		r.narrow(rule, key)
		return
	}
	names := []string{"action", "severity", "because"}
	for _, p := range rule.Params {
		names = append(names, p.Name)
	}
	r.fail(key, "%s has no %s; there are %s", rule.ID, key.Value, strings.Join(names, ", "))
}

// narrow puts a range in force that is narrower than the standard's.
func (r *bookReader) narrow(rule *Rule, key *yaml.Node) {
	if rule.limit == nil {
		return
	}
	l := *rule.limit
	low, high := rule.Params[0].Value, rule.Params[1].Value
	if low > high {
		r.fail(key, "low of %s is above high", rule.ID)
		return
	}
	l.above = l.above && low == l.low
	l.low, l.high = low, high
	if r.book.narrowed == nil {
		r.book.narrowed = map[string]limit{}
	}
	r.book.narrowed[rule.ID] = l
	rule.Checks = "is " + l.String()
}

var idPattern = regexp.MustCompile(`^[a-z][a-z0-9_]{2,39}$`)

// add reads a rule of the operator's own.
func (r *bookReader) add(n *yaml.Node) {
	rule := Rule{Action: ActionFlag, Severity: SeverityWarning, Since: strconv.Itoa(RulesVersion), Source: "added by the operator"}
	var kind Kind
	var text string
	at := n
	r.members(n, func(k, v *yaml.Node) {
		switch k.Value {
		case "id":
			rule.ID = v.Value
			if !idPattern.MatchString(v.Value) || r.book.rule(v.Value) != nil {
				r.fail(v, "%q can't be a rule's id: small letters, digits and _, 3 to 40 of them, and no rule's so far", v.Value)
			}
		case "on":
			word := r.word(v, kinds.words...)
			kind, rule.Applies = Kind(1+slices.Index(kinds.words, word)), word
		case "broken_if":
			text, at = v.Value, v
		case "says":
			rule.Checks = v.Value
		case "action":
			rule.Action = r.word(v, ActionFlag, ActionQuarantine, ActionFail)
		case "severity":
			rule.Severity = r.word(v, SeverityError, SeverityWarning, SeverityInfo)
		default:
			r.fail(k, "%q isn't known; there are id, on, broken_if, says, action and severity", k.Value)
		}
	})
	if rule.ID == "" || kind == 0 || text == "" {
		r.fail(n, "an added rule needs id, on and broken_if")
		return
	}
	program, err := compile(kind, text)
	if err != nil {
		r.fail(at, "%v", err)
		return
	}
	rule.Checks = cmp.Or(rule.Checks, "not: "+text)
	r.install(n, kind, addition{rule: rule, program: program}, text)
}

func (r *bookReader) install(n *yaml.Node, kind Kind, a addition, text string) {
	b := r.book
	switch a.rule.Action {
	case ActionFlag:
		if len(b.flagWords)-len(flagWords) == mostAdded {
			r.fail(n, "at most %d rules that flag can be added", mostAdded)
			return
		}
		a.flag = 1 << len(b.flagWords)
		b.flagWords = append(slices.Clone(b.flagWords), a.rule.ID)
	case ActionFail:
		if b.stricter == nil {
			b.stricter = map[string]string{}
		}
		b.stricter[a.rule.ID] = ActionFail
	}
	b.rules = append(b.rules, a.rule)
	b.added[kind] = append(b.added[kind], a)
	r.effect = append(r.effect, strings.Join([]string{a.rule.ID, "on", kind.String(), a.rule.Action, text}, " "))
}

// threshold reads when to stop.
func (r *bookReader) threshold(n *yaml.Node) {
	t := Threshold{Last: 10_000, Above: -1}
	r.members(n, func(k, v *yaml.Node) {
		switch k.Value {
		case "outcome":
			t.Outcome = Outcome(slices.Index(outcomeWords[:], r.word(v, outcomeWords[1:]...)))
		case "rule":
			t.Rule = v.Value
			if r.book.rule(v.Value) == nil {
				r.fail(v, "there is no rule %s%s", v.Value, r.alike(v.Value))
			}
		case "last":
			last, err := strconv.Atoi(v.Value)
			if err != nil || last < 100 || last > 1_000_000 {
				r.fail(v, "last is %q; it may be 100 to 1000000 records", v.Value)
				return
			}
			t.Last = last
		case "above":
			above, err := strconv.ParseFloat(v.Value, 64)
			if err != nil || !(above >= 0 && above < 1) {
				r.fail(v, "above is %q; it is a share, such as 0.2", v.Value)
				return
			}
			t.Above = above
		default:
			r.fail(k, "%q isn't known; there are outcome or rule, last and above", k.Value)
		}
	})
	if (t.Outcome == 0) == (t.Rule == "") || t.Above < 0 {
		r.fail(n, "needs either outcome or rule, and above")
		return
	}
	r.book.errorIf = append(r.book.errorIf, t)
}

// word is one of some words.
func (r *bookReader) word(n *yaml.Node, permitted ...string) string {
	if slices.Contains(permitted, n.Value) {
		return n.Value
	}
	r.fail(n, "%q isn't possible here; permitted: %s", n.Value, strings.Join(permitted, ", "))
	return permitted[0]
}

// alike names the rules that id may have meant.
func (r *bookReader) alike(id string) string {
	var found []string
	for _, rule := range r.book.rules {
		if id != "" && (strings.Contains(rule.ID, id) || strings.Contains(id, rule.ID) || strings.HasPrefix(rule.ID, strings.SplitN(id, "_", 2)[0])) {
			found = append(found, rule.ID)
		}
	}
	if len(found) == 0 || len(found) > 5 {
		return ""
	}
	return " (" + strings.Join(found, ", ") + "?)"
}

// finish settles what follows from the changes.
func (r *bookReader) finish() {
	b := r.book
	b.limits = limitsOf(b.rules)
	if len(r.effect) == 0 {
		return
	}
	slices.Sort(r.effect)
	sum := sha256.Sum256([]byte(strings.Join(r.effect, "\n")))
	b.hash = hex.EncodeToString(sum[:8])
}
