package detect

import (
	"slices"
	"strings"
	"time"

	"github.com/titrate/titrate/ingest/simulate"
)

// key tells one transmission of one event: a duplicate has the ID of its original.
type key struct {
	patient, id string
	sent        int64 // Unix nanoseconds
}

// mark is a sensor's reading in the log, and the rules that cleansing names for it.
type mark struct {
	key
	rules []string
}

// meant are the rules that a fault should trip. What has no rule is not found:
// nothing in the stream tells it from health, or no rule looks for it yet.
var meant = map[string][]string{
	"clock":     {"time_in_future", "late"},
	"delay":     {"late"},
	"duplicate": {"duplicate"},
}

// Fault is how well the rules for one fault find it. Shares are nil where there is
// nothing to take a share of.
type Fault struct {
	Fault    string   `json:"fault"`
	Rules    []string `json:"rules"` // meant for it
	Readings int      `json:"readings"`
	Found    int      `json:"found"`
	Recall   *float64 `json:"recall"` // of readings
	// Episodes are spells of the fault; one is found if any of its readings is.
	Episodes      int      `json:"episodes"`
	FoundEpisodes int      `json:"found_episodes"`
	EpisodeRecall *float64 `json:"episode_recall"`
	// Marked are the readings that trip its rules; Right are those of them that a
	// fault for which the rule is meant had touched.
	Marked    int      `json:"marked"`
	Right     int      `json:"right"`
	Precision *float64 `json:"precision"`
}

// Rule is what one rule marked: by fault, and where nothing was wrong ("none"). A
// reading that several faults touched counts for each.
type Rule struct {
	Rule   string         `json:"rule"`
	Marked int            `json:"marked"`
	Faults map[string]int `json:"faults"`
}

// Result is how well cleansing finds what is wrong with sensors.
type Result struct {
	Patients     int     `json:"patients"`
	Days         int     `json:"days"`
	Seed         uint64  `json:"seed"`
	Cohort       string  `json:"cohort"`
	RulesVersion int     `json:"rules_version"`
	Readings     int     `json:"readings"` // of sensors, in all
	Faults       []Fault `json:"faults"`
	Rules        []Rule  `json:"rules"`
}

// score compares marks with truths. Truths of readings that never left the sensor,
// or not yet, are left out: the log has nothing to be marked.
func score(truths []simulate.Truth, marks []mark) *Result {
	rules := make(map[key][]string, len(marks))
	for _, m := range marks {
		rules[m.key] = m.rules
	}
	touched := map[key][]string{}
	byFault := map[string][]simulate.Truth{}
	for _, t := range truths {
		k := keyOf(t)
		if _, sent := rules[k]; !sent || t.ID == "" {
			continue
		}
		touched[k] = append(touched[k], t.Fault)
		byFault[t.Fault] = append(byFault[t.Fault], t)
	}
	r := &Result{Readings: len(marks), Rules: byRule(marks, touched)}
	for _, name := range simulate.Faults() {
		f := Fault{Fault: name, Rules: append([]string{}, meant[name]...)}
		f.find(byFault[name], rules)
		f.judge(marks, touched)
		r.Faults = append(r.Faults, f)
	}
	return r
}

func keyOf(t simulate.Truth) key { return key{t.Patient, t.ID, t.Sent.UnixNano()} }

// find counts the faulty readings and the spells that any rule meant for the fault
// marks.
func (f *Fault) find(truths []simulate.Truth, rules map[key][]string) {
	slices.SortStableFunc(truths, func(a, b simulate.Truth) int {
		if a.Patient != b.Patient {
			return strings.Compare(a.Patient, b.Patient)
		}
		return a.At.Compare(b.At)
	})
	foundEpisode := false
	for i, t := range truths {
		if i == 0 || !sameSpell(truths[i-1], t) {
			f.Episodes++
			foundEpisode = false
		}
		f.Readings++
		if !overlap(f.Rules, rules[keyOf(t)]) {
			continue
		}
		f.Found++
		if !foundEpisode {
			foundEpisode = true
			f.FoundEpisodes++
		}
	}
	f.Recall, f.EpisodeRecall = share(f.Found, f.Readings), share(f.FoundEpisodes, f.Episodes)
}

// sameSpell says whether two truths of one fault, in order, belong to one spell.
func sameSpell(a, b simulate.Truth) bool {
	return a.Patient == b.Patient && b.At.Sub(a.At) <= 15*time.Minute
}

// judge counts the marks of the fault's rules, and those that are right.
func (f *Fault) judge(marks []mark, touched map[key][]string) {
	for _, m := range marks {
		tripped := common(f.Rules, m.rules)
		if len(tripped) == 0 {
			continue
		}
		f.Marked++
		if slices.ContainsFunc(touched[m.key], func(fault string) bool { return overlap(meant[fault], tripped) }) {
			f.Right++
		}
	}
	f.Precision = share(f.Right, f.Marked)
}

// byRule counts what each rule marked, sorted by its name.
func byRule(marks []mark, touched map[key][]string) []Rule {
	found := map[string]*Rule{}
	for _, m := range marks {
		for _, id := range m.rules {
			r := found[id]
			if r == nil {
				r = &Rule{Rule: id, Faults: map[string]int{}}
				found[id] = r
			}
			r.Marked++
			for _, fault := range touched[m.key] {
				r.Faults[fault]++
			}
			if len(touched[m.key]) == 0 {
				r.Faults["none"]++
			}
		}
	}
	var all []Rule
	for _, r := range found {
		all = append(all, *r)
	}
	slices.SortFunc(all, func(a, b Rule) int { return strings.Compare(a.Rule, b.Rule) })
	return all
}

func share(part, of int) *float64 {
	if of == 0 {
		return nil
	}
	s := float64(part) / float64(of)
	return &s
}

func overlap(a, b []string) bool { return len(common(a, b)) > 0 }

func common(a, b []string) (both []string) {
	for _, x := range a {
		if slices.Contains(b, x) {
			both = append(both, x)
		}
	}
	return both
}
