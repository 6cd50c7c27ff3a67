package device

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/titrate/titrate/ingest"
)

// draft is an event in the making.
type draft struct {
	wire  ingest.Wire
	extra []field // the source's fields that the wire has no name for
	at    time.Time
	// adrift marks a time that can't be used to order by: unreadable or wrong.
	adrift bool
	second time.Time // of a time that the clock showed twice: the second pass
	file   string    // the source's name
	src    line      // zero if derived from the whole
	part   int       // which of the events of one line
}

// place is where an event comes from.
type place struct {
	file       string
	line, part int
}

// field is a named value beside the wire's own. Its name must not be one that
// wire fills: the object would hold it twice. A defective original ("0Hi" for
// value) is carried so, while the wire's own Value stays nil.
type field struct {
	name  string
	value any
}

// keep carries a field of the source that the wire has no name for.
func (d *draft) keep(name string, value any) {
	d.extra = append(d.extra, field{name, value})
}

// fault adds what is wrong with the draft. The sentence says where, and the raw
// line, so that the quarantine alone is enough to find and judge it.
func (d *draft) fault(format string, args ...any) {
	what := fmt.Sprintf(format, args...)
	if d.wire.Defect == "" {
		d.wire.Defect = fmt.Sprintf("%s line %d, %q: %s", d.file, d.src.number, clip(d.src.text), what)
		return
	}
	d.wire.Defect += "; " + what
}

// clip keeps a defect's raw text within a message of the log; an item of a JSON
// file may be of any length.
func clip(text string) string {
	if len(text) <= maxLine {
		return text
	}
	return strings.ToValidUTF8(text[:maxLine], "") + "…"
}

// number reads text into where if it is a decimal number. Empty text leaves where
// nil: that a number is required is for cleansing to say. Any other text is a
// defect, and travels under name as it came.
func (d *draft) number(name, text string, where **float64) {
	if text == "" {
		return
	}
	v, ok := decimal(text)
	if !ok {
		d.keep(name, text)
		d.fault("%s %q isn't a number", name, text)
		return
	}
	*where = &v
}

// row finishes the draft.
func (d *draft) row() (Row, error) {
	text, err := encode(d.wire, d.extra)
	if err != nil {
		return Row{}, fmt.Errorf("encode %s line %d: %w", d.file, d.src.number, err)
	}
	return Row{Wire: d.wire, JSON: text, Key: d.wire.Patient, File: d.file, Line: d.src.number, Part: d.part}, nil
}

// encode is w as a JSON object with extra behind w's own fields.
func encode(w ingest.Wire, extra []field) ([]byte, error) {
	text, err := json.Marshal(w)
	if err != nil || len(extra) == 0 {
		return text, err
	}
	var b bytes.Buffer
	b.Write(bytes.TrimSuffix(text, []byte("}")))
	for _, f := range extra {
		value, err := json.Marshal(f.value)
		if err != nil {
			return nil, err
		}
		if b.Len() > 1 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, "%q:%s", f.name, value)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}
