package cleanse

import (
	"encoding/binary"
	"fmt"
	"math/bits"
	"strconv"
	"unicode/utf8"
)

// maxPayload is the largest payload that is parsed, in bytes.
const maxPayload = 1 << 20

// message is a payload as the tokens of the wire event's fields.
type message struct {
	parser
	fields  [fieldCount]token
	seen    uint64 // bit f is set if field f stands in the object, even as null
	strange *names // the other names that stand in it; nil if none
	reasons []Reason
	next    [fieldCount]field // which field came behind each the last time; only a guess
}

// forget makes the message one that nothing was read of.
func (m *message) forget() {
	for seen := m.seen; seen != 0; seen &= seen - 1 {
		m.fields[bits.TrailingZeros64(seen)] = token{}
	}
	m.seen, m.strange, m.reasons = 0, nil, nil
}

// registered is how many bytes a payload has at least that begins with a registry's
// magic byte and the id of a schema. No JSON begins with a zero byte.
const registered = 5

// read reads the record's payload, as decoded by its schema if it has one.
func (x *exam) read() bool {
	if x.rec.Decoded != nil {
		return x.parse(x.rec.Decoded)
	}
	if v := x.rec.Value; len(v) >= registered && v[0] == 0 {
		why := x.rec.Undecoded
		if why == "" {
			why = "schema " + strconv.FormatUint(uint64(binary.BigEndian.Uint32(v[1:])), 10) + ": no registry was asked; start the job with --schema-registry"
		}
		return x.unreadable(payloadUndecoded, why)
	}
	return x.parse(x.rec.Value)
}

// parse reads the payload. It is false if nothing more can be said of it than
// the reasons found.
func (m *message) parse(payload []byte) bool { return m.quick(payload) || m.careful(payload) }

// careful is parse for any payload.
func (m *message) careful(payload []byte) bool {
	switch {
	case len(payload) == 0:
		return m.unreadable(payloadEmpty, "the message has no payload")
	case len(payload) > maxPayload:
		return m.unreadable(payloadTooLarge, fmt.Sprintf("%d bytes, at most %d are read", len(payload), maxPayload))
	case !utf8.Valid(payload):
		return m.unreadable(payloadNotUTF8, fmt.Sprintf("byte %d isn't UTF-8", validPrefix(payload)))
	}
	m.parser = parser{text: payload, lent: m.lent}
	isObject := m.space() == '{'
	if isObject {
		m.members()
	} else {
		m.value(1)
	}
	if m.space(); m.code == "" && m.at < len(m.text) {
		m.fail("the end of the payload")
	}
	if m.code != "" {
		return m.unreadable(m.code, m.note)
	}
	if !isObject {
		return m.unreadable(payloadNotObject, "the payload is JSON, but not an object in braces")
	}
	return true
}

// members notes where each field of the object stands.
func (m *message) members() {
	w := walk{p: &m.parser, depth: 1, close: '}'}
	for w.next() {
		name := m.name(w.key)
		f := fieldOf(name)
		if f == stranger {
			if m.strange == nil {
				m.strange = &names{}
			}
			if !m.strange.add(name) {
				m.fault(clip(string(name)), duplicateKey, "the name stands more than once in the object")
			}
			continue
		}
		if m.seen&(1<<f) != 0 {
			m.fault(f.String(), duplicateKey, "the name stands more than once in the object")
			continue
		}
		m.seen |= 1 << f
		m.fields[f] = w.value
	}
}

// name is what a member's key spells.
func (m *message) name(key token) []byte {
	if key.form == text {
		return []byte(m.unquote(key))
	}
	return m.of(key)
}

// unreadable leaves one reason: what else was found is moot.
func (m *message) unreadable(code, note string) bool {
	m.reasons = append(m.reasons[:0], Reason{"payload", code, note})
	return false
}

// maxReasons is how many reasons are collected: a payload can be made to hold
// hundreds of thousands.
const maxReasons = 100

func (m *message) fault(name, code, note string) {
	if len(m.reasons) == maxReasons {
		return
	}
	m.reasons = append(m.reasons, Reason{name, code, note})
}

// validPrefix is how many bytes of p are UTF-8 before the first that isn't.
func validPrefix(p []byte) int {
	n := 0
	for n < len(p) {
		r, size := utf8.DecodeRune(p[n:])
		if r == utf8.RuneError && size == 1 {
			break
		}
		n += size
	}
	return n
}

// names is a set of names. Most events have few, so they are searched in a row;
// a payload made to hold thousands costs no more than a map's time for each.
type names struct {
	few   [8][]byte
	count int
	many  map[string]struct{}
}

// add is false if name was in the set.
func (n *names) add(name []byte) bool {
	for _, other := range n.few[:min(n.count, len(n.few))] {
		if string(other) == string(name) {
			return false
		}
	}
	if n.count < len(n.few) {
		n.few[n.count] = name
		n.count++
		return true
	}
	if _, ok := n.many[string(name)]; ok {
		return false
	}
	if n.many == nil {
		n.many = map[string]struct{}{}
	}
	n.many[string(name)] = struct{}{}
	return true
}
