package cleanse

import (
	"crypto/sha256"
	"encoding/binary"
	"math"
	"time"
)

// identify is what an event is known by, for finding exact duplicates: the
// patient, the type and, if it has one, the event's id; else when it happened,
// every value, the source and the device.
//
// It is the first 64 bits of a SHA-256, and never 0. Two events that differ share
// it with probability 2^-64, and each is compared with at most Lookback others:
// at 10,000 events a second, once in about 900 years. A faster hash would do
// against chance, but not against a producer who computes a message whose hash is
// that of another patient's next meal, which would then be set aside.
func identify(e *Event) uint64 {
	var room [512]byte // enough for most events: nothing is allocated
	d := digest(room[:0]).byte(byte(e.Kind)).text(e.Patient).text(e.ID)
	if e.ID == "" {
		d = d.moment(e.At).text(e.Source).text(e.Device).text(e.Replaces).values(e)
	}
	return d.sum()
}

// named is what identify says of an event of this kind with this id.
func named(kind Kind, patient, id string) uint64 {
	var room [512]byte
	return digest(room[:0]).byte(byte(kind)).text(patient).text(id).sum()
}

// Identity is what Fold knows an accepted event by: of two events with the same
// identity one says nothing new. Those of different people differ.
func Identity(e *Event) uint64 { return identify(e) }

// digest is an unambiguous sequence of values: text carries its length, absence
// differs from zero.
type digest []byte

func (d digest) sum() uint64 {
	sum := sha256.Sum256(d)
	return max(1, binary.LittleEndian.Uint64(sum[:8]))
}

func (d digest) byte(b byte) digest { return append(d, b) }

func (d digest) text(s string) digest {
	return append(binary.AppendUvarint(d, uint64(len(s))), s...)
}

func (d digest) int(v int64) digest { return binary.LittleEndian.AppendUint64(d, uint64(v)) }

func (d digest) moment(t time.Time) digest { return d.int(t.Unix()).int(int64(t.Nanosecond())) }

func (d digest) number(v float64) digest { return d.int(int64(math.Float64bits(v))) }

func (d digest) schedule(s Schedule) digest {
	d = d.int(int64(len(s)))
	for _, step := range s {
		d = d.int(int64(step.Start)).number(step.Value)
	}
	return d
}

// optional appends a value that may be absent.
func optional[T ~float64](d digest, v Opt[T]) digest {
	if !v.OK {
		return d.byte(0)
	}
	return d.byte(1).number(float64(v.V))
}

// values appends the part of e that its kind names.
func (d digest) values(e *Event) digest {
	switch e.Kind {
	case Glucose:
		g := &e.Glucose
		return d.number(float64(g.MgdL)).byte(byte(g.Special)).text(g.Trend)
	case Meal:
		m := &e.Meal
		d = optional(optional(d, m.Carbs), m.Kcal)
		return optional(optional(optional(d, m.Protein), m.Fat), m.Fibre).text(m.Meal).text(m.Size)
	case Insulin:
		i := &e.Insulin
		return d.number(float64(i.Units)).text(i.Action).text(i.Reason).text(i.Product).int(int64(i.Duration))
	case Profile:
		return d.settings(e.Profile)
	case Response:
		r := &e.Response
		return optional(optional(d, r.Units), r.Carbs).text(r.Recommendation).text(r.Action).text(r.Reason)
	case Activity:
		return d.int(int64(e.Activity.Duration)).text(e.Activity.Intensity)
	case Note:
		return d.text(e.Note.Code).text(e.Note.Text)
	default: // a retraction is what it replaces
		return d
	}
}

func (d digest) settings(s *Settings) digest {
	d = d.int(int64(s.BirthYear)).number(s.WeightKg).text(s.Diabetes).text(s.Regimen)
	for _, schedule := range []Schedule{s.ICR, s.ISF, s.TargetLow, s.TargetHigh, s.BasalPerDay} {
		d = d.schedule(schedule)
	}
	return d.number(float64(s.MaxBolus)).number(float64(s.DoseStep)).text(s.Insulin).int(int64(s.DIA)).text(s.Zone.String())
}
