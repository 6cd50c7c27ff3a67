package cleanse

import "fmt"

// Threshold stops the job that fills the lake when too much of what it reads is
// bad: more than the share Above of the last Last records have Outcome, or break
// Rule. One of the two is set.
type Threshold struct {
	Outcome Outcome
	Rule    string
	Last    int
	Above   float64
}

// String says what must not be.
func (t Threshold) String() string {
	what := "break " + t.Rule
	if t.Rule == "" {
		what = "are " + t.Outcome.Word()
	}
	return fmt.Sprintf("more than %s %% of the last %d records %s", decimal(100*t.Above), t.Last, what)
}

// Guard watches the verdicts of a job against thresholds. It isn't safe for
// concurrent use.
type Guard struct {
	watched []watch
}

// watch is one threshold and a ring of what the last records were.
type watch struct {
	Threshold
	seen  []bool
	at    int
	full  bool
	count int
}

// NewGuard watches the thresholds of a book.
func NewGuard(b *Book) *Guard {
	g := &Guard{}
	for _, t := range b.errorIf {
		g.watched = append(g.watched, watch{Threshold: t, seen: make([]bool, t.Last)})
	}
	return g
}

// Observe takes the next verdict. Its error says which threshold is passed, or
// which rule wants the job to stop.
func (g *Guard) Observe(v *Verdict) error {
	if v.Fails != "" {
		return fmt.Errorf("rule %s is broken, whose action is fail: %s", v.Fails, v.note(v.Fails))
	}
	for i := range g.watched {
		w := &g.watched[i]
		w.add(w.hit(v))
		if w.full && float64(w.count) > w.Above*float64(w.Last) {
			return fmt.Errorf("%s (%d): look at what is quarantined or flagged and at its producer; to go on all the same, raise or remove this error_if", w.Threshold, w.count)
		}
	}
	return nil
}

func (w *watch) add(hit bool) {
	if w.seen[w.at] {
		w.count--
	}
	w.seen[w.at] = hit
	if hit {
		w.count++
	}
	w.at++
	if w.at == len(w.seen) {
		w.at, w.full = 0, true
	}
}

func (t *Threshold) hit(v *Verdict) bool {
	if t.Rule == "" {
		return v.Outcome == t.Outcome
	}
	return v.Breaks(t.Rule)
}

// Breaks reports whether the record breaks a rule, accepted or not.
func (v *Verdict) Breaks(rule string) bool {
	for i := range v.Reasons {
		if v.Reasons[i].Code == rule {
			return true
		}
	}
	return v.Event.Flags.Has(rule)
}

// note is what is wrong by a rule.
func (v *Verdict) note(rule string) string {
	for _, r := range v.Reasons {
		if r.Code == rule {
			return r.Field + ": " + r.Note
		}
	}
	return ""
}

// outcomeWords are the words for outcomes, as the lake's raw table has them.
var outcomeWords = [...]string{Accepted: "accepted", Quarantined: "quarantined", Duplicate: "duplicate", Late: "late"}

// Word is the outcome's word.
func (o Outcome) Word() string {
	if int(o) >= len(outcomeWords) {
		return ""
	}
	return outcomeWords[o]
}
