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

// sample is a Reading as it is kept, in 16 bytes: a sensor's person has 36 of them.
type sample struct {
	stamp int64   // its time, special and origin: see sampled
	mgdl  float32 // to some millionths of a mg/dL
	id    id
}

// The lower bits of a sample's stamp.
const (
	originBits  = 2
	specialBits = 2
	stampBits   = originBits + specialBits
)

func sampled(at micros, e *cleanse.Event) sample {
	kind := int64(e.Glucose.Special)<<originBits | int64(originOf(e.Source))
	return sample{at<<stampBits | kind, float32(e.Glucose.MgdL), name(e.ID)}
}

func (s *sample) at() micros { return s.stamp >> stampBits }

func (s *sample) glucose() float64 { return float64(s.mgdl) }

func (s *sample) special() cleanse.Special {
	return cleanse.Special(s.stamp >> originBits & (1<<specialBits - 1))
}

func (s *sample) source() origin { return origin(s.stamp & (1<<originBits - 1)) }

func (s sample) when() micros { return s.at() }

func (s *sample) reading() Reading {
	return Reading{cleanse.MgdL(s.mgdl), instant(s.at()), s.special(), origins[s.source()]}
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

func (w *Window) addReading(at micros, e *cleanse.Event, as extent) {
	s := sampled(at, e)
	r := w.lists()
	if as == summed {
		w.level.add(&r.periods, at, s.glucose())
	}
	if !w.within(at, glucoseReach) {
		return
	}
	samples := w.samples()
	for i := len(samples) - 1; i >= 0 && samples[i].at()/span(grain) >= at/span(grain); i-- {
		old := &samples[i]
		if old.source() != s.source() || old.at()/span(grain) != at/span(grain) {
			continue
		}
		if old.at() > at {
			return
		}
		r.readings.Cut(&w.readings, i, 1)
		break
	}
	// Who wears a sensor has as many readings as an hour has, and then three hours, and no
	// more: room in steps of a few would be left by everybody, one after the other.
	switch n := w.readings.Len(); n {
	case meterReadings:
		r.readings.Reserve(&w.readings, hourReadings)
	case hourReadings:
		r.readings.Reserve(&w.readings, sensorReadings)
	}
	insert(&r.readings, &w.readings, mostReadings, s)
}

// Last is the newest reading by the time it was measured, of whatever source.
func (w *Window) Last() (Reading, bool) {
	samples := w.samples()
	if len(samples) == 0 {
		return Reading{}, false
	}
	return samples[len(samples)-1].reading(), true
}

// Readings yields the remembered readings of the last three hours, oldest first;
// of several in the same four minutes the newest.
func (w *Window) Readings() iter.Seq[Reading] {
	return func(yield func(Reading) bool) {
		samples := w.samples()
		for i := range samples {
			if !yield(samples[i].reading()) {
				return
			}
		}
	}
}

// before is the number of readings at or before at.
func (w *Window) before(at micros) int {
	samples := w.samples()
	n := len(samples)
	for n > 0 && samples[n-1].at() > at {
		n--
	}
	return n
}
