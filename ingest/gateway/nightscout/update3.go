package nightscout

import (
	"encoding/json"
	"net/http"

	"github.com/titrate/titrate/ingest/gateway"
)

// immutable are the fields that v3 lets nobody change.
var immutable = []string{"identifier", "date", "utcOffset", "eventType", "device", "app", "srvCreated", "subject", "srvModified", "modifiedBy", "isValid"}

// update3 replaces a document, or creates it under the identifier of the path.
func (d *Door) update3(c *call) {
	objects, release, refused := d.objects(c)
	if refused != nil {
		fail(c.w, refused)
		return
	}
	defer release()
	f, wrong := identifiedAs(c.path["identifier"], objects)
	if wrong != "" {
		fail(c.w, bad(wrong))
		return
	}
	var old, doc *document
	refused = d.alone(c, func(change *change) (refused *gateway.Refusal) {
		old, refused = d.mutable(c, f)
		switch {
		case refused != nil:
			return refused
		case old == nil:
			doc, _ = change.take(f.encode()) // it was read before
			return nil
		}
		f.dated(change, old)
		at := settle(change.collection, f, change.now)
		doc = change.edit(old, f, at)
		return nil
	})
	switch {
	case refused != nil:
		fail(c.w, refused)
	case old == nil:
		d.created3(c, nil, doc)
	default:
		changed3(c, doc)
	}
}

// identifiedAs is the one document, which may leave its identifier to the path.
func identifiedAs(id string, objects []json.RawMessage) (f fields, wrong string) {
	if len(objects) == 1 {
		if given, ok := decode(objects[0]); ok && given.text("identifier") == "" {
			given["identifier"] = id
			objects = []json.RawMessage{given.encode()}
		}
	}
	return v3Document(objects)
}

// dated gives f the fields that say when the document happened and that v3's
// clients leave out, as they were.
func (f fields) dated(change *change, old *document) {
	was, _ := decode(old.raw) // a View keeps none that can't be read
	for _, name := range []string{"created_at", "dateString", "sysTime", "utcOffset"} {
		if f[name] == nil && was[name] != nil {
			f[name] = was[name]
		}
	}
}

// patch3 changes some fields of a document.
func (d *Door) patch3(c *call) {
	objects, release, refused := d.objects(c)
	if refused != nil {
		fail(c.w, refused)
		return
	}
	defer release()
	var f fields
	if len(objects) == 1 {
		f, _ = decode(objects[0])
	}
	if len(f) == 0 {
		fail(c.w, bad("Bad or missing request body"))
		return
	}
	var doc *document
	refused = d.alone(c, func(change *change) *gateway.Refusal {
		old, refused := d.mutable(c, f)
		switch {
		case refused != nil:
			return refused
		case old == nil:
			return missing()
		}
		merged := old.merged(f)
		at := settle(change.collection, merged, change.now)
		doc = change.edit(old, merged, at)
		return nil
	})
	if refused != nil {
		fail(c.w, refused)
		return
	}
	changed3(c, doc)
}

// mutable is the document that c names, nil if there is none, or why f may not
// change it.
func (d *Door) mutable(c *call, f fields) (*document, *gateway.Refusal) {
	old := d.view.identified(c.who.Patient, c.path["collection"], c.path["identifier"])
	switch {
	case old == nil:
		return nil, nil
	case old.deleted:
		return nil, gone()
	case outdated(c.r, old):
		return nil, &gateway.Refusal{Status: http.StatusPreconditionFailed, Reason: "Precondition Failed: it was changed since"}
	}
	was := present(old)
	if was["isReadOnly"] == true {
		return nil, &gateway.Refusal{Status: http.StatusUnprocessableEntity, Reason: "Trying to modify read-only document"}
	}
	for _, name := range immutable {
		if f[name] != nil && was[name] != nil && !sameValue(f[name], was[name]) {
			return nil, bad("Field " + name + " cannot be modified by the client")
		}
	}
	return old, nil
}

func sameValue(a, b any) bool {
	x, err1 := json.Marshal(a)
	y, err2 := json.Marshal(b)
	return err1 == nil && err2 == nil && string(x) == string(y)
}

func changed3(c *call, doc *document) {
	c.w.Header().Set("Last-Modified", millis(doc.modified).Format(http.TimeFormat))
	write(c.w, http.StatusOK, map[string]any{"status": http.StatusOK, "identifier": present(doc).text("identifier"), "lastModified": doc.modified})
}

// delete3 answers 204. A permanent deletion is one like any other: the log keeps
// what was.
func (d *Door) delete3(c *call) {
	var missed *gateway.Refusal
	_, refused := d.remove(c, func() []*document {
		switch old := d.view.identified(c.who.Patient, c.path["collection"], c.path["identifier"]); {
		case old == nil:
			missed = missing()
		case old.deleted:
			missed = gone()
		case outdated(c.r, old):
			missed = &gateway.Refusal{Status: http.StatusPreconditionFailed, Reason: "Precondition Failed: it was changed since"}
		case present(old)["isReadOnly"] == true:
			missed = &gateway.Refusal{Status: http.StatusUnprocessableEntity, Reason: "Trying to modify read-only document"}
		default:
			return []*document{old}
		}
		return nil
	})
	switch {
	case refused != nil:
		fail(c.w, refused)
	case missed != nil:
		fail(c.w, missed)
	default:
		c.w.WriteHeader(http.StatusNoContent)
	}
}

// clone is a copy whose own fields can be changed.
func (f fields) clone() fields {
	all := make(fields, len(f))
	for name, v := range f {
		all[name] = v
	}
	return all
}
