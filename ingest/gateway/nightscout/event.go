package nightscout

import (
	"bytes"
	"encoding/json"
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
	Events     []string        `json:"events,omitempty"`   // ids of the events that hold now
	Retracts   []string        `json:"retracts,omitempty"` // ids of events that don't hold any more
	Doc        json.RawMessage `json:"doc,omitempty"`      // as sent, settled; of a deleted one its ids
}

// creation is the events of a new document. again says that one of that _id was
// deleted: its events' ids are used up.
func creation(patient string, d *document, f fields, again *document) []gateway.Message {
	wires := translate(d.collection, f)
	for i := range wires {
		wires[i].ID = eventID(d.collection, d.id, i)
		if again != nil {
			wires[i].ID += "-" + strconv.FormatInt(d.modified, 10)
		}
		d.events = append(d.events, wires[i].ID)
	}
	return messages(patient, d, wires, nil)
}

// edition is the event of a document that replaces old: a note, or the profile
// that is now in force. It retracts old's events only if they would be others now.
func edition(patient string, old, d *document, f fields) []gateway.Message {
	w := remark("edited", d.collection, millis(d.modified))
	w.ID = changeID(d)
	was, _ := decode(old.raw) // a View keeps none that can't be read
	if sameWires(translate(d.collection, was), translate(d.collection, f)) {
		d.events = old.events
		return messages(patient, d, []ingest.Wire{w}, nil)
	}
	if d.collection == "profile" {
		id := w.ID
		w = profileRecord(f)
		w.ID, d.events = id, []string{id}
	}
	return messages(patient, d, []ingest.Wire{w}, old.events)
}

func sameWires(a, b []ingest.Wire) bool {
	return bytes.Equal(mustEncode(a), mustEncode(b))
}

// deletion is the event of a document that is gone.
func deletion(patient string, old, d *document) []gateway.Message {
	w := remark("deleted", d.collection, millis(d.modified))
	w.ID = changeID(d)
	return messages(patient, d, []ingest.Wire{w}, old.events)
}

func messages(patient string, d *document, wires []ingest.Wire, retracts []string) []gateway.Message {
	all := make([]gateway.Message, len(wires))
	for i, w := range wires {
		w.Patient = patient
		e := event{Wire: w}
		if i == 0 {
			e.Nightscout = &envelope{
				Collection: d.collection, ID: d.id, At: d.at, Created: d.created, Modified: d.modified,
				Deleted: d.deleted, Events: d.events, Retracts: retracts, Doc: d.raw,
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
