package nightscout

import (
	"bytes"
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"time"
)

// fields is a document. Numbers are json.Number, so that they are given back as
// they came.
type fields map[string]any

// decode reads one JSON object; false if raw isn't one.
func decode(raw []byte) (fields, bool) {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var f fields
	return f, d.Decode(&f) == nil && f != nil
}

// encode writes the fields in alphabetical order: equal documents are equal bytes.
func (f fields) encode() json.RawMessage {
	raw, err := json.Marshal(f)
	if err != nil {
		panic("nightscout: what JSON gave can't be written as JSON: " + err.Error())
	}
	return raw
}

// text is a field that is a string, or the digits of one that is a number.
func (f fields) text(name string) string {
	switch v := f[name].(type) {
	case string:
		return strings.TrimSpace(v)
	case json.Number:
		return v.String()
	}
	return ""
}

// largest keeps the product of two numbers finite, which JSON demands.
const largest = 1e100

// number is a field that is a number, or a string that holds one; false also for
// one beyond largest, which measures nothing.
func (f fields) number(name string) (float64, bool) {
	v, err := strconv.ParseFloat(f.text(name), 64)
	if err != nil || !(math.Abs(v) <= largest) { // NaN is no number either
		return 0, false
	}
	return v, true
}

// says reports whether the field holds anything but nothing or zero.
func (f fields) says(name string) bool {
	v, ok := f.number(name)
	return f.text(name) != "" && (!ok || v != 0)
}

// under is a field that is an object, or a string that holds one, as AAPS writes
// profileJson; nil if it is neither.
func (f fields) under(name string) fields {
	switch v := f[name].(type) {
	case map[string]any:
		return v
	case string:
		inner, _ := decode([]byte(v))
		return inner
	}
	return nil
}

// isID reports whether s is of the form of an _id: 24 hexadecimal digits.
func isID(s string) bool {
	return len(s) == 24 && strings.Trim(s, "0123456789abcdef") == ""
}

// stamps are the forms of time that uploaders write. Go takes a fraction of the
// second wherever it stands.
var stamps = []string{time.RFC3339, "2006-01-02T15:04:05Z0700", "2006-01-02 15:04:05Z07:00", "2006-01-02 15:04:05Z0700"}

// moment reads a time that says how far from UTC its clock was.
func moment(s string) (time.Time, bool) {
	for _, layout := range stamps {
		if t, err := time.Parse(layout, s); err == nil && t.Year() > 0 {
			return t, true
		}
	}
	return time.Time{}, false
}

// latest is the end of the year 9999 in milliseconds: RFC 3339 has no later year.
const latest = 253402300799999

// milli is a field that counts milliseconds since 1970.
func (f fields) milli(name string) (time.Time, bool) {
	ms, ok := f.number(name)
	if !ok || ms < 0 || ms > latest {
		return time.Time{}, false
	}
	return time.UnixMilli(int64(ms)).UTC(), true
}

// iso is how the API writes a time.
func iso(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// offsetMinutes is how far east of UTC the clock of t was.
func offsetMinutes(t time.Time) int {
	_, seconds := t.Zone()
	return seconds / 60
}
