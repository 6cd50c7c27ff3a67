package nightscout

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"time"

	"github.com/titrate/titrate/ingest/gateway"
)

// change is what a request does to one patient's collection: a batch of documents
// looked up, changed, delivered, and only then seen by readers.
type change struct {
	door       *Door
	patient    string
	collection string
	now        time.Time

	fresh     *View // the batch's own documents: a later one may repeat an earlier
	documents []*document
	messages  []gateway.Message
}

func (d *Door) change(patient, collection string) *change {
	// Everything that a batch may hold fits: the gateway limits its length.
	return &change{door: d, patient: patient, collection: collection, now: d.now().UTC(), fresh: NewView([]string{patient}, 1<<30, 1<<62)}
}

// find looks in the batch first, then in the View.
func (c *change) find(name string) *document {
	if d := c.fresh.find(c.patient, c.collection, name); d != nil {
		return d
	}
	d := c.door.view.find(c.patient, c.collection, name)
	if d != nil && c.fresh.byID(c.patient, c.collection, d.id) != nil {
		return nil // the batch renamed or deleted it
	}
	return d
}

// known is the document of that _id, also a deleted one.
func (c *change) known(id string) *document {
	if d := c.fresh.byID(c.patient, c.collection, id); d != nil {
		return d
	}
	return c.door.view.byID(c.patient, c.collection, id)
}

// take stores one document and returns it as it is stored: with its _id, and, of
// one that is known already, as the two make it together.
func (c *change) take(raw json.RawMessage) (*document, bool) {
	f, ok := decode(raw)
	if !ok {
		return nil, false
	}
	at := settle(c.collection, f, c.now)
	name := key(c.collection, f)
	old := c.find(name)
	switch {
	case old == nil:
		return c.create(f, at, name), true
	case c.collection == "entries":
		return c.edit(old, old.merged(f), at), true
	}
	return c.edit(old, f, at), true
}

func (c *change) create(f fields, at time.Time, name string) *document {
	id := f.text("_id")
	if id == "" || c.alive(id) {
		id = newID(c.patient, c.collection, name)
	}
	if c.alive(id) { // what made this _id was edited to be recognised otherwise
		id = newID(c.patient, c.collection, name+" "+iso(c.now))
	}
	f["_id"] = id
	gone := c.known(id)
	d := &document{collection: c.collection, id: id, at: at.UnixMilli(), created: c.now.UnixMilli(), modified: c.after(gone)}
	c.put(gone, d, f)
	return d
}

func (c *change) alive(id string) bool {
	d := c.known(id)
	return d != nil && !d.deleted
}

// merged is what the document says with f over it.
func (d *document) merged(f fields) fields {
	all, _ := decode(d.raw) // a View keeps none that can't be read
	for name, v := range f {
		all[name] = v
	}
	return all
}

// edit puts a document in the place of another. What changes nothing needs no event.
func (c *change) edit(old *document, f fields, at time.Time) *document {
	f["_id"] = old.id
	if bytes.Equal(f.encode(), old.raw) {
		return old
	}
	d := &document{collection: c.collection, id: old.id, at: at.UnixMilli(), created: old.created, modified: c.after(old)}
	c.put(old, d, f)
	return d
}

// put completes d with what f says, and stores it in the place of old, which may be
// nil or deleted.
func (c *change) put(old, d *document, f fields) {
	d.raw = f.encode()
	d.learn(f)
	if d.basal {
		d.until = c.nextBasal(d)
	}
	c.store(old, d, f)
	c.recut(old, d)
}

func (c *change) remove(old *document) {
	d := &document{collection: c.collection, id: old.id, at: old.at, created: old.created, modified: c.after(old), deleted: true}
	if was, ok := decode(old.raw); ok { // clients of v3 know it by its identifier
		d.raw = fields{"_id": old.id, "identifier": cmp.Or(was.text("identifier"), old.id), "isValid": false}.encode()
	}
	c.store(old, d, nil)
	c.recut(old, d)
}

// after is now, but later than the last change of old: a replica whose clock is
// behind must not lose to what it replaces.
func (c *change) after(old *document) int64 {
	if old == nil {
		return c.now.UnixMilli()
	}
	return max(c.now.UnixMilli(), old.modified+1)
}

// store notes that d, which says f, takes the place of old.
func (c *change) store(old, d *document, f fields) {
	c.messages = append(c.messages, revision(c.patient, old, d, f)...)
	c.documents = append(c.documents, d)
	c.fresh.put(c.patient, d)
}

// deliver returns nil when the broker has all. Only then this replica's readers
// see it, without waiting for the log to come round.
func (c *change) deliver(ctx context.Context) *gateway.Refusal {
	if refused := c.door.gateway.Deliver(ctx, c.messages); refused != nil {
		return refused
	}
	for _, d := range c.documents {
		c.door.view.put(c.patient, d)
	}
	return nil
}

// objects are the documents of a body, which count against the gateway's limits
// until release is called.
func (d *Door) objects(c *call) (objects []json.RawMessage, release func(), refused *gateway.Refusal) {
	body, release, refused := d.gateway.Body(c.w, c.r)
	if refused != nil {
		return nil, nil, refused
	}
	if objects, refused = d.gateway.Objects(body); refused != nil {
		release()
		return nil, nil, refused
	}
	return objects, release, nil
}
