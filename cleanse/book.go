package cleanse

import (
	"strconv"
	"sync"

	"github.com/titrate/titrate/ingest"
)

// Book is a set of rules in force: the standard ones, and what an operator's file
// changes and adds. It isn't changed once it is made, and may be used by many
// goroutines at once.
type Book struct {
	rules     []Rule
	hash      string
	limits    *sequenceLimits
	narrowed  map[string]limit  // ranges that are narrower than the standard's, by rule
	stricter  map[string]string // actions other than the standard's, by rule
	ignored   flagSet           // rules that are switched off
	raised    flagSet           // rules that flag or clean by the standard, and quarantine here
	added     [Retraction + 1][]addition
	flagWords []string
	texts     sync.Map // flagSet → Flags
	errorIf   []Threshold
}

// standard is the book that nobody changed.
var standard = newBook(Rules())

// Standard is the rules as they come.
func Standard() *Book { return standard }

func newBook(rules []Rule) *Book {
	return &Book{rules: rules, limits: limitsOf(rules), flagWords: flagWords}
}

// Rules are the rules in force, in the order of checking, those that were added
// last. The slice is the caller's.
func (b *Book) Rules() []Rule { return append([]Rule(nil), b.rules...) }

// Hash identifies what an operator's file changes of the verdicts; it is empty if
// nothing. Together with RulesVersion it says which rules made a claim.
func (b *Book) Hash() string { return b.hash }

// Name is what the rules are called: their version and, if an operator changed
// them, the hash.
func (b *Book) Name() string { return RulesName(RulesVersion, b.hash) }

// RulesName is the name of rules of some version and hash.
func RulesName(version int, hash string) string {
	if hash == "" {
		return strconv.Itoa(version)
	}
	return strconv.Itoa(version) + "+" + hash
}

// ErrorIf are the thresholds at which the job that fills the lake stops.
func (b *Book) ErrorIf() []Threshold { return b.errorIf }

// Check judges one record by itself: it parses the payload, checks it against the
// rules and brings it to the units and spellings of Event. The outcome is
// Accepted, Late or, with every reason found, Quarantined; that a record repeats
// an earlier one, or is odd beside it, is for Cleaner.Fold to see.
//
// Check is total and pure: whatever the bytes, it answers, and gives the same
// record the same answer. It may be called by many goroutines at once. The
// verdict shares no memory with the record.
func (b *Book) Check(rec ingest.Record) (v Verdict) {
	b.CheckInto(&rec, &v)
	return v
}

// CheckInto is Check for a verdict that is used again: it has half a kilobyte.
func (b *Book) CheckInto(rec *ingest.Record, v *Verdict) {
	x := exam{book: b}
	x.judge(rec, v)
}

// Check judges one record by itself, by the standard rules.
func Check(rec ingest.Record) Verdict { return standard.Check(rec) }

// raise makes reasons of the flags that are no longer accepted.
func (x *exam) raise() {
	for i, id := range x.book.flagWords {
		if x.flags&x.book.raised&(1<<i) != 0 {
			x.fault(x.book.rule(id).Applies, id, "is accepted by the standard rules, but not here")
		}
	}
}

// fails is the first of the rules that stop the job; empty if none is broken.
func (b *Book) fails(reasons []Reason) string {
	if b.stricter == nil {
		return ""
	}
	for _, r := range reasons {
		if b.stricter[r.Code] == ActionFail {
			return r.Code
		}
	}
	return ""
}

// rule is the rule called id; nil if there is none.
func (b *Book) rule(id string) *Rule {
	for i := range b.rules {
		if b.rules[i].ID == id {
			return &b.rules[i]
		}
	}
	return nil
}

// Cleaner returns a Cleaner by these rules that has seen nothing.
func (b *Book) Cleaner() *Cleaner {
	return &Cleaner{exam: exam{book: b}, recent: newRecent(), sequence: newSequence(b.limits, Lookback)}
}
