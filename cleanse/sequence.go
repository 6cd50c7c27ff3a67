package cleanse

import (
	"strings"
	"time"
)

// sequence is what the rules over a person's events remember of a partition.
//
// Like the search for duplicates it depends on the last reach offsets alone, so
// that whoever begins to read that much earlier decides alike: every entry carries
// its offset and is ignored once it is older, entries are kept in the order of the
// log, and nothing is derived from an entry that outlives it.
type sequence struct {
	reach  int64
	limits *sequenceLimits
	people map[string]*person
	last   int64 // the offset seen last
	swept  int64 // the offset at which people were last looked through
	trace  [mostReadings]near
}

// How many entries are kept of a person: three hours of a sensor that reports
// every three minutes, a day of a pump's boluses, a day of meals.
const (
	mostReadings = 64
	mostDoses    = 128
	mostMeals    = 32
	mostSpans    = 4
)

func newSequence(limits *sequenceLimits, reach int64) *sequence {
	return &sequence{reach: reach, limits: limits, people: map[string]*person{}, last: -1}
}

// person is what is remembered of one patient.
type person struct {
	last       int64 // offset of the newest event
	readings   ring[glimpse]
	disorder   int64          // offset of the newest reading that was older than the one before it
	doses      *ring[dose]    // nil until there is one,
	meals      *ring[portion] // as of what follows: most people have a few of these within reach
	notes      *notes
	spans      []span // stretches of one sensor's readings, oldest first: mostSpans of them
	zone       *time.Location
	zoneOffset int64
}

// notes are what notes said last of a sensor.
type notes struct{ start, calibration mark }

// mark is a moment that a note named.
type mark struct {
	at, offset int64
	identity   uint64
	known      bool
}

// observe returns the rules that e breaks in the light of what came before, and
// remembers it. A duplicate is remembered in the place of what it repeats: a reader
// who begins between the two knows only it.
func (s *sequence) observe(e *Event, identity uint64, duplicate bool) flagSet {
	if e.Offset <= s.last {
		clear(s.people)
		s.swept = e.Offset
	}
	s.last = e.Offset
	if e.Offset-s.swept > s.reach {
		s.sweep(e.Offset)
	}
	p := s.people[e.Patient]
	if p == nil {
		p = &person{disorder: -1}
		s.people[strings.Clone(e.Patient)] = p // the event's may lie in the record
	}
	p.last = e.Offset
	if e.Replaces != "" {
		p.forget(e)
	}
	if duplicate {
		p.drop(e.Kind, identity)
	}
	return s.judge(p, e, identity)
}

// judge looks at e, then remembers it.
func (s *sequence) judge(p *person, e *Event, identity uint64) (found flagSet) {
	from := e.Offset - s.reach
	switch e.Kind {
	case Glucose:
		if e.Source == "cgm" {
			now := glimpseOf(e, identity)
			found = s.reading(p, e, &now, from)
			p.addReading(&now, from)
		}
	case Insulin:
		now := doseOf(e, identity)
		found = s.dose(p, &now, from)
		p.doses = added(p.doses, now, mostDoses, from)
	case Meal:
		now := portionOf(e, identity)
		found = s.meal(p, &now, from)
		p.meals = added(p.meals, now, mostMeals, from)
	case Note:
		p.note(e, identity)
	case Profile:
		p.zone, p.zoneOffset = e.Profile.Zone, e.Offset
	}
	return found
}

// sweep forgets people of whom nothing is within reach.
func (s *sequence) sweep(offset int64) {
	for patient, p := range s.people {
		if p.last < offset-s.reach {
			delete(s.people, patient)
		}
	}
	s.swept = offset
}

// note remembers when a sensor was started or calibrated.
func (p *person) note(e *Event, identity uint64) {
	m := mark{at: e.At.UnixMicro(), offset: e.Offset, identity: identity, known: true}
	if p.notes == nil {
		p.notes = &notes{}
	}
	switch e.Note.Code {
	case "sensor-start":
		p.notes.start = m
	case "calibration":
		p.notes.calibration = m
	}
}

// forget drops what e replaces: the corrected dose isn't a second one. Which kind
// of event it was isn't said.
func (p *person) forget(e *Event) {
	for _, kind := range [...]Kind{Glucose, Meal, Insulin, Note} {
		p.drop(kind, named(kind, e.Patient, e.Replaces))
	}
}

func (p *person) drop(kind Kind, identity uint64) {
	switch kind {
	case Glucose:
		p.readings.remove(identity)
	case Meal:
		p.meals.remove(identity)
	case Insulin:
		p.doses.remove(identity)
	case Note:
		if p.notes == nil {
			return
		}
		if p.notes.start.identity == identity {
			p.notes.start = mark{}
		}
		if p.notes.calibration.identity == identity {
			p.notes.calibration = mark{}
		}
	}
}

// within says that m was told at or behind offset from, and how long it is before
// at, in microseconds.
func (m *mark) within(from, at int64) (age int64, ok bool) {
	return at - m.at, m.known && m.offset >= from
}
