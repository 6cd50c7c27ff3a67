package nightscout

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"

	"github.com/titrate/titrate/ingest/gateway"
)

// v1 routes /api/v1/collection/….
func (d *Door) v1(w http.ResponseWriter, r *http.Request, who holder, path []string, values url.Values) {
	reads := r.Method == http.MethodGet || r.Method == http.MethodHead
	switch {
	case reads && !who.read, !reads && !who.write:
		fail(w, unauthorized())
	case reads && len(path) == 1 && path[0] == "status":
		answer(w, status(d.now()))
	case reads && len(path) == 2 && path[0] == "experiments" && path[1] == "test":
		d.experiment(w, who)
	case !slices.Contains(collections, path[0]) || len(path) > 2:
		fail(w, missing())
	case reads:
		d.get(w, who, path, values)
	case r.Method == http.MethodPost && len(path) == 1:
		d.store(w, r, who, path[0], http.MethodPost)
	case r.Method == http.MethodPut && len(path) == 1:
		d.store(w, r, who, path[0], http.MethodPut)
	case r.Method == http.MethodDelete:
		d.delete(w, r, who, path, values)
	default:
		w.Header().Set("Allow", "GET, HEAD, POST, PUT, DELETE")
		fail(w, &gateway.Refusal{Status: http.StatusMethodNotAllowed, Reason: "Method Not Allowed"})
	}
}

// experiment is where Loop asks whether its secret may write.
func (d *Door) experiment(w http.ResponseWriter, who holder) {
	if !who.write {
		fail(w, unauthorized())
		return
	}
	answer(w, map[string]string{"status": "ok"})
}

func (d *Door) get(w http.ResponseWriter, who holder, path []string, values url.Values) {
	q, err := parseQuery(values)
	if err != nil {
		fail(w, &gateway.Refusal{Status: http.StatusBadRequest, Reason: err.Error()})
		return
	}
	collection, count := path[0], usual(path[0], q)
	if len(path) == 2 {
		switch which := path[1]; {
		case which == "current":
			count = 1
		case isID(which):
			q, count = query{terms: []term{equals("_id", which)}}, 1
		case collection == "entries":
			q.terms = append(q.terms, equals("type", which))
		default:
			fail(w, missing())
			return
		}
	}
	found := raws(d.search(who.patient, collection, q, count))
	if len(path) == 2 && path[1] == "current" && collection == "profile" {
		answer(w, firstOf(found))
		return
	}
	answer(w, found)
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
func (d *Door) store(w http.ResponseWriter, r *http.Request, who holder, collection, method string) {
	stored, refused := d.post(r, who, collection)
	switch {
	case refused != nil:
		fail(w, refused)
	case method == http.MethodPut && len(stored) == 1:
		answer(w, stored[0])
	default:
		answer(w, stored)
	}
}

func (d *Door) delete(w http.ResponseWriter, r *http.Request, who holder, path []string, values url.Values) {
	q, err := parseQuery(values)
	switch {
	case err != nil:
	case len(path) == 2 && isID(path[1]):
		q.terms = append(q.terms, equals("_id", path[1]))
	case len(path) == 2 && path[0] != "entries": // xDrip and AAPS delete by the UUID that they sent as _id
		q.terms = append(q.terms, equals("identifier", path[1]))
	case len(path) == 2:
		q.terms = append(q.terms, equals("type", path[1]))
		if len(q.terms) == 1 {
			err = errBroad
		}
	case len(q.terms) == 0:
		err = errBroad
	}
	if err != nil {
		fail(w, &gateway.Refusal{Status: http.StatusBadRequest, Reason: err.Error()})
		return
	}
	count := q.count
	if count == 0 {
		count = maxCount
	}
	found := d.search(who.patient, path[0], q, count)
	c := d.change(who.patient, path[0])
	for _, doc := range found {
		c.remove(doc)
	}
	if refused := c.deliver(r.Context()); refused != nil {
		fail(w, refused)
		return
	}
	answer(w, deleted(len(found)))
}
