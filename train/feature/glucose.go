package feature

import (
	"iter"
	"time"

	"github.com/titrate/titrate/cleanse"
)

// Reading is a glucose value as it was measured.
type Reading struct {
	MgdL    cleanse.MgdL
	At      time.Time
	Special cleanse.Special // LOW or HIGH: MgdL is the limit of the sensor
	Source  string          // cgm, fingerstick or lab
}

// sample is a Reading as it is kept.
type sample struct {
	at      micros
	mgdl    float64
	id      id
	special cleanse.Special
	source  origin
}

func (s sample) when() micros { return s.at }

func (s sample) reading() Reading {
	return Reading{cleanse.MgdL(s.mgdl), instant(s.at), s.special, origins[s.source]}
}

type origin uint8

const cgm origin = 0

var origins = [...]string{"cgm", "fingerstick", "lab"}

func originOf(source string) origin {
	for i, name := range origins {
		if name == source {
			return origin(i)
		}
	}
	return cgm
}

// grain is the spacing to which readings of one source are thinned, so that a
// sensor that reports every minute fits in the same memory as one that reports
// every five. Of the readings in a grain the newest is kept.
const grain = 4 * time.Minute

func (w *Window) addReading(at micros, e *cleanse.Event) {
	w.level.add(at, float64(e.Glucose.MgdL))
	if !w.within(at, glucoseReach) {
		return
	}
	s := sample{at, float64(e.Glucose.MgdL), name(e.ID), e.Glucose.Special, originOf(e.Source)}
	for i := w.nReadings - 1; i >= 0 && w.readings[i].at/span(grain) >= at/span(grain); i-- {
		old := w.readings[i]
		if old.source != s.source || old.at/span(grain) != at/span(grain) {
			continue
		}
		if old.at > at {
			return
		}
		copy(w.readings[i:w.nReadings-1], w.readings[i+1:w.nReadings])
		w.nReadings--
		break
	}
	w.nReadings = insert(w.readings[:], w.nReadings, s)
}

// Last is the newest reading by the time it was measured, of whatever source.
func (w *Window) Last() (Reading, bool) {
	if w.nReadings == 0 {
		return Reading{}, false
	}
	return w.readings[w.nReadings-1].reading(), true
}

// Readings yields the remembered readings of the last three hours, oldest first;
// of several in the same four minutes the newest.
func (w *Window) Readings() iter.Seq[Reading] {
	return func(yield func(Reading) bool) {
		for i := range w.nReadings {
			if !yield(w.readings[i].reading()) {
				return
			}
		}
	}
}

// before is the number of readings at or before at.
func (w *Window) before(at micros) int {
	n := w.nReadings
	for n > 0 && w.readings[n-1].at > at {
		n--
	}
	return n
}
