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

	"github.com/titrate/titrate/ingest/gateway"
)

// v3 routes /api/v3/…: create, read, search, history, lastModified, status and
// version. A document is changed and deleted by v1.
func (d *Door) v3(w http.ResponseWriter, r *http.Request, who holder, path []string, values url.Values) {
	reads := r.Method == http.MethodGet || r.Method == http.MethodHead
	switch {
	case reads && !who.read, !reads && !who.write:
		fail(w, unauthorized())
	case reads && len(path) == 1 && (path[0] == "status" || path[0] == "version"):
		result(w, d.version(who))
	case reads && len(path) == 1 && path[0] == "lastModified":
		result(w, d.lastModified(who.patient))
	case !slices.Contains(collections, path[0]):
		fail(w, missing())
	case r.Method == http.MethodPost && len(path) == 1:
		d.create3(w, r, who, path[0])
	case reads && len(path) == 1:
		d.search3(w, who.patient, path[0], values)
	case reads && len(path) == 2:
		d.read3(w, who.patient, path[0], path[1])
	case reads && len(path) == 3 && path[1] == "history":
		d.history3(w, who.patient, path[0], path[2], values)
	default:
		fail(w, &gateway.Refusal{Status: http.StatusMethodNotAllowed, Reason: "Method Not Allowed"})
	}
}

// result is how v3 answers.
func result(w http.ResponseWriter, v any) {
	answer(w, map[string]any{"status": http.StatusOK, "result": v})
}

func (d *Door) version(who holder) any {
	allowed := ""
	if who.write {
		allowed = "c"
	}
	if who.read {
		allowed += "r"
	}
	permissions := map[string]string{}
	for _, c := range collections {
		permissions[c] = allowed
	}
	return map[string]any{
		"version": siteVersion, "apiVersion": "3.0.4", "srvDate": d.now().UnixMilli(), "apiPermissions": permissions,
	}
}

func (d *Door) lastModified(patient string) any {
	latest := map[string]int64{}
	for _, c := range collections {
		for _, doc := range d.view.changes(patient, c) {
			latest[c] = max(latest[c], doc.modified)
		}
	}
	return map[string]any{"srvDate": d.now().UnixMilli(), "collections": latest}
}

// create3 takes one document: 201 if it is new, 200 if one like it was there.
func (d *Door) create3(w http.ResponseWriter, r *http.Request, who holder, collection string) {
	objects, release, refused := d.objects(r)
	if refused != nil {
		fail(w, refused)
		return
	}
	defer release()
	f, wrong := v3Document(objects)
	if wrong != "" {
		fail(w, &gateway.Refusal{Status: http.StatusBadRequest, Reason: wrong})
		return
	}
	c := d.change(who.patient, collection)
	settled, _ := decode(f.encode())
	settle(collection, settled, c.now)
	old := c.find(key(collection, settled))
	c.take(f.encode())
	if refused := c.deliver(r.Context()); refused != nil {
		fail(w, refused)
		return
	}
	d.created3(w, who.patient, collection, old, key(collection, settled))
}

func (d *Door) created3(w http.ResponseWriter, patient, collection string, old *document, key string) {
	doc := d.view.find(patient, collection, key)
	if doc == nil { // older than all that the View keeps
		fail(w, &gateway.Refusal{Status: http.StatusUnprocessableEntity, Reason: "stored, but too old to be read back"})
		return
	}
	id := present(doc).text("identifier")
	body := map[string]any{"status": http.StatusCreated, "identifier": id, "lastModified": doc.modified}
	if old != nil {
		body["status"], body["isDeduplication"], body["deduplicatedIdentifier"] = http.StatusOK, true, present(old).text("identifier")
	} else {
		w.Header().Set("Location", "/api/v3/"+collection+"/"+url.PathEscape(id))
	}
	write(w, body["status"].(int), body)
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
func (d *Door) read3(w http.ResponseWriter, patient, collection, id string) {
	for _, doc := range d.view.changes(patient, collection) {
		if f := present(doc); doc.id == id || f.text("identifier") == id {
			if doc.deleted {
				fail(w, &gateway.Refusal{Status: http.StatusGone, Reason: "Gone"})
				return
			}
			w.Header().Set("Last-Modified", millis(doc.modified).Format(http.TimeFormat))
			result(w, f)
			return
		}
	}
	fail(w, missing())
}

// history3 is what changed after a moment, deletions too, the earliest first: a
// client goes on from the last one it got.
func (d *Door) history3(w http.ResponseWriter, patient, collection, since string, values url.Values) {
	after, err := strconv.ParseInt(since, 10, 64)
	q, wrong := parseQuery3(values)
	if err != nil || wrong != nil {
		fail(w, &gateway.Refusal{Status: http.StatusBadRequest, Reason: "Bad or missing lastModified, or limit"})
		return
	}
	changed := []fields{}
	for _, doc := range d.view.changes(patient, collection) {
		if doc.modified > after {
			if changed = append(changed, present(doc)); len(changed) == q.limit {
				break
			}
		}
	}
	if n := len(changed); n > 0 {
		last, _ := changed[n-1].milli("srvModified")
		w.Header().Set("ETag", fmt.Sprintf(`W/"%d"`, last.UnixMilli()))
		w.Header().Set("Last-Modified", last.Format(http.TimeFormat))
	}
	result(w, changed)
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
