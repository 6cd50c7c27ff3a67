package nightscout

import (
	"cmp"
	"crypto/sha1"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/titrate/titrate/ingest/gateway"
)

// result is how v3 answers.
func result(w http.ResponseWriter, v any) {
	answer(w, map[string]any{"status": http.StatusOK, "result": v})
}

// version3 answers /version and /status.
func (d *Door) version3(c *call) {
	allowed := ""
	if c.who.Write {
		allowed = "cud"
	}
	if c.who.Read {
		allowed += "r"
	}
	permissions := map[string]string{}
	for _, collection := range collections {
		permissions[collection] = allowed
	}
	result(c.w, map[string]any{
		"version": siteVersion, "apiVersion": "3.0.4", "srvDate": d.now().UnixMilli(), "apiPermissions": permissions,
	})
}

func (d *Door) lastModified3(c *call) {
	latest := map[string]int64{}
	for _, collection := range collections {
		if ms := d.view.changed(c.who.Patient, collection); ms > 0 {
			latest[collection] = ms
		}
	}
	result(c.w, map[string]any{"srvDate": d.now().UnixMilli(), "collections": latest})
}

// create3 takes one document: 201 if it is new, 200 if one like it was there.
func (d *Door) create3(c *call) {
	f, release, refused := d.document3(c)
	if refused != nil {
		fail(c.w, refused)
		return
	}
	defer release()
	var old, doc *document
	refused = d.alone(c, func(change *change) *gateway.Refusal {
		settled := f.clone()
		settle(change.collection, settled, change.now)
		old = change.find(key(change.collection, settled))
		doc, _ = change.take(f.encode()) // it was read before
		return nil
	})
	if refused != nil {
		fail(c.w, refused)
		return
	}
	d.created3(c, old, doc)
}

func (d *Door) created3(c *call, old, doc *document) {
	id := present(doc).text("identifier")
	body := map[string]any{"status": http.StatusCreated, "identifier": id, "lastModified": doc.modified}
	c.w.Header().Set("Last-Modified", millis(doc.modified).Format(http.TimeFormat))
	if old != nil {
		body["status"], body["isDeduplication"], body["deduplicatedIdentifier"] = http.StatusOK, true, present(old).text("identifier")
	} else {
		c.w.Header().Set("Location", "/api/v3/"+doc.collection+"/"+url.PathEscape(id))
	}
	write(c.w, body["status"].(int), body)
}

// alone runs fn when it is the patient's turn, and delivers what it changed.
func (d *Door) alone(c *call, fn func(*change) *gateway.Refusal) *gateway.Refusal {
	done, refused := d.turns.take(c.r.Context(), c.who.Patient)
	if refused != nil {
		return refused
	}
	defer done()
	change := d.change(c.who.Patient, c.path["collection"])
	if refused := fn(change); refused != nil {
		return refused
	}
	return change.deliver(c.r.Context())
}

// document3 is the one document of a body, with what v3 demands of it.
func (d *Door) document3(c *call) (f fields, release func(), refused *gateway.Refusal) {
	objects, release, refused := d.objects(c)
	if refused != nil {
		return nil, nil, refused
	}
	f, wrong := v3Document(objects)
	if wrong != "" {
		release()
		return nil, nil, bad(wrong)
	}
	return f, release, nil
}

// v3Document checks what v3 demands of a document, and identifies it.
func v3Document(objects []json.RawMessage) (f fields, wrong string) {
	if len(objects) != 1 {
		return nil, "Bad or missing document: send one"
	}
	f, ok := decode(objects[0])
	if !ok {
		return nil, "Bad or missing document"
	}
	if _, ok := f.milli("date"); !ok {
		at, ok := moment(f.text("date"))
		if !ok {
			return nil, "Bad or missing date field"
		}
		f["date"] = json.Number(strconv.FormatInt(at.UnixMilli(), 10))
	}
	if f.text("app") == "" {
		return nil, "Bad or missing app field"
	}
	if f.text("identifier") == "" {
		f["identifier"] = identify(f)
	}
	return f, ""
}

// identify is the UUID (version 5) that Nightscout makes of device, date and
// eventType.
func identify(f fields) string {
	name := f.text("device") + "_" + f.text("date")
	if kind := f.text("eventType"); kind != "" {
		name += "_" + kind
	}
	sum := sha1.Sum([]byte("NightscoutRocks!" + name))
	sum[6], sum[8] = sum[6]&0x0f|0x50, sum[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", sum[:4], sum[4:6], sum[6:8], sum[8:10], sum[10:16])
}

// read3 is 410 for what was deleted.
func (d *Door) read3(c *call) {
	doc := d.view.identified(c.who.Patient, c.path["collection"], c.path["identifier"])
	switch {
	case doc == nil:
		fail(c.w, missing())
	case doc.deleted:
		fail(c.w, gone())
	case !d.unmodified(c, doc.modified):
		q, err := parseQuery3(c.values)
		if err != nil {
			fail(c.w, bad(err.Error()))
			return
		}
		result(c.w, q.project(present(doc)))
	}
}

func gone() *gateway.Refusal {
	return &gateway.Refusal{Status: http.StatusGone, Reason: "Gone"}
}

// history3 is what changed after a moment, deletions too, the earliest first: a
// client goes on from the last one it got. The moment stands in the path, in ms, or
// in the header Last-Modified.
func (d *Door) history3(c *call) {
	after, err := strconv.ParseInt(c.path["since"], 10, 64)
	if c.path["since"] == "" {
		var since time.Time
		since, err = http.ParseTime(c.r.Header.Get("Last-Modified"))
		after = since.UnixMilli()
	}
	q, wrong := parseQuery3(c.values)
	if err != nil || wrong != nil {
		fail(c.w, bad("Bad or missing lastModified, or limit"))
		return
	}
	changed := []fields{}
	for _, doc := range d.view.changes(c.who.Patient, c.path["collection"]) {
		if doc.modified > after {
			if changed = append(changed, q.project(present(doc))); len(changed) == q.limit {
				after = doc.modified
				break
			}
			after = max(after, doc.modified)
		}
	}
	if len(changed) > 0 {
		c.w.Header().Set("ETag", fmt.Sprintf(`W/"%d"`, after))
		c.w.Header().Set("Last-Modified", millis(after).Format(http.TimeFormat))
	}
	result(c.w, changed)
}

// present is a document as v3 gives it, with what the site knows of it.
func present(d *document) fields {
	f, ok := decode(d.raw)
	if !ok {
		f = fields{"_id": d.id}
	}
	if f.text("identifier") == "" {
		f["identifier"] = d.id
	}
	if f["date"] == nil {
		f["date"] = json.Number(strconv.FormatInt(d.at, 10))
	}
	f["srvCreated"] = json.Number(strconv.FormatInt(d.created, 10))
	f["srvModified"] = json.Number(strconv.FormatInt(d.modified, 10))
	if f["isValid"] == nil || d.deleted {
		f["isValid"] = !d.deleted
	}
	return f
}

// changes are all documents with the deleted, the earliest change first.
func (v *View) changes(patient, collection string) []*document {
	v.mu.RLock()
	all := slices.Clone(v.people[patient][collection].sorted)
	v.mu.RUnlock()
	slices.SortStableFunc(all, func(a, b *document) int {
		return cmp.Compare(a.modified, b.modified)
	})
	return all
}

// identified is the document of that identifier or _id, also a deleted one.
func (v *View) identified(patient, collection, id string) *document {
	if d := v.find(patient, collection, "identifier "+id); d != nil {
		return d
	}
	if d := v.byID(patient, collection, id); d != nil {
		return d
	}
	for _, d := range v.changes(patient, collection) {
		if d.deleted && present(d).text("identifier") == id {
			return d
		}
	}
	return nil
}
