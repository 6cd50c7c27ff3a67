package trial

import (
	"encoding/json"
	"fmt"
)

// personOutcomes are one person's outcomes in one arm, by name.
type personOutcomes struct {
	Patient  string             `json:"patient"`
	Seed     uint64             `json:"seed"`
	Cohort   string             `json:"cohort"`
	Outcomes map[string]float64 `json:"outcomes"`
}

// armWithPeople is an arm's result with everybody's own outcomes.
type armWithPeople struct {
	ArmResult
	People []personOutcomes `json:"people"`
}

// JSON is the result with the outcomes of every person in every arm, from which
// each mean and difference can be computed again.
func (r *Result) JSON() ([]byte, error) {
	all := struct {
		*Result
		Arms []armWithPeople `json:"arms"`
	}{Result: r}
	for _, a := range r.Arms {
		all.Arms = append(all.Arms, armWithPeople{a, outcomesOf(a.Courses)})
	}
	text, err := json.Marshal(all)
	if err != nil {
		return nil, fmt.Errorf("encode result: %w", err)
	}
	return text, nil
}

func outcomesOf(courses []*Course) []personOutcomes {
	people := make([]personOutcomes, len(courses))
	for i, c := range courses {
		people[i] = personOutcomes{Patient: c.Patient, Seed: c.Seed, Cohort: c.Cohort, Outcomes: map[string]float64{}}
		for k, value := range c.values() {
			people[i].Outcomes[Outcomes()[k].Name] = value
		}
	}
	return people
}
