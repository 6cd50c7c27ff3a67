package predict

import (
	"time"

	"github.com/titrate/titrate/cleanse"
	"github.com/titrate/titrate/train/feature"
)

// notice folds an event into habits, and tells the moments that it makes. It is called
// once the window has seen the event.
func (p *Person) notice(e *cleanse.Event) []Moment {
	zone := p.zone()
	begun := p.habits.observe(e, zone)
	m := p.desk.moments
	if m == nil || !fresh(e) {
		return nil
	}
	var said []Moment
	o, looked := &p.desk.occasion, false // used again: it would be allocated for every reading
	for i := range m.list {
		d := &m.list[i]
		if !d.asked(e, begun) || p.toldLately(d, e) {
			continue
		}
		if !looked {
			looked = true
			*o = occasion{habits: p.habits.numbers(moment(e), zone)}
			o.vector = p.desk.notices(&p.window, moment(e))
		}
		if d.holds(o) {
			said = append(said, p.tellMoment(d, e))
		}
	}
	return said
}

// notices is the vector of a window at a moment, which the event under way may have been
// answered by already; nil if there is none.
func (d *desk) notices(w *feature.Window, now time.Time) *feature.Vector {
	if known := !d.noticingAt.IsZero() && d.noticingAt.Equal(now); !known && !w.Vector(now, &d.noticing) {
		return nil
	}
	return &d.noticing
}

func (p *Person) zone() *time.Location {
	if s := p.window.Settings(); s != nil && s.Zone != nil {
		return s.Zone
	}
	return time.UTC
}

// asked tells whether the event is an occasion for the moment.
func (d *definition) asked(e *cleanse.Event, begun bool) bool {
	switch d.On {
	case "day":
		return begun
	case "glucose":
		return e.Kind == cleanse.Glucose
	case "meal":
		return e.Kind == cleanse.Meal
	case "insulin":
		return e.Kind == cleanse.Insulin
	case "activity":
		return e.Kind == cleanse.Activity
	}
	return false
}

func (p *Person) toldLately(d *definition, e *cleanse.Event) bool {
	at, ok := p.habits.Told[d.Name]
	return ok && moment(e).Sub(at) < d.quiet
}

func (p *Person) tellMoment(d *definition, e *cleanse.Event) Moment {
	if p.habits.Told == nil {
		p.habits.Told = map[string]time.Time{}
	}
	p.habits.Told[d.Name], p.changed = moment(e), true
	return Moment{
		ID: identify(p.patient, "moment "+d.Name, e.Partition, e.Offset), Patient: p.patient, Time: moment(e),
		Name: d.Name, Says: d.Says, Event: EventRef{e.Partition, e.Offset},
	}
}

// Watch has the scorer tell moments from now on; nil ends that. Definitions may be
// swapped at any time: what was told keeps its quiet by name.
func (s *Scorer) Watch(m *Moments) { s.desk.moments = m }

// Noticed are the moments that came up since Noticed was last called, in the order of
// the log.
func (s *Scorer) Noticed() []Moment {
	said := s.desk.noticed
	s.desk.noticed = nil
	return said
}

// Backtest tells which moments one person's events would have made, in the order of the
// log, as a Scorer tells them live that saw the log from its beginning.
func (m *Moments) Backtest(patient string, events []cleanse.Event) (said []Moment) {
	p := NewPerson(patient, nil)
	p.desk.moments = m
	for i := range events {
		p.fold(&events[i])
		said = append(said, p.notice(&events[i])...)
	}
	return said
}
