package main

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/titrate/titrate/cleanse"
	"github.com/titrate/titrate/ingest"
)

// mostExamples is how many records are shown of those that break a rule.
const mostExamples = 3

// census counts what a set of rules says of records, with examples.
type census struct {
	book     *cleanse.Book
	cleaners map[ingest.Partition]*cleanse.Cleaner
	Rules    string                   `json:"rules"` // their version and, if a file changes them, its hash
	Records  int64                    `json:"records"`
	Outcomes map[string]int64         `json:"outcomes"`
	Broken   map[string]*ruleBreaches `json:"broken"` // by rule
}

// ruleBreaches are the records that break a rule.
type ruleBreaches struct {
	Action   string   `json:"action"`
	Count    int64    `json:"count"`
	Examples []string `json:"examples"`
}

func newCensus(b *cleanse.Book) *census {
	return &census{
		book: b, cleaners: map[ingest.Partition]*cleanse.Cleaner{}, Rules: b.Name(),
		Outcomes: map[string]int64{}, Broken: map[string]*ruleBreaches{},
	}
}

// judge counts the next record of a partition.
func (c *census) judge(p ingest.Partition, rec ingest.Record) cleanse.Verdict {
	cleaner := c.cleaners[p]
	if cleaner == nil {
		cleaner = c.book.Cleaner()
		c.cleaners[p] = cleaner
	}
	v := cleaner.Clean(rec)
	c.Records++
	c.Outcomes[v.Outcome.Word()]++
	for _, r := range v.Reasons {
		c.note(r.Code, r.Note+": "+string(rec.Value))
	}
	if v.Event.Flags != "" && v.Outcome != cleanse.Duplicate {
		for id := range strings.SplitSeq(string(v.Event.Flags), ",") {
			c.note(id, string(rec.Value))
		}
	}
	return v
}

func (c *census) note(rule, example string) {
	b := c.Broken[rule]
	if b == nil {
		b = &ruleBreaches{Action: c.action(rule)}
		c.Broken[rule] = b
	}
	b.Count++
	if len(b.Examples) < mostExamples {
		b.Examples = append(b.Examples, short(example))
	}
}

func (c *census) action(rule string) string {
	for _, r := range c.book.Rules() {
		if r.ID == rule {
			return r.Action
		}
	}
	return ""
}

// short is the beginning of a text that may be long.
func short(text string) string {
	const most = 300
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "") + "…"
}

// twins finds people whose readings are the same: a study or an export in which
// one person's readings stand under another's name too.
type twins struct {
	people  []string
	numbers map[string]int32
	first   map[reading]int32 // whose it was first
	shared  map[[2]int32]*sharedReadings
	counts  []int64 // readings by person
}

type reading struct {
	time  string
	value float64
}

// sharedReadings are readings that two people have in common, to the second and the
// last digit.
type sharedReadings struct {
	Patients [2]string `json:"patients"`
	Readings int64     `json:"readings"`
	Since    string    `json:"since"`
	Until    string    `json:"until"`
}

// Two people who read every five minutes share a few readings by chance: 1 in 200 or so
// of the second's. More than this is no chance.
const (
	leastShared = 50
	leastShare  = 0.05
	mostTwins   = 5_000_000 // readings that are compared
)

func newTwins() *twins {
	return &twins{numbers: map[string]int32{}, first: map[reading]int32{}, shared: map[[2]int32]*sharedReadings{}}
}

func (t *twins) add(w *ingest.Wire) {
	if w.Type != "glucose" || w.Value == nil || len(t.first) >= mostTwins {
		return
	}
	n, known := t.numbers[w.Patient]
	if !known {
		n = int32(len(t.people))
		t.numbers[w.Patient], t.people, t.counts = n, append(t.people, w.Patient), append(t.counts, 0)
	}
	t.counts[n]++
	key := reading{w.Time, *w.Value}
	other, seen := t.first[key]
	if !seen {
		t.first[key] = n
		return
	}
	if other == n {
		return
	}
	pair := [2]int32{min(n, other), max(n, other)}
	s := t.shared[pair]
	if s == nil {
		s = &sharedReadings{Patients: [2]string{t.people[pair[0]], t.people[pair[1]]}, Since: w.Time, Until: w.Time}
		t.shared[pair] = s
	}
	s.Readings++
	s.Since, s.Until = min(s.Since, w.Time), max(s.Until, w.Time)
}

// found are the pairs that share more than chance explains, the most first.
func (t *twins) found() []sharedReadings {
	var all []sharedReadings
	for pair, s := range maps.All(t.shared) {
		fewer := min(t.counts[pair[0]], t.counts[pair[1]])
		if s.Readings >= leastShared && float64(s.Readings) >= leastShare*float64(fewer) {
			all = append(all, *s)
		}
	}
	slices.SortFunc(all, func(a, b sharedReadings) int {
		return cmp.Or(cmp.Compare(b.Readings, a.Readings), strings.Compare(a.Patients[0], b.Patients[0]), strings.Compare(a.Patients[1], b.Patients[1]))
	})
	return all
}
