package cleanse

import (
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

const (
	// LateAfter is how long after it happened an event may arrive without being
	// Late.
	LateAfter = time.Hour
	// MaxAhead is how far ahead of the log a device's clock may be.
	MaxAhead = 5 * time.Minute

	maxPatient = 128 // characters of a patient's name
	maxName    = 256 // characters of any other text but a note's
	maxText    = 1000
)

// common fills what every event has.
func (x *exam) common() {
	e := x.event
	e.Partition, e.Offset = x.rec.Partition, x.rec.Offset
	e.Seen = resolved(x.rec.Seen)
	e.Kind = x.kind()
	e.Patient = x.patient()
	e.ID = x.text(fieldID)
	e.Device = x.text(fieldDevice)
	e.Backfill = x.flag(fieldBackfill)
	e.Replaces = x.replaces()
	e.At = x.moment()
	if defect := x.defect(); defect != "" {
		x.fault(fieldDefect.String(), sourceDefect, defect)
	}
	e.Late = !e.At.IsZero() && e.Seen.Sub(e.At) > LateAfter && !e.Backfill && e.Kind != Profile && e.Kind != Retraction
}

// kinds are the words for the kinds of event, in the order of Kind.
var kinds = vocabulary{missing: typeMissing, unknown: typeUnknown,
	words: []string{"glucose", "meal", "insulin", "profile", "response", "activity", "note", "retraction"}}

// kind is 0 if it isn't known.
func (x *exam) kind() Kind {
	if t := x.fields[fieldType]; t.form == plainText && string(x.of(t)) == "glucose" {
		return Glucose // most are
	}
	word := x.requiredOneOf(fieldType, kinds)
	for i, known := range kinds.words {
		if word == known {
			return Kind(i + 1)
		}
	}
	return 0
}

// String is the kind as the wire's type names it; empty for no kind.
func (k Kind) String() string {
	if k < Glucose || k > Retraction {
		return ""
	}
	return kinds.words[k-1]
}

// patient must be named, and as the message's key says: the key chose the
// partition, and with it the order in which the person's events are read.
func (x *exam) patient() string {
	const f = fieldPatient
	t := x.fields[f]
	if t.form == plainText && string(x.of(t)) == x.known && x.known != "" && (len(x.rec.Key) == 0 || string(x.rec.Key) == x.known) {
		return x.known
	}
	if t.form != absent && t.form != plainText && t.form != text {
		x.mistyped(f, "a string")
		return ""
	}
	var name string
	if t.form != absent {
		name = x.unquote(t)
	}
	if strings.TrimSpace(name) == "" {
		x.fault(f.String(), patientMissing, "required")
		return ""
	}
	if runes := utf8.RuneCountInString(name); runes > maxPatient {
		x.fault(f.String(), patientTooLong, fmt.Sprintf("%d characters, at most %d", runes, maxPatient))
	}
	if strings.ContainsFunc(name, unicode.IsControl) {
		x.fault(f.String(), patientControl, clip(name)+" holds a control character")
	}
	if len(x.rec.Key) > 0 && string(x.rec.Key) != name {
		x.fault(f.String(), patientNotKey, clip(name)+", but the message's key is "+clip(string(x.rec.Key)))
	}
	if len(x.reasons) == 0 {
		if x.known = name; x.lent {
			x.known = strings.Clone(name)
		}
	}
	return name
}

// defect is what the reader of a foreign format found impossible.
func (x *exam) defect() string {
	t := x.fields[fieldDefect]
	if t.form == plainText || t.form == text {
		return strings.Clone(x.unquote(t)) // it becomes a reason
	}
	return x.text(fieldDefect)
}

// moment is when it happened; zero if that can't be told.
func (x *exam) moment() time.Time {
	f := fieldTime
	s := x.spelled(f, timeMissing)
	if len(s) == 0 {
		return time.Time{}
	}
	at, fault := parseMoment(s)
	if at.Unix() >= earliestUnix && at.Sub(x.event.Seen) <= MaxAhead {
		return at
	}
	clipped := clip(string(s))
	switch {
	case fault == unparseable:
		x.fault(f.String(), timeUnparseable, clipped+" isn't of the form 2026-11-21T08:05:00+01:00")
	case fault == withoutOffset:
		x.fault(f.String(), timeWithoutOffset, clipped+" doesn't say how far from UTC its clock was")
	case fault == impossible:
		x.fault(f.String(), timeImpossible, clipped+" is no date and time that ever was")
	case at.Year() < earliest:
		x.fault(f.String(), timeTooEarly, clipped+" is before insulin was known")
	default:
		x.future = at
		x.fault(f.String(), timeInFuture, clipped+" is after the message arrived, "+x.event.Seen.Format(time.RFC3339))
	}
	return time.Time{}
}

// part fills what only events of this kind have.
func (x *exam) part() {
	switch x.event.Kind {
	case Glucose:
		x.glucose()
	case Meal:
		x.meal()
	case Insulin:
		x.insulin()
	case Profile:
		x.profile()
	case Response:
		x.response()
	case Activity:
		x.activity()
	case Note:
		x.note()
	}
	if x.event.Kind != Glucose {
		x.event.Source = x.text(fieldSource)
	}
}
