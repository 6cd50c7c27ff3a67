package trial

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/titrate/titrate/ingest/simulate"
)

// Condition is what the people's lives are like, beyond their own habits.
type Condition struct {
	Name   string
	About  string // in a sentence
	Strain simulate.Strain
	Faults []string
	// Followed is the share of advice that is followed; Delay is the most minutes
	// until it is.
	Followed float64
	Delay    int
}

// Nominal is life as people's habits make it, with good sensors; advice is followed
// at once.
var Nominal = Condition{
	Name: "nominal", Followed: 1,
	About: "Life as people's own habits make it, with sound sensors; all advice is followed at once.",
}

// Stress is a hard life: carbs miscounted by 30 %, one meal in five unannounced,
// sensitivity that differs by 25 % from day to day, every sensor fault, and 85 % of
// advice followed within ten minutes.
var Stress = Condition{
	Name: "stress", Strain: simulate.Strain{CountSD: 0.30, Unannounced: 0.20, DaySD: 0.25},
	Faults: []string{"all"}, Followed: 0.85, Delay: 10,
	About: "Carb counts err by 30 % (SD), one meal in five is not announced, sensitivity differs by 25 % (SD) from day to day, " +
		"sensors have every fault, and 85 % of advice is followed, within ten minutes.",
}

// conditions are nominal and stress, and then stress's parts one at a time, which
// tell what it is that an arm can't bear.
func conditions() []Condition {
	return []Condition{
		Nominal, Stress,
		{
			Name: "life", Strain: Stress.Strain, Followed: 1,
			About: "Carb counts err by 30 % (SD), one meal in five is not announced, and sensitivity differs by 25 % (SD) from day to day; sensors are sound and all advice is followed.",
		},
		{
			Name: "faults", Faults: Stress.Faults, Followed: 1,
			About: "Sensors have every fault; habits are people's own, and all advice is followed.",
		},
		{
			Name: "adherence", Followed: Stress.Followed, Delay: Stress.Delay,
			About: "85 % of advice is followed, within ten minutes; habits are people's own, and sensors are sound.",
		},
	}
}

// Conditions are the permitted names of a condition.
func Conditions() []string {
	var names []string
	for _, c := range conditions() {
		names = append(names, c.Name)
	}
	return names
}

// ConditionNamed finds a condition; unknown names are refused.
func ConditionNamed(name string) (Condition, error) {
	for _, c := range conditions() {
		if c.Name == name {
			return c, nil
		}
	}
	return Condition{}, fmt.Errorf("unknown condition %q: want one of %s", name, strings.Join(Conditions(), ", "))
}

// heed says whether a person follows what they hear at a moment, and after how
// long. It depends on the person, the hour and what is to be done, not on the arm:
// in an hour in which they don't care to correct, repeating it doesn't help.
func (c *Condition) heed(seed uint64, patient, kind string, at time.Time) (delay time.Duration, follows bool) {
	h := fnv.New64a()
	fmt.Fprintf(h, "%s/%s/%d", patient, kind, at.Truncate(time.Hour).Unix())
	r := rand.New(rand.NewPCG(seed, h.Sum64()))
	follows = r.Float64() < c.Followed
	return time.Duration(r.IntN(c.Delay+1)) * time.Minute, follows
}
