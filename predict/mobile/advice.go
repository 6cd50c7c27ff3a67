package mobile

import (
	"slices"
	"time"

	"github.com/titrate/titrate/cleanse"
	"github.com/titrate/titrate/predict"
)

// Advice is a recommendation that came through the log, and what became of it.
type Advice struct {
	predict.Recommendation
	// State is current, superseded (by newer advice), expired, answered or withdrawn
	// (all advice was stopped before it expired). At most one of a person's advices
	// is current.
	State     string    `json:"state"`
	Answer    *Answered `json:"answer,omitempty"`
	LatencyMs float64   `json:"latency_ms,omitempty"` // event produced → readable here

	withdrawn bool
}

// Answered is what the person said they did.
type Answered struct {
	Time   time.Time      `json:"time"`
	Action string         `json:"action"`
	Units  *cleanse.Units `json:"units,omitempty"`
	CarbsG *cleanse.Grams `json:"carbs_g,omitempty"`
}

// add keeps a, unless it is here already: the log may be read again.
func (c *chart) add(a Advice) (fresh bool) {
	for _, known := range c.advices {
		if known.ID == a.ID {
			return false
		}
	}
	c.advices = append(c.advices, a)
	if over := len(c.advices) - maxAdvices; over > 0 {
		c.advices = c.advices[over:]
	}
	return true
}

// answered notes what was done about the advice that the response names, or that the question
// is about that it names, and so about all questions whether it was taken; it returns them.
func (c *chart) answered(at time.Time, r cleanse.Answer) (settled []Advice) {
	about := r.Recommendation
	if about == "" {
		return nil
	}
	if i := slices.IndexFunc(c.advices, func(a Advice) bool { return a.ID == about && a.Asks != "" }); i >= 0 {
		about = c.advices[i].Asks
	}
	for i := range c.advices {
		a := &c.advices[i]
		if a.ID != about && a.Asks != about {
			continue
		}
		a.Answer = &Answered{Time: at, Action: r.Action}
		if r.Units.OK {
			a.Answer.Units = &r.Units.V
		}
		if r.Carbs.OK {
			a.Answer.CarbsG = &r.Carbs.V
		}
		settled = append(settled, c.state(i))
	}
	return settled
}

// state is advice i with what it is worth now.
func (c *chart) state(i int) Advice {
	a := c.advices[i]
	switch {
	case a.Answer != nil:
		a.State = "answered"
	case a.withdrawn:
		a.State = "withdrawn"
	case i < len(c.advices)-1:
		a.State = "superseded"
	case !c.now().Before(a.Expires):
		a.State = "expired"
	default:
		a.State = "current"
	}
	return a
}

// history is the advice given at t or later, oldest first.
func (c *chart) history(t time.Time) []Advice {
	out := []Advice{}
	for i, a := range c.advices {
		if !a.Time.Before(t) {
			out = append(out, c.state(i))
		}
	}
	return out
}

// current is the advice that holds now, or nil.
func (c *chart) current() *Advice {
	if len(c.advices) == 0 {
		return nil
	}
	if a := c.state(len(c.advices) - 1); a.State == "current" {
		return &a
	}
	return nil
}
