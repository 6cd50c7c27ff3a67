package cleanse

import (
	"slices"
	"strings"
	"time"

	"github.com/titrate/titrate/cleanse/slab"
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
	last   int64 // the offset seen last
	swept  int64 // the offset at which people were last looked through
	trace  [mostReadings]near

	people map[string]slab.List // of one person
	// What is remembered of them has no pointers, so that it isn't looked through whenever
	// garbage is collected.
	persons  slab.Slab[person]
	readings rings[glimpse]
	doses    rings[dose]
	meals    rings[portion]
	notes    slab.Slab[notes]
	spans    slab.Slab[span]
	zones    []*time.Location
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
	return &sequence{reach: reach, limits: limits, people: map[string]slab.List{}, last: -1}
}

// person is what is remembered of one patient.
type person struct {
	last       int64 // offset of the newest event
	disorder   int64 // offset of the newest reading that was older than the one before it
	readings   ring
	doses      ring
	meals      ring
	notes      slab.List // one, or none
	spans      slab.List // stretches of one sensor's readings, oldest first: mostSpans of them
	zone       int32     // its number among the sequence's zones, from 1; 0: none was told
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
		*s = *newSequence(s.limits, s.reach)
		s.swept = e.Offset
	}
	s.last = e.Offset
	if e.Offset-s.swept > s.reach {
		s.sweep(e.Offset)
	}
	p := s.person(e.Patient)
	p.last = e.Offset
	if e.Replaces != "" {
		s.forget(p, e)
	}
	if duplicate {
		s.drop(p, e.Kind, identity)
	}
	return s.judge(p, e, identity)
}

// person is the one of a name, made if need be.
func (s *sequence) person(patient string) *person {
	at, known := s.people[patient]
	if !known {
		s.persons.Grow(&at, 1)[0] = person{disorder: -1}
		s.people[strings.Clone(patient)] = at // the event's may lie in the record
	}
	return &s.persons.Of(at)[0]
}

// judge looks at e, then remembers it.
func (s *sequence) judge(p *person, e *Event, identity uint64) (found flagSet) {
	from := e.Offset - s.reach
	switch e.Kind {
	case Glucose:
		if e.Source == "cgm" {
			now := glimpseOf(e, identity)
			found = s.reading(p, e, &now, from)
			s.addReading(p, &now, from)
		}
	case Insulin:
		now := doseOf(e, identity)
		found = s.dose(p, &now, from)
		s.doses.add(&p.doses, now, mostDoses, from)
	case Meal:
		now := portionOf(e, identity)
		found = s.meal(p, &now, from)
		s.meals.add(&p.meals, now, mostMeals, from)
	case Note:
		s.note(p, e, identity)
	case Profile:
		p.zone, p.zoneOffset = s.numbered(e.Profile.Zone), e.Offset
	}
	return found
}

// numbered is the number of a zone, 1 for the first that was told.
func (s *sequence) numbered(zone *time.Location) int32 {
	i := slices.Index(s.zones, zone)
	if i < 0 {
		i = len(s.zones)
		s.zones = append(s.zones, zone)
	}
	return int32(i + 1)
}

// sweep forgets people of whom nothing is within reach.
func (s *sequence) sweep(offset int64) {
	for patient, at := range s.people {
		p := &s.persons.Of(at)[0]
		if p.last >= offset-s.reach {
			continue
		}
		s.readings.Free(&p.readings.items)
		s.doses.Free(&p.doses.items)
		s.meals.Free(&p.meals.items)
		s.notes.Free(&p.notes)
		s.spans.Free(&p.spans)
		s.persons.Free(&at)
		delete(s.people, patient)
	}
	s.swept = offset
}

// note remembers when a sensor was started or calibrated.
func (s *sequence) note(p *person, e *Event, identity uint64) {
	m := mark{at: e.At.UnixMicro(), offset: e.Offset, identity: identity, known: true}
	if p.notes.Len() == 0 {
		s.notes.Grow(&p.notes, 1)[0] = notes{}
	}
	told := s.told(p)
	switch e.Note.Code {
	case "sensor-start":
		told.start = m
	case "calibration":
		told.calibration = m
	}
}

// told is what notes said of p's sensors; nil: nothing.
func (s *sequence) told(p *person) *notes {
	if p.notes.Len() == 0 {
		return nil
	}
	return &s.notes.Of(p.notes)[0]
}

// forget drops what e replaces: the corrected dose isn't a second one. Which kind
// of event it was isn't said.
func (s *sequence) forget(p *person, e *Event) {
	for _, kind := range [...]Kind{Glucose, Meal, Insulin, Note} {
		s.drop(p, kind, named(kind, e.Patient, e.Replaces))
	}
}

func (s *sequence) drop(p *person, kind Kind, identity uint64) {
	switch kind {
	case Glucose:
		s.readings.remove(&p.readings, identity)
	case Meal:
		s.meals.remove(&p.meals, identity)
	case Insulin:
		s.doses.remove(&p.doses, identity)
	case Note:
		told := s.told(p)
		if told == nil {
			return
		}
		if told.start.identity == identity {
			told.start = mark{}
		}
		if told.calibration.identity == identity {
			told.calibration = mark{}
		}
	}
}

// within says that m was told at or behind offset from, and how long it is before
// at, in microseconds.
func (m *mark) within(from, at int64) (age int64, ok bool) {
	return at - m.at, m.known && m.offset >= from
}
