package predict

import (
	"time"

	"github.com/titrate/titrate/cleanse"
	"github.com/titrate/titrate/train"
)

// Comparison is what the champion and a challenger would say about the same event
// with the same past. Only the champion speaks.
type Comparison struct {
	Patient    string    `json:"patient"`
	Time       time.Time `json:"time"`
	Event      EventRef  `json:"event"`
	Champion   Opinion   `json:"champion"`
	Challenger Opinion   `json:"challenger"`
	Differs    bool      `json:"differs"` // in kind, units or carbs
}

// Opinion is a decision in short. Silent means that nothing would be said.
type Opinion struct {
	Model  string        `json:"model"`
	Silent bool          `json:"silent,omitempty"`
	Kind   Kind          `json:"kind"`
	Units  cleanse.Units `json:"units"`
	CarbsG cleanse.Grams `json:"carbs_g"`
}

// Use puts another model in charge, from the next event on. State, quieting and
// what was advised stay as they are.
func (s *Scorer) Use(model *train.Model) { s.desk.use(model) }

// Shadow has a challenger weigh whatever the champion weighs; nil ends that.
func (s *Scorer) Shadow(challenger *train.Model) {
	s.desk.challenger = nil
	if challenger != nil {
		s.desk.challenger = newDesk(challenger)
	}
}

// Compared is what champion and challenger had to say since Compared was last
// called, where at least one of them would have spoken.
func (s *Scorer) Compared() []Comparison {
	compared := s.desk.compared
	s.desk.compared = nil
	return compared
}

// compare asks the challenger about the situation that the kernel has just weighed.
func (p *Person) compare(s *Situation, e *cleanse.Event) {
	other := p.desk.challenger
	if other == nil {
		return
	}
	other.situation = *s
	other.situation.Calibrated = other.calibrated
	other.situation.Below = other.below
	other.foresee(p, &other.situation)
	other.kernel.weigh(&other.situation)
	c := Comparison{
		Patient: p.patient, Time: s.Now, Event: EventRef{e.Partition, e.Offset},
		Champion: p.opinion(p.desk), Challenger: p.opinion(other),
	}
	if c.Champion.Silent && c.Challenger.Silent {
		return
	}
	a, b := c.Champion, c.Challenger
	a.Model, b.Model = "", ""
	c.Differs = a != b
	p.desk.compared = append(p.desk.compared, c)
}

// opinion is what the kernel of a desk has decided about p.
func (p *Person) opinion(d *desk) Opinion {
	said := &d.kernel.said
	if !p.speaks(&d.kernel) {
		return Opinion{Model: d.version(), Silent: true}
	}
	return Opinion{Model: d.version(), Kind: said.Kind, Units: said.Units, CarbsG: said.Carbs}
}
