package cleanse

import (
	"encoding/binary"
	"math/bits"
)

// quoted are the fields' names as they stand before a value: "patient":
var quoted = func() (all [fieldCount]string) {
	for f := stranger + 1; f < fieldCount; f++ {
		all[f] = `"` + f.String() + `":`
	}
	return all
}()

// quick reads a payload as most senders write it: an object without white space, of
// fields of the wire event, each once, whose values are strings without escapes,
// numbers without exponents, true or false, all in ASCII. It is false for any other
// payload, and has then noted nothing; parse reads it. What both can read, both read
// alike (TestQuickReadsAlike).
func (m *message) quick(payload []byte) bool {
	if len(payload) < 2 || len(payload) > maxPayload || payload[0] != '{' {
		return false
	}
	last := stranger
	for at := 1; ; {
		f, from := m.quickName(payload, at, last)
		if f == stranger || m.seen&(1<<f) != 0 || from >= len(payload) {
			break
		}
		var t token
		if t, at = quickValue(payload, from); t.form == absent || at >= len(payload) {
			break
		}
		m.seen |= 1 << f
		m.fields[f] = t
		last = f
		if payload[at] != ',' {
			if payload[at] == '}' && at+1 == len(payload) {
				m.parser = parser{text: payload, lent: m.lent}
				return true
			}
			break
		}
		at++
	}
	m.forget()
	return false
}

// quickName is the field whose name stands at a place, and where its value begins. A
// sender writes the fields of all events in one order, so the one that came behind
// last before is tried first.
func (m *message) quickName(text []byte, at int, last field) (f field, value int) {
	if guess := quoted[m.next[last]]; guess != "" && len(text)-at >= len(guess) && string(text[at:at+len(guess)]) == guess {
		return m.next[last], at + len(guess)
	}
	if at >= len(text) || text[at] != '"' {
		return stranger, 0
	}
	end := plainEnd(text, at+1)
	if end+1 >= len(text) || text[end] != '"' || text[end+1] != ':' {
		return stranger, 0
	}
	f = fieldOf(text[at+1 : end])
	m.next[last] = f
	return f, end + 2
}

// quickValue is the value that stands at a place, and where it ends; absent if it isn't
// one that quick reads.
func quickValue(text []byte, from int) (t token, end int) {
	switch c := text[from]; {
	case c == '"':
		end = plainEnd(text, from+1)
		if end == len(text) || text[end] != '"' {
			return token{}, 0
		}
		return token{plainText, int32(from + 1), int32(end)}, end + 1
	case c == '-' || isDigit(c):
		if end = quickNumber(text, from); end > 0 {
			return token{number, int32(from), int32(end)}, end
		}
	case hasAt(text, from, "true"):
		return token{boolean, int32(from), int32(from + len("true"))}, from + len("true")
	case hasAt(text, from, "false"):
		return token{boolean, int32(from), int32(from + len("false"))}, from + len("false")
	}
	return token{}, 0
}

func hasAt(text []byte, at int, word string) bool {
	return len(text)-at >= len(word) && string(text[at:at+len(word)]) == word
}

// quickNumber is where a number without an exponent ends: -?(0|[1-9]\d*)(\.\d+)?; 0 if
// none stands there. What is behind it is for the caller to see.
func quickNumber(text []byte, at int) int {
	if text[at] == '-' {
		at++
	}
	whole := at
	for at < len(text) && isDigit(text[at]) {
		at++
	}
	if at == whole || text[whole] == '0' && at > whole+1 {
		return 0
	}
	if at == len(text) || text[at] != '.' {
		return at
	}
	at++
	part := at
	for at < len(text) && isDigit(text[at]) {
		at++
	}
	if at == part {
		return 0
	}
	return at
}

// plainEnd is the first place from i on with a byte that ends a string or makes it
// other than plain ASCII: a quote, a backslash, a control character, a byte of a longer
// character; the end if there is none.
func plainEnd(text []byte, i int) int {
	const upper = 0x8080808080808080
	for ; i+8 <= len(text); i += 8 {
		eight := binary.LittleEndian.Uint64(text[i:])
		if found := marks(eight) | eight&upper; found != 0 {
			return i + bits.TrailingZeros64(found)/8
		}
	}
	for ; i < len(text); i++ {
		if c := text[i]; c < ' ' || c == '"' || c == '\\' || c >= 0x80 {
			break
		}
	}
	return i
}
