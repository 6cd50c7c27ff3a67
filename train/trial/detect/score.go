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
// nothing in the stream tells a slow drift from health, and a dropout leaves no
// reading that could be marked.
var meant = map[string][]string{
	"clock":       {"time_in_future", "late", "clock_skew"},
	"compression": {"compression_low"},
	"delay":       {"late"},
	"duplicate":   {"duplicate"},
	"noise":       {"sensor_noise"},
	"spike":       {"rate_of_change"},
	"warmup":      {"sensor_warm_up", "sensor_first_day"},
}

// window is how long a rule looks back: a mark is right if the fault touched any
// reading within it, not only the newest. The step back from a spike is part of it.
var window = map[string]time.Duration{
	"rate_of_change":  12 * time.Minute,
	"sensor_noise":    45 * time.Minute,
	"compression_low": time.Hour,
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
	// Marked are the readings that trip its rules; Right are those of them where a
	// fault for which the rule is meant had touched what the rule looks at.
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
	for _, of := range byFault {
		slices.SortStableFunc(of, func(a, b simulate.Truth) int {
			if c := strings.Compare(a.Patient, b.Patient); c != 0 {
				return c
			}
			return a.At.Compare(b.At)
		})
	}
	r := &Result{Readings: len(marks), Rules: byRule(marks, touched)}
	for _, name := range simulate.Faults() {
		f := Fault{Fault: name, Rules: append([]string{}, meant[name]...)}
		f.find(byFault[name], rules)
		f.judge(marks, touched, byFault)
		r.Faults = append(r.Faults, f)
	}
	return r
}

func keyOf(t simulate.Truth) key { return key{t.Patient, t.ID, t.Sent.UnixNano()} }

// find counts the faulty readings and the spells, in the order of patient and time,
// that any rule meant for the fault marks.
func (f *Fault) find(truths []simulate.Truth, rules map[key][]string) {
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
func (f *Fault) judge(marks []mark, touched map[key][]string, byFault map[string][]simulate.Truth) {
	for _, m := range marks {
		tripped := common(f.Rules, m.rules)
		if len(tripped) == 0 {
			continue
		}
		f.Marked++
		if slices.ContainsFunc(tripped, func(rule string) bool { return right(m, rule, touched[m.key], byFault) }) {
			f.Right++
		}
	}
	f.Precision = share(f.Right, f.Marked)
}

// right says whether a fault that the rule is meant for touched the reading, or
// one that the rule looked back to.
func right(m mark, rule string, touched []string, byFault map[string][]simulate.Truth) bool {
	for fault, rules := range meant {
		if !slices.Contains(rules, rule) {
			continue
		}
		if slices.Contains(touched, fault) || window[rule] > 0 && lately(byFault[fault], m, window[rule]) {
			return true
		}
	}
	return false
}

// lately says whether one of the truths, which are sorted by patient and time, was
// sent by the patient of m within the window before it.
func lately(truths []simulate.Truth, m mark, window time.Duration) bool {
	at := time.Unix(0, m.sent)
	i, _ := slices.BinarySearchFunc(truths, at.Add(-window), func(t simulate.Truth, from time.Time) int {
		if c := strings.Compare(t.Patient, m.patient); c != 0 {
			return c
		}
		return t.At.Compare(from)
	})
	return i < len(truths) && truths[i].Patient == m.patient && !truths[i].At.After(at)
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
