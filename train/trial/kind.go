package trial

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/titrate/titrate/train/glycemia"
)

// PerDay is how many messages a day an arm's people heard, by kind: an alert's name, or
// what was advised. Answers are what was said to a meal that they announced, at once or
// when its dose could be given, and what a calculator said that they asked; everything
// else interrupted them. The rule is the same in every arm.
type PerDay struct {
	Unasked map[string]float64 `json:"unasked"`
	Answers map[string]float64 `json:"answers"`
}

// askedAgain is how long the same question to a calculator is one: who doesn't follow is
// told the same at every reading.
const askedAgain = time.Hour

// perDay counts the messages of courses.
func perDay(courses []*Course) PerDay {
	p := PerDay{map[string]float64{}, map[string]float64{}}
	var days float64
	for _, c := range courses {
		days += float64(len(c.MgdL)) * glycemia.Every / 1440
	}
	for _, c := range courses {
		asked := map[string]time.Time{}
		for _, s := range c.Said {
			switch last, again := asked[s.About]; {
			case s.Pushed:
				p.Unasked[s.About] += 1 / days
			case s.About != aboutCorrection || !again || s.At.Sub(last) >= askedAgain:
				p.Answers[s.About] += 1 / days
				asked[s.About] = s.At
			}
		}
	}
	return p
}

// KindRow is one kind of message, as the report shows it.
type KindRow struct {
	Name             string
	Unasked, Answers float64
}

// Words are the kind as a reader says it.
func (r KindRow) Words() string {
	if words, known := kindWords[r.Name]; known {
		return words
	}
	return strings.ReplaceAll(r.Name, "_", " ")
}

var kindWords = map[string]string{
	"meal":              "meal dose",
	"no_data":           "no readings come",
	"was_it_taken":      "was the dose taken?",
	"predicted_low":     "low ahead",
	"urgent_low":        "very low",
	"urgent_low_soon":   "very low soon",
	"missed_bolus":      "meal not logged?",
	"sensor_suspect":    "sensor in doubt",
	"no_longer_holds":   "advice no longer holds",
	"long_acting_late":  "long-acting insulin late?",
	"long_acting_twice": "long-acting insulin twice?",
}

// Rows are all kinds, the most frequent first.
func (p PerDay) Rows() []KindRow {
	names := slices.Sorted(maps.Keys(p.Unasked))
	for name := range p.Answers {
		if _, both := p.Unasked[name]; !both {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	rows := make([]KindRow, len(names))
	for i, name := range names {
		rows[i] = KindRow{name, p.Unasked[name], p.Answers[name]}
	}
	slices.SortStableFunc(rows, func(a, b KindRow) int {
		switch x, y := a.Unasked+a.Answers, b.Unasked+b.Answers; {
		case x > y:
			return -1
		case x < y:
			return 1
		}
		return 0
	})
	return rows
}
