package nightscout

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"

	"github.com/titrate/titrate/ingest"
	"github.com/titrate/titrate/ingest/gateway"
)

// event is a wire event with what it tells a View.
type event struct {
	ingest.Wire
	Nightscout *envelope `json:"nightscout,omitempty"`
}

// envelope is the field "nightscout" of the first event of a document's change.
type envelope struct {
	Collection string          `json:"collection"`
	ID         string          `json:"_id"`
	At         int64           `json:"at"`       // ms since 1970: what reads are ordered by
	Created    int64           `json:"created"`  // ms: when a gateway took it first
	Modified   int64           `json:"modified"` // ms: the latest wins, whatever order it arrives in
	Deleted    bool            `json:"deleted,omitempty"`
	Until      int64           `json:"until,omitempty"`  // ms: where the next temporary rate ends this one
	Events     []string        `json:"events,omitempty"` // ids of the events that hold now
	Doc        json.RawMessage `json:"doc,omitempty"`    // as sent, settled; of a deleted one its ids
}

// part is a wire event of a document that holds.
type part struct {
	id   string
	wire ingest.Wire
}

// parts are the events that hold what the document says; of a deleted one, or of
// none, there are none.
func (d *document) parts() []part {
	if d == nil || d.deleted {
		return nil
	}
	f, _ := decode(d.raw) // a View keeps none that can't be read
	wires := translate(d.collection, f, d.until)
	all := make([]part, len(d.events))
	for i, id := range d.events {
		all[i].id = id
		if len(wires) == len(d.events) { // else it was translated otherwise then: nothing of it is left as it was
			all[i].wire = wires[i]
		}
	}
	return all
}

// revision is the events that turn what old says into what d says, which is f, and
// sets which hold then. Either may say nothing: old may be nil or deleted, d deleted.
// With an old one the ids of a new document's events may be used up.
func revision(patient string, old, d *document, f fields) []gateway.Message {
	was, known := old.parts(), old != nil
	var wires []ingest.Wire
	if !d.deleted {
		wires = translate(d.collection, f, d.until)
	}
	d.events = make([]string, len(wires))
	for i, w := range wires { // what stays as it was keeps its event
		if j := slices.IndexFunc(was, func(p part) bool { return sameWire(p.wire, w) }); j >= 0 {
			d.events[i] = was[j].id
			was = slices.Delete(was, j, j+1)
		}
	}
	var changes []ingest.Wire
	for i, w := range wires {
		if d.events[i] != "" {
			continue
		}
		w.ID = partID(d, i, known)
		if j := slices.IndexFunc(was, func(p part) bool { return p.wire.Type == w.Type && p.wire.DurationMin == nil == (w.DurationMin == nil) }); j >= 0 {
			w.Replaces = was[j].id
			was = slices.Delete(was, j, j+1)
		}
		d.events[i] = w.ID
		changes = append(changes, w)
	}
	for i, p := range was {
		changes = append(changes, ingest.Wire{Type: "retraction", Time: iso(millis(d.modified)), Replaces: p.id, ID: partID(d, len(wires)+i, true)})
	}
	if len(changes) == 0 { // the document says something new, though no event does
		w := remark("edited", d.collection, millis(d.modified))
		w.ID = partID(d, len(wires), true)
		changes = append(changes, w)
	}
	return messages(patient, d, changes)
}

// partID is the id of the part-th event of a document: of a new one it depends on
// its _id only, so that of two copies that two replicas take at the same moment
// cleansing sets one aside.
func partID(d *document, part int, known bool) string {
	id := eventID(d.collection, d.id, part)
	if known {
		id += "-" + strconv.FormatInt(d.modified, 10)
	}
	return id
}

func sameWire(a, b ingest.Wire) bool { return bytes.Equal(mustEncode(a), mustEncode(b)) }

func messages(patient string, d *document, wires []ingest.Wire) []gateway.Message {
	all := make([]gateway.Message, len(wires))
	for i, w := range wires {
		w.Patient = patient
		e := event{Wire: w}
		if i == 0 {
			e.Nightscout = &envelope{
				Collection: d.collection, ID: d.id, At: d.at, Created: d.created, Modified: d.modified,
				Deleted: d.deleted, Until: d.until, Events: d.events, Doc: d.raw,
			}
		}
		all[i] = gateway.Message{Key: []byte(patient), Value: mustEncode(e)}
	}
	return all
}

// mustEncode writes what always can be written: fields.number lets no number in
// that isn't finite.
func mustEncode(v any) []byte {
	raw, err := json.Marshal(v)
	if err != nil {
		panic("nightscout: encode event: " + err.Error())
	}
	return raw
}
