package cleanse

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/titrate/titrate/ingest"
)

// exam is one record under examination: the message's tokens, the event that is
// being made of them, and what is wrong so far. Its readers report every fault of
// a field, and leave its value zero.
type exam struct {
	message
	book  *Book
	rec   *ingest.Record
	event *Event // of the verdict: an event is large, and made where it stays
	flags flagSet
	plain []Step // room for a profile's settings that don't change through the day
	// known is a patient's name that was found right: a sender's events follow each other.
	known string
	// said is the word that was read last, which many say.
	said string
	// future is the time of an event that breaks time_in_future.
	future time.Time
}

// judge overwrites v with what it finds of rec. An exam may be used again.
func (x *exam) judge(rec *ingest.Record, v *Verdict) {
	x.forget()
	*v = Verdict{}
	x.rec, x.event, x.flags, x.plain = rec, &v.Event, 0, nil
	if x.read() {
		x.common()
		x.part()
		x.extra()
		if x.book.hash != "" && len(x.reasons) == 0 {
			x.additions()
		}
	}
	if x.flags&x.book.raised != 0 {
		x.raise()
	}
	if len(x.reasons) > 0 {
		ahead := x.ahead()
		*v = Verdict{Outcome: Quarantined, Reasons: x.reasons, Fails: x.book.fails(x.reasons), Ahead: ahead}
		return
	}
	v.flags = x.flags &^ x.book.ignored
	v.Event.Flags = x.book.words(v.flags)
	v.identity = identify(&v.Event)
	v.Outcome = Accepted
	if v.Event.Late {
		v.Outcome = Late
	}
}

// given reports whether f stands in the message with a value other than null.
func (x *exam) given(f field) bool { return x.fields[f].form != absent }

// text is a field that must be a string if it is given.
func (x *exam) text(f field) string {
	switch t := x.fields[f]; t.form {
	case absent:
		return ""
	case plainText, text:
		return x.short(f, x.unquote(t), maxName)
	}
	x.mistyped(f, "a string")
	return ""
}

// repeated is text that many say alike, and share in memory if one says it after the other.
func (x *exam) repeated(f field) string {
	if t := x.fields[f]; t.form == plainText && x.said != "" && string(x.of(t)) == x.said {
		return x.said
	}
	s := x.text(f)
	if x.said = s; x.lent {
		x.said = strings.Clone(s)
	}
	return s
}

// required is a string that must be there and not be empty; missing is the rule
// that it breaks otherwise.
func (x *exam) required(f field, missing string) string {
	s := x.text(f)
	if s == "" && (!x.given(f) || x.isEmpty(f)) {
		x.fault(f.String(), missing, "required")
	}
	return s
}

// spelled is a required string as bytes of the payload, if it has no escapes: no
// string is made of what is only read once.
func (x *exam) spelled(f field, missing string) []byte {
	if t := x.fields[f]; t.form == plainText && t.to > t.from {
		return x.of(t)
	}
	return []byte(x.required(f, missing))
}

// isEmpty reports whether f is the empty string.
func (x *exam) isEmpty(f field) bool {
	t := x.fields[f]
	return t.form == plainText && t.from == t.to
}

// short refuses text of more than limit characters.
func (x *exam) short(f field, s string, limit int) string {
	if len(s) > limit && utf8.RuneCountInString(s) > limit {
		x.fault(f.String(), textTooLong, fmt.Sprintf("%d characters, at most %d are kept", utf8.RuneCountInString(s), limit))
		return ""
	}
	return s
}

// flag is a field that must be true or false if it is given.
func (x *exam) flag(f field) bool {
	t := x.fields[f]
	if t.form == absent {
		return false
	}
	if t.form != boolean {
		x.mistyped(f, "true or false")
		return false
	}
	return t.to-t.from == int32(len("true"))
}

// number is a field that must be a number within l if it is given.
func (x *exam) number(f field, l limit) Opt[float64] {
	t := x.fields[f]
	if t.form == absent {
		return Opt[float64]{}
	}
	if t.form != number {
		x.mistyped(f, "a number")
		return Opt[float64]{}
	}
	v, ok := x.finite(f, t)
	if !ok || !x.within(f, v, l) {
		return Opt[float64]{}
	}
	return Some(v)
}

// finite is the value of a number's token, which must fit a float64.
func (x *exam) finite(f field, t token) (float64, bool) {
	v := float(x.of(t))
	if v > maxFloat || v < -maxFloat {
		x.fault(f.String(), numberNotFinite, clip(string(x.of(t)))+" is too large for a 64-bit number")
		return 0, false
	}
	return v, true
}

func (x *exam) within(f field, v float64, l limit) bool {
	if l.holds(v) {
		if x.book.narrowed == nil {
			return true
		}
		if narrower, ok := x.book.narrowed[l.rule]; !ok || narrower.holds(v) {
			return true
		} else {
			l = narrower
		}
	}
	x.fault(f.String(), l.rule, decimal(v)+" isn't "+l.String())
	return false
}

// grams is a mass that must be within l if it is given.
func (x *exam) grams(f field, l limit) Opt[Grams] {
	v := x.number(f, l)
	return Opt[Grams]{Grams(v.V), v.OK}
}

// oneOf is a field that must be one of a vocabulary's words if it is given. The
// words are shared: no string is made for the one found.
func (x *exam) oneOf(f field, v vocabulary) string {
	t := x.fields[f]
	if t.form == plainText {
		for _, word := range v.words {
			if string(x.of(t)) == word {
				return word
			}
		}
	}
	s := x.text(f)
	if s == "" {
		return ""
	}
	for _, word := range v.words {
		if s == word {
			return word
		}
	}
	x.fault(f.String(), v.unknown, clip(s)+" isn't "+v.String())
	return ""
}

// requiredOneOf is one of a vocabulary's words, and must be there.
func (x *exam) requiredOneOf(f field, v vocabulary) string {
	if !x.given(f) || x.isEmpty(f) {
		x.fault(f.String(), v.missing, "required: "+v.String())
		return ""
	}
	return x.oneOf(f, v)
}

func (x *exam) mistyped(f field, expected string) {
	x.fault(f.String(), fieldMistyped, "expected "+expected+", got "+clip(string(x.of(x.fields[f]))))
}

// clip quotes s, or its beginning, for a note.
func clip(s string) string {
	const most = 60
	if len(s) <= most {
		return strconv.Quote(s)
	}
	n := most
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return strconv.Quote(s[:n]) + "…"
}

// decimal is v as a person writes it.
func decimal(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }
