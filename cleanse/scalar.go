package cleanse

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math/bits"
	"strconv"
	"unsafe"
)

// string reads a string; the quote comes next.
func (p *parser) string() (token, bool) {
	t := token{plainText, int32(p.at + 1), 0}
	for p.at = p.mark(p.at + 1); p.at < len(p.text); p.at = p.mark(p.at + 1) {
		switch p.text[p.at] {
		case '"':
			t.to = int32(p.at)
			p.at++
			return t, true
		case '\\':
			t.form = text
			if !p.escape() {
				return t, false
			}
		default:
			return t, p.fail("no control character in a string")
		}
	}
	return t, p.fail("the end of a string")
}

// mark is the first place from i on with a byte that means something in a
// string: a quote, a backslash or a control character; the end if there is none.
func (p *parser) mark(i int) int {
	for ; i+8 <= len(p.text); i += 8 {
		if at := marked(binary.LittleEndian.Uint64(p.text[i:])); at < 8 {
			return i + at
		}
	}
	for ; i < len(p.text); i++ {
		if c := p.text[i]; c < ' ' || c == '"' || c == '\\' {
			break
		}
	}
	return i
}

// marked is which of eight bytes is the first that mark looks for; 8 if none is.
//
// Of a byte that is 0 after the exclusive or, subtracting 1 borrows, which sets its upper
// bit where that wasn't set before; so it does of a byte below ' ' when that is subtracted.
// A borrow may set the bits of later bytes too, never of earlier ones.
func marked(eight uint64) int { return bits.TrailingZeros64(marks(eight)) / 8 }

// marks has the upper bits of the bytes that mark looks for, and of none before them.
func marks(eight uint64) uint64 {
	const ones, upper = 0x0101010101010101, 0x8080808080808080
	quote, backslash := eight^ones*'"', eight^ones*'\\'
	found := (quote-ones)&^quote | (backslash-ones)&^backslash | (eight-ones*' ')&^eight
	return found & upper
}

// escape steps over a backslash and what it escapes, but for the last byte.
func (p *parser) escape() bool {
	p.at++
	switch p.peek() {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return true
	case 'u':
		for range 4 {
			p.at++
			if !isHex(p.peek()) {
				return p.fail("a hexadecimal digit")
			}
		}
		return true
	}
	return p.fail("an escape such as \\n or \\u00e9")
}

func isHex(c byte) bool {
	return isDigit(c) || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// number reads a number: -?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?
func (p *parser) number() (token, bool) {
	t := token{number, int32(p.at), 0}
	if p.peek() == '-' {
		p.at++
	}
	if p.peek() == '0' {
		p.at++
	} else if !p.digits() {
		return t, false
	}
	if p.peek() == '.' {
		p.at++
		if !p.digits() {
			return t, false
		}
	}
	if c := p.peek(); c == 'e' || c == 'E' {
		p.at++
		if c := p.peek(); c == '+' || c == '-' {
			p.at++
		}
		if !p.digits() {
			return t, false
		}
	}
	t.to = int32(p.at)
	return t, true
}

// digits steps over one digit or more.
func (p *parser) digits() bool {
	if !isDigit(p.peek()) {
		return p.fail("a digit")
	}
	for isDigit(p.peek()) {
		p.at++
	}
	return true
}

// unquote is the string that t spells. An escape that is half a surrogate pair
// becomes U+FFFD, as in encoding/json.
func (p *parser) unquote(t token) string {
	if t.form == plainText {
		if b := p.of(t); p.lent {
			return unsafe.String(unsafe.SliceData(b), len(b))
		}
		return string(p.of(t))
	}
	var s string
	if err := json.Unmarshal(p.text[t.from-1:t.to+1], &s); err != nil {
		panic(fmt.Sprintf("a string that was parsed isn't one: %v", err))
	}
	return s
}

// powers of ten that a float64 holds exactly.
var powers = [...]float64{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15}

// float is the float64 nearest to the number that text spells; ±Inf if it is too
// large. Up to 15 digits without an exponent are an exact integer divided by an
// exact power of ten, which IEEE 754 rounds correctly.
func float(text []byte) float64 {
	var digits uint64
	var count, decimals int
	negative, pointed := false, false
	for _, c := range text {
		switch {
		case isDigit(c):
			digits = digits*10 + uint64(c-'0')
			count++
			if pointed {
				decimals++
			}
		case c == '-':
			negative = true
		case c == '.':
			pointed = true
		default:
			return slowFloat(text)
		}
		if count > 15 {
			return slowFloat(text)
		}
	}
	v := float64(digits) / powers[decimals]
	if negative && v != 0 { // -0 is 0
		return -v
	}
	return v
}

func slowFloat(text []byte) float64 {
	v, _ := strconv.ParseFloat(string(text), 64) // ±Inf where it is out of range
	if v == 0 {
		return 0 // -0 is 0
	}
	return v
}
