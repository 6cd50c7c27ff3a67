package nightscout

import (
	"encoding/json"
	"net/http"
	"slices"

	"github.com/titrate/titrate/ingest/gateway"
)

func (d *Door) verify(c *call) { answer(c.w, verified(c.who, c.known)) }

func (d *Door) status(c *call) { answer(c.w, status(d.now())) }

// experiment is where Loop asks whether its secret may write.
func (d *Door) experiment(c *call) { answer(c.w, map[string]string{"status": "ok"}) }

// get answers GET /api/v1/collection and, in it, current, a type or an _id.
func (d *Door) get(c *call) {
	q, err := parseQuery(c.values)
	if err != nil {
		fail(c.w, bad(err.Error()))
		return
	}
	collection, which := c.path["collection"], c.path["which"]
	count := usual(collection, q)
	switch {
	case which == "":
	case which == "current":
		count = 1
	case isID(which):
		q, count = query{terms: []term{equals("_id", which)}}, 1
	case collection == "entries":
		q.terms = append(q.terms, equals("type", which))
	default:
		fail(c.w, missing())
		return
	}
	if d.unchanged(c, collection) {
		return
	}
	found := d.search(c.who.Patient, collection, q, count)
	if which == "current" && collection == "profile" {
		answer(c.w, firstOf(raws(found)))
		return
	}
	c.list(collection, found)
}

// firstOf is null if there is none.
func firstOf(all []json.RawMessage) json.RawMessage {
	if len(all) == 0 {
		return json.RawMessage("null")
	}
	return all[0]
}

func equals(field, value string) term {
	return term{field: field, op: "$eq", operands: []string{value}}
}

// store answers a POST with a list, a PUT of one document with it alone.
func (d *Door) store(c *call) {
	stored, refused := d.post(c)
	switch {
	case refused != nil:
		fail(c.w, refused)
	case c.r.Method == http.MethodPut && len(stored) == 1:
		answer(c.w, stored[0])
	default:
		answer(c.w, stored)
	}
}

// post takes the documents of a body, in their order.
func (d *Door) post(c *call) ([]json.RawMessage, *gateway.Refusal) {
	objects, release, refused := d.objects(c)
	if refused != nil {
		return nil, refused
	}
	defer release()
	done, refused := d.turns.take(c.r.Context(), c.who.Patient)
	if refused != nil {
		return nil, refused
	}
	defer done()
	change := d.change(c.who.Patient, c.path["collection"])
	stored := make([]json.RawMessage, len(objects))
	for i, raw := range objects {
		doc, ok := change.take(raw)
		if !ok {
			return nil, bad("a document isn't a JSON object")
		}
		stored[i] = doc.raw
	}
	return stored, change.deliver(c.r.Context())
}

// delete answers DELETE /api/v1/collection?find[…] and, in it, an _id, a UUID or
// an entry's type.
func (d *Door) delete(c *call) {
	q, err := parseQuery(c.values)
	collection, which := c.path["collection"], c.path["which"]
	switch {
	case err != nil:
	case which == "*":
	case isID(which):
		q.terms = append(q.terms, equals("_id", which))
	case which != "" && collection != "entries": // xDrip and AAPS delete by the UUID that they sent as _id
		q.terms = append(q.terms, equals("identifier", which))
	case which != "":
		q.terms = append(q.terms, equals("type", which))
		if len(q.terms) == 1 {
			err = errBroad
		}
	}
	if err == nil && len(q.terms) == 0 {
		err = errBroad
	}
	if err != nil {
		fail(c.w, bad(err.Error()))
		return
	}
	if q.count == 0 {
		q.count = maxCount
	}
	n, refused := d.remove(c, func() []*document { return d.search(c.who.Patient, collection, q, q.count) })
	if refused != nil {
		fail(c.w, refused)
		return
	}
	answer(c.w, deleted(n))
}

// remove deletes the documents that are there when it is the patient's turn.
func (d *Door) remove(c *call, which func() []*document) (n int, refused *gateway.Refusal) {
	done, refused := d.turns.take(c.r.Context(), c.who.Patient)
	if refused != nil {
		return 0, refused
	}
	defer done()
	change := d.change(c.who.Patient, c.path["collection"])
	found := slices.Clone(which())
	for _, doc := range found {
		change.remove(doc)
	}
	return len(found), change.deliver(c.r.Context())
}
