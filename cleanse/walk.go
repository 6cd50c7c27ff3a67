package cleanse

import "fmt"

// walk steps through the members of an object or the elements of an array.
// While next is true, value (and, in an object, key) is the one just read.
// Afterwards the parser's code tells whether the walk ended well.
type walk struct {
	p          *parser
	depth      int  // of the object or array itself; the event is 1
	close      byte // the bracket that ends it
	begun      bool
	key, value token
}

func (w *walk) next() bool {
	if !w.begun {
		w.begun = true
		return w.first()
	}
	switch w.p.space() {
	case w.close:
		w.p.at++
		return false
	case ',':
		w.p.at++
		return w.read()
	}
	return w.p.fail(fmt.Sprintf("',' or '%c'", w.close))
}

// first steps over the opening bracket.
func (w *walk) first() bool {
	if w.depth > maxDepth {
		w.p.code = payloadTooDeep
		w.p.note = fmt.Sprintf("byte %d opens level %d of nesting, at most %d are read", w.p.at, w.depth, maxDepth)
		return false
	}
	w.p.at++
	if w.p.space() == w.close {
		w.p.at++
		return false
	}
	return w.read()
}

func (w *walk) read() (ok bool) {
	if w.close == '}' {
		if w.p.space() != '"' {
			return w.p.fail("a name in quotes")
		}
		if w.key, ok = w.p.string(); !ok {
			return false
		}
		if !w.p.eat(':', "':'") {
			return false
		}
	}
	w.value, ok = w.p.value(w.depth + 1)
	return ok
}
