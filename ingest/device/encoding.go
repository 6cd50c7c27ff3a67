package device

import (
	"bufio"
	"encoding/binary"
	"io"
	"unicode/utf16"
	"unicode/utf8"
)

// plain is r as UTF-8 without a byte order mark. A mark of UTF-16, which
// spreadsheets put before what they call Unicode text, says how to read the rest;
// text without a mark is UTF-8 already.
func plain(r io.Reader) io.Reader {
	b := bufio.NewReader(r)
	mark, _ := b.Peek(3) // a shorter file has no mark, and its error comes again
	switch {
	case len(mark) >= 3 && string(mark) == "\ufeff":
		b.Discard(3)
	case len(mark) >= 2 && mark[0] == 0xff && mark[1] == 0xfe:
		b.Discard(2)
		return &wide{r: b, order: binary.LittleEndian}
	case len(mark) >= 2 && mark[0] == 0xfe && mark[1] == 0xff:
		b.Discard(2)
		return &wide{r: b, order: binary.BigEndian}
	}
	return b
}

// wide turns UTF-16 into UTF-8. What is no character becomes U+FFFD.
type wide struct {
	r     *bufio.Reader
	order binary.ByteOrder
	rest  []byte // read, not yet handed out
}

func (w *wide) Read(p []byte) (int, error) {
	for len(w.rest) < utf8.UTFMax {
		c, err := w.rune()
		if err != nil {
			if len(w.rest) > 0 {
				break
			}
			return 0, err
		}
		w.rest = utf8.AppendRune(w.rest, c)
	}
	n := copy(p, w.rest)
	w.rest = w.rest[n:]
	return n, nil
}

// rune reads one character, of one unit or two.
func (w *wide) rune() (rune, error) {
	first, err := w.unit()
	if err != nil || !utf16.IsSurrogate(first) {
		return first, err
	}
	next, err := w.r.Peek(2)
	if err != nil {
		return utf8.RuneError, nil // the end comes with the next call
	}
	c := utf16.DecodeRune(first, rune(w.order.Uint16(next)))
	if c != utf8.RuneError {
		w.r.Discard(2)
	}
	return c, nil
}

func (w *wide) unit() (rune, error) {
	var b [2]byte
	if _, err := io.ReadFull(w.r, b[:]); err != nil {
		if err == io.ErrUnexpectedEOF {
			err = io.EOF // half a unit at the end holds no character
		}
		return 0, err
	}
	return rune(w.order.Uint16(b[:])), nil
}
