package trial

import (
	"cmp"
	"slices"

	"github.com/titrate/titrate/ingest/simulate"
)

// Result is the outcome of a trial.
type Result struct {
	People    int               `json:"people"` // all seeds together
	Days      int               `json:"days"`
	Seed      uint64            `json:"seed"`
	Seeds     int               `json:"seeds"`
	Cohort    string            `json:"cohort"`
	Condition string            `json:"condition"`
	Settings  simulate.Settings `json:"settings,omitempty"` // by how much they are wrong
	Reference string            `json:"reference"`          // the arm that others are compared with
	Model     string            `json:"model,omitempty"`
	Outcomes  []Outcome         `json:"outcomes"` // what the names of means and differences stand for
	Arms      []ArmResult       `json:"arms"`
}

// ArmResult is one arm's outcomes. If Failed says why it failed, there are none.
type ArmResult struct {
	Arm    string  `json:"arm"`
	Failed string  `json:"failed,omitempty"`
	Groups []Group `json:"groups,omitempty"` // all people, then by cohort
	// Messages a day by kind, of all people.
	Messages *PerDay `json:"messages,omitempty"`
	// Verdict is that of all people against the reference; nil for the reference.
	Verdict *Verdict `json:"verdict,omitempty"`

	Courses []*Course `json:"-"` // by seed and person; the same order in each arm
}

// Group is a group's outcomes: the mean over people by name, and the paired
// difference from the reference.
type Group struct {
	Name        string                `json:"name"`
	People      int                   `json:"people"`
	Means       map[string]float64    `json:"means"`
	Differences map[string]Difference `json:"differences,omitempty"`
}

// everybody is the group of all people.
const everybody = "all"

func (o *Options) result(wards []ward) *Result {
	r := &Result{
		People: o.Patients * o.Seeds, Days: o.Days, Seed: o.Seed, Seeds: o.Seeds,
		Cohort: o.Cohort, Condition: o.Condition.Name, Settings: o.Settings, Outcomes: Outcomes(),
	}
	for a, arm := range o.Arms {
		result := ArmResult{Arm: arm.Name, Courses: wards[a].courses}
		if err := wards[a].failure(); err != nil {
			result.Failed, result.Courses = err.Error(), nil
		}
		r.Arms = append(r.Arms, result)
	}
	r.compare(o.Seed)
	return r
}

// compare summarises the arms, against the calculator with insulin on board or, if
// that is missing or has failed, the first arm that hasn't.
func (r *Result) compare(seed uint64) {
	against := r.arm(reference)
	if against == nil {
		i := slices.IndexFunc(r.Arms, func(a ArmResult) bool { return a.Failed == "" })
		if i < 0 {
			return
		}
		against = &r.Arms[i]
	}
	r.Reference = against.Arm
	groups := groupsOf(against.Courses)
	base := valuesOf(against.Courses)
	for i := range r.Arms {
		if arm := &r.Arms[i]; arm.Failed == "" {
			arm.summarise(groups, base, seed, arm.Arm == r.Reference)
		}
	}
}

// arm finds an arm that did not fail.
func (r *Result) arm(name string) *ArmResult {
	for i := range r.Arms {
		if r.Arms[i].Arm == name && r.Arms[i].Failed == "" {
			return &r.Arms[i]
		}
	}
	return nil
}

// members are the people of a group, as indexes into the courses of any arm.
type members struct {
	name   string
	people []int
}

// groupsOf is everybody, then the cohorts in alphabetical order. If there is only
// one cohort, it is not repeated.
func groupsOf(courses []*Course) []members {
	all := members{name: everybody}
	var cohorts []members
	for i, c := range courses {
		all.people = append(all.people, i)
		at, found := slices.BinarySearchFunc(cohorts, c.Cohort, func(m members, name string) int { return cmp.Compare(m.name, name) })
		if !found {
			cohorts = slices.Insert(cohorts, at, members{name: c.Cohort})
		}
		cohorts[at].people = append(cohorts[at].people, i)
	}
	if len(cohorts) == 1 {
		return []members{all}
	}
	return append([]members{all}, cohorts...)
}

func valuesOf(courses []*Course) [][]float64 {
	values := make([][]float64, len(courses))
	for i, c := range courses {
		values[i] = c.values()
	}
	return values
}

func (a *ArmResult) summarise(groups []members, base [][]float64, seed uint64, isReference bool) {
	values := valuesOf(a.Courses)
	messages := perDay(a.Courses)
	a.Messages = &messages
	for _, g := range groups {
		group := Group{Name: g.name, People: len(g.people), Means: map[string]float64{}}
		if !isReference {
			group.Differences = map[string]Difference{}
		}
		for k, outcome := range Outcomes() {
			own := column(values, g.people, k)
			group.Means[outcome.Name] = mean(own)
			if !isReference {
				group.Differences[outcome.Name] = paired(own, column(base, g.people, k), seed)
			}
		}
		a.Groups = append(a.Groups, group)
	}
	if !isReference {
		all := a.Groups[0].Differences
		verdict := judge(all[below70], all[inRange], len(base))
		a.Verdict = &verdict
	}
}

func column(values [][]float64, people []int, k int) []float64 {
	x := make([]float64, len(people))
	for i, p := range people {
		x[i] = values[p][k]
	}
	return x
}
