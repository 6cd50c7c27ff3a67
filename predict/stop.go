package predict

import (
	"time"

	"github.com/titrate/titrate/cleanse"
)

// stoppedGate is the one gate of a refusal while advice is stopped.
const stoppedGate = "stopped"

// Stop ends all advice until it is called with no reason: a meal, which is owed an
// answer, is refused with the reason, and nothing else is said. The log is folded
// on, so that advice is complete the moment it is allowed again. What is not said
// is not remembered as said.
func (s *Scorer) Stop(reason string) { s.desk.stopped = reason }

// Stop is Scorer.Stop for one person.
func (p *Person) Stop(reason string) { p.desk.stopped = reason }

// refuse answers while advice is stopped.
func (p *Person) refuse(s *Situation, e *cleanse.Event) []Recommendation {
	if s.Ask != AboutMeal {
		return nil
	}
	r := p.refusal(s.Now)
	r.ID = identify(p.patient, r.Model, e.Partition, e.Offset)
	r.Event = EventRef{e.Partition, e.Offset}
	return []Recommendation{r}
}

func (p *Person) refusal(now time.Time) Recommendation {
	return p.recommendation(Decision{
		Kind:    Hold,
		Because: "all advice is stopped: " + p.desk.stopped + "; dose as you were taught",
		Gates:   []Gate{{ID: stoppedGate, Outcome: Block, Note: p.desk.stopped}},
	}, now)
}
