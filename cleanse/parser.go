package cleanse

import (
	"bytes"
	"fmt"
)

// maxDepth is how deep values may be nested, the event itself counted.
const maxDepth = 32

// form is what kind of JSON value a token is.
type form uint8

const (
	absent    form = iota // not there, or null
	plainText             // a string without escapes
	text                  // a string with escapes
	number
	boolean
	array
	object
)

// token is where a JSON value stands: parser.text[from:to], a string without its
// quotes.
type token struct {
	form     form
	from, to int32
}

// parser walks JSON text once and strictly (RFC 8259). It builds nothing: values
// are tokens. The first fault stops it.
type parser struct {
	text []byte
	at   int
	lent bool   // strings lie in text, and are there as long as it is
	code string // the rule that the text breaks; empty while it breaks none
	note string
}

// of is the text of t.
func (p *parser) of(t token) []byte { return p.text[t.from:t.to] }

// fail notes that the text isn't JSON. It returns false for the caller to return.
func (p *parser) fail(expected string) bool {
	p.code = payloadNotJSON
	if p.at >= len(p.text) {
		p.note = "the payload ends where " + expected + " should be"
		return false
	}
	p.note = fmt.Sprintf("byte %d is %q, expected %s", p.at, p.text[p.at], expected)
	return false
}

// peek is the next byte, 0 at the end. (A real 0 is no JSON either way.)
func (p *parser) peek() byte {
	if p.at < len(p.text) {
		return p.text[p.at]
	}
	return 0
}

// space steps over white space and returns the byte behind it.
func (p *parser) space() byte {
	for p.at < len(p.text) {
		switch c := p.text[p.at]; c {
		case ' ', '\t', '\n', '\r':
			p.at++
		default:
			return c
		}
	}
	return 0
}

// eat steps over c, which must come next.
func (p *parser) eat(c byte, expected string) bool {
	if p.space() != c {
		return p.fail(expected)
	}
	p.at++
	return true
}

// value reads any value, at the given depth of nesting.
func (p *parser) value(depth int) (token, bool) {
	switch c := p.space(); {
	case c == '"':
		return p.string()
	case c == '-' || '0' <= c && c <= '9':
		return p.number()
	case c == '{' || c == '[':
		return p.nested(depth)
	case c == 't':
		return p.literal("true", boolean)
	case c == 'f':
		return p.literal("false", boolean)
	case c == 'n':
		return p.literal("null", absent)
	}
	return token{}, p.fail("a value")
}

func (p *parser) literal(word string, f form) (token, bool) {
	if !bytes.HasPrefix(p.text[p.at:], []byte(word)) {
		return token{}, p.fail(word)
	}
	from := p.at
	p.at += len(word)
	return token{f, int32(from), int32(p.at)}, true
}

// nested reads an array or object and what it holds.
func (p *parser) nested(depth int) (token, bool) {
	t := token{array, int32(p.at), 0}
	m := walk{p: p, depth: depth, close: ']'}
	if p.text[p.at] == '{' {
		t.form, m.close = object, '}'
	}
	for m.next() {
	}
	t.to = int32(p.at)
	return t, p.code == ""
}
