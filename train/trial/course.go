package trial

import (
	"fmt"
	"slices"
	"time"

	"github.com/titrate/titrate/ingest"
	"github.com/titrate/titrate/ingest/simulate"
	"github.com/titrate/titrate/train/glycemia"
)

// Course is what became of one person in one arm.
type Course struct {
	Patient string
	Cohort  string
	Seed    uint64
	Start   time.Time // of the first reading of MgdL
	Offset  int       // of local time from UTC at the start, in minutes
	Profile ingest.Wire
	MgdL    []float64 // true plasma glucose every five minutes
	Said    []Said
	Meals   []Meal

	Boluses    int
	Units      float64 // all insulin, in units
	Treatments int     // carbs taken on advice
	Rescues    int     // lows they treated without advice
	Pushed     int     // messages that nobody had asked for
}

// Said is a message and whether the person did what it says.
type Said struct {
	Message
	At       time.Time
	Answer   string // accepted, changed, declined, or ignored
	Declined string // why
}

// Meal is a meal that was logged, with the person's own count in grams.
type Meal struct {
	At     time.Time
	Name   string
	CarbsG float64
}

// treatment is a course under way.
type treatment struct {
	*Course
	person *simulate.Person
	policy Policy
	o      *Options
	seed   uint64
	first  time.Time // that counts
	due    []due
}

// due is advice that will be followed later.
type due struct {
	at     time.Time
	advice simulate.Advice
}

// treat lets a person live with a policy, minute by minute.
func (o *Options) treat(p *simulate.Person, arm Arm, seed uint64) (*Course, error) {
	end := o.Start.AddDate(0, 0, o.Days)
	t := treatment{
		Course: &Course{Patient: p.Patient(), Cohort: p.Cohort(), Seed: seed, Start: o.Start, Profile: p.Profile()},
		person: p, policy: arm.New(p), o: o, seed: seed, first: o.Start,
	}
	begin := o.Start.Add(-runIn)
	zone, err := time.LoadLocation(t.Profile.Timezone)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", p.Patient(), err)
	}
	_, seconds := o.Start.In(zone).Zone()
	t.Offset = seconds / 60
	if err := t.hear(begin, t.Profile); err != nil {
		return nil, err
	}
	rescued := 0
	for now := begin; now.Before(end); now = now.Add(time.Minute) {
		if now.Equal(o.Start) {
			rescued = p.Rescues()
		}
		if !now.Before(o.Start) && now.Minute()%glycemia.Every == 0 {
			t.MgdL = append(t.MgdL, p.Glucose())
		}
		t.follow(now)
		if err := t.tick(now); err != nil {
			return nil, err
		}
		if err := p.Advance(now, t.hear); err != nil {
			return nil, err
		}
	}
	t.Rescues = p.Rescues() - rescued
	return t.Course, nil
}

// hear passes an event to the policy, and what it says to the person.
func (t *treatment) hear(at time.Time, w ingest.Wire) error {
	t.count(at, w)
	messages, err := t.policy.Observe(at, w)
	if err != nil {
		return err
	}
	return t.pass(at, messages)
}

// tick lets a policy that can notice silence do so.
func (t *treatment) tick(now time.Time) error {
	ticker, ok := t.policy.(Ticker)
	if !ok || now.Minute()%glycemia.Every != 0 {
		return nil
	}
	return t.pass(now, ticker.Tick(now))
}

// pass passes messages to the person.
func (t *treatment) pass(at time.Time, messages []Message) error {
	for _, m := range messages {
		if err := absurd(m.Advice, t.person.Therapy().MaxBolus); err != nil {
			return fmt.Errorf("%s of seed %d at %s: %w", t.Patient, t.seed, at.Format(time.RFC3339), err)
		}
		delay, follows := t.o.Condition.heed(t.seed, t.Patient, m.Advice.Kind, at)
		if follows {
			t.due = append(t.due, due{at.Add(delay), m.Advice})
		}
		if !at.Before(t.first) {
			t.Said = append(t.Said, Said{Message: m, At: at, Answer: "ignored"})
			if m.Pushed {
				t.Pushed++
			}
		}
	}
	return nil
}

// follow hands over the advice whose time has come.
func (t *treatment) follow(now time.Time) {
	t.due = slices.DeleteFunc(t.due, func(d due) bool {
		if d.at.After(now) {
			return false
		}
		t.person.Advise(d.advice)
		return true
	})
}

// count books what happened, from the first day that counts on.
func (t *treatment) count(at time.Time, w ingest.Wire) {
	if at.Before(t.first) {
		return
	}
	switch {
	case w.Type == "insulin":
		t.Units += *w.Units
		if w.Kind == "rapid" && w.Reason != "basal" {
			t.Boluses++
		}
	case w.Type == "meal" && w.Kcal != nil:
		t.Meals = append(t.Meals, Meal{at, w.Meal, *w.CarbsG})
	case w.Type == "response":
		if w.CarbsG != nil && w.Action == "accepted" {
			t.Treatments++
		}
		t.answered(w)
	}
}

func (t *treatment) answered(w ingest.Wire) {
	for i := len(t.Said) - 1; i >= 0; i-- {
		if s := &t.Said[i]; s.Advice.ID == w.Recommendation {
			s.Answer, s.Declined = w.Action, w.Reason
			return
		}
	}
}
