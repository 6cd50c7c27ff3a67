package nightscout

import (
	"cmp"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/titrate/titrate/ingest"
)

// translate turns a settled document into wire events, at least one. They have no
// patient and no id yet. Nothing is judged here: what the document has wrong, its
// events have wrong too, and cleansing says so. until is where a temporary rate was
// cut short, in ms, or 0.
func translate(collection string, f fields, until int64) []ingest.Wire {
	if f["isValid"] == false { // how AAPS deletes: it says that this never was
		w := stamped(f)
		w.Type, w.Code = "note", "nightscout-invalid"
		return []ingest.Wire{w}
	}
	switch collection {
	case "entries":
		return []ingest.Wire{entry(f)}
	case "treatments":
		return treatment(f, until)
	case "profile":
		return []ingest.Wire{profileRecord(f)}
	}
	w := stamped(f)
	w.Type, w.Code, w.Device = "note", "nightscout-devicestatus", clip(f.text("device"), maxName)
	return []ingest.Wire{w}
}

// entry is a sensor's or meter's record: mg/dL, whatever unit the site shows.
func entry(f fields) ingest.Wire {
	w := ingest.Wire{Type: "note", Device: clip(f.text("device"), maxName)}
	if at, ok := f.milli("date"); ok {
		w.Time = iso(at)
	} else {
		w.Defect = "an entry with neither date in milliseconds nor dateString with an offset"
	}
	switch kind := f.text("type"); {
	case kind == "sgv":
		w.Type, w.Unit, w.Source = "glucose", "mg/dL", "cgm"
		w.Trend = clip(f.text("direction"), maxName)
		take(&w, f, "sgv", &w.Value)
	case kind == "mbg":
		w.Type, w.Unit, w.Source = "glucose", "mg/dL", "fingerstick"
		take(&w, f, "mbg", &w.Value)
	default:
		w.Code = code("nightscout", kind)
	}
	return w
}

// stamped is an event at the document's created_at (an entry's sysTime): as it came,
// if it can't be read, so that cleansing shows its sender what is wrong with it.
func stamped(f fields) ingest.Wire {
	return ingest.Wire{Time: clip(cmp.Or(f.text("created_at"), f.text("sysTime")), maxName)}
}

// take reads a field into where if it says anything. What isn't a number is a
// defect.
func take(w *ingest.Wire, f fields, name string, where **float64) {
	if f[name] == nil || f[name] == "" {
		return
	}
	v, ok := f.number(name)
	if !ok {
		fault(w, name+" isn't a number")
		return
	}
	*where = &v
}

func fault(w *ingest.Wire, what string) {
	if w.Defect != "" {
		what = w.Defect + "; " + what
	}
	w.Defect = what
}

// What cleansing takes of a name and of a note's text, in characters. The whole
// text stays in the document.
const (
	maxName = 256
	maxText = 1000
)

func clip(s string, most int) string {
	n := 0
	for i := range s {
		if n == most {
			return s[:i]
		}
		n++
	}
	return s
}

// code is words as one lower-case word of letters, digits and hyphens.
func code(words ...string) string {
	parts := strings.FieldsFunc(strings.ToLower(strings.Join(words, " ")), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r)
	})
	return clip(strings.Join(parts, "-"), 64)
}

// eventID is the id of the part-th event, from 0, of a document that is created.
// It doesn't depend on the content: of two copies that two replicas take at the
// same moment, cleansing sets one aside.
func eventID(collection, id string, part int) string {
	name := "nightscout-" + collection + "-" + id
	if part == 0 {
		return name
	}
	return name + "-" + strconv.Itoa(part+1)
}

// remark is the note that a document was edited or deleted at the time.
func remark(what, collection string, at time.Time) ingest.Wire {
	return ingest.Wire{Type: "note", Time: iso(at), Code: "nightscout-" + what, Text: what + ": " + collection}
}
