package nightscout

import (
	"bytes"
	"encoding/json"
	"slices"
	"sort"
	"sync"

	"github.com/titrate/titrate/ingest"
)

// View is what can be read back: the documents that happened last, of each patient
// and collection at most so many, and of all together at most so many bytes, folded
// from the log. As long as all fit, the same records give the same view in any
// replica and after any restart, in whatever order the changes of one document
// arrive. It is safe for concurrent use.
type View struct {
	mu     sync.RWMutex
	keep   int
	most   int64                        // bytes
	held   int64                        // bytes
	people map[string]map[string]*shelf // by patient, then collection
}

// shelf is a collection of one patient.
type shelf struct {
	sorted []*document // by at, then id; with the deleted, of which a later change may come
	named  map[string]*document
	byID   map[string]*document
	bytes  int64
	latest int64 // ms: the last change of any
}

// NewView is an empty view of these patients; of others it keeps nothing, so that
// the log can't grow it. keep is how many documents, deleted ones included, it
// holds of each patient and collection (a sixteenth more at times), bytes about how much memory in all.
func NewView(patients []string, keep int, bytes int64) *View {
	v := &View{keep: max(1, keep), most: bytes, people: map[string]map[string]*shelf{}}
	for _, p := range patients {
		v.people[p] = map[string]*shelf{}
		for _, c := range collections {
			v.people[p][c] = &shelf{}
		}
	}
	return v
}

// Observe folds one record of the log. Records without a document, of strangers,
// or that can't be read change nothing; a record seen twice counts once.
func (v *View) Observe(rec ingest.Record) {
	if !bytes.Contains(rec.Value, []byte(`"nightscout"`)) || v.echoed(string(rec.Key), rec.Value) {
		return
	}
	var e struct {
		Nightscout *envelope `json:"nightscout"`
	}
	if json.Unmarshal(rec.Value, &e) != nil || e.Nightscout == nil {
		return
	}
	if v.has(string(rec.Key), e.Nightscout) {
		return // what this replica wrote comes round, or comes again
	}
	if d := e.Nightscout.document(); d != nil {
		v.put(string(rec.Key), d)
	}
}

// has reports whether the View holds exactly what e says.
func (v *View) has(patient string, e *envelope) bool {
	v.mu.RLock()
	defer v.mu.RUnlock()
	s := v.people[patient][e.Collection]
	if s == nil {
		return true // a stranger's: nothing of it is kept
	}
	d := s.byID[e.ID]
	return d != nil && d.modified == e.Modified && bytes.Equal(d.raw, e.Doc)
}

// put keeps d, unless what it has of that _id is later.
func (v *View) put(patient string, d *document) {
	v.mu.Lock()
	defer v.mu.Unlock()
	s := v.people[patient][d.collection]
	if s == nil {
		return
	}
	before := s.bytes
	s.put(d, v.keep)
	if v.held += s.bytes - before; v.held > v.most {
		v.shed()
	}
}

// shed forgets the oldest quarter of the fullest shelf until all fit again, so that
// who sends most loses first, and the search for it is rare.
func (v *View) shed() {
	for v.held > v.most {
		var fullest *shelf
		for _, shelves := range v.people {
			for _, s := range shelves {
				if fullest == nil || s.bytes > fullest.bytes {
					fullest = s
				}
			}
		}
		before := fullest.bytes
		fullest.forget(min(len(fullest.sorted)/4+1, len(fullest.sorted)))
		v.held += fullest.bytes - before
	}
}

// size is about how much memory a document takes.
func (d *document) size() int64 {
	n := len(d.raw) + 400
	for _, s := range d.names {
		n += 2*len(s) + 64
	}
	for _, s := range d.events {
		n += len(s) + 16
	}
	return int64(n)
}

// document is nil if the envelope holds none that could be read back.
func (e *envelope) document() *document {
	d := &document{collection: e.Collection, id: e.ID, at: e.At, created: e.Created, modified: e.Modified, deleted: e.Deleted, events: e.Events, until: e.Until}
	if !isID(d.id) {
		return nil
	}
	f, ok := decode(e.Doc)
	if !ok || f.text("_id") != d.id {
		return nil
	}
	if d.raw = e.Doc; !d.deleted {
		d.learn(f)
	}
	return d
}

// put replaces what is older than d.
func (s *shelf) put(d *document, keep int) {
	if old := s.byID[d.id]; old != nil {
		if old.modified > d.modified || old.modified == d.modified && bytes.Compare(old.raw, d.raw) >= 0 {
			return
		}
		s.remove(old)
	}
	if s.byID == nil {
		s.byID, s.named = map[string]*document{}, map[string]*document{}
	}
	i := s.place(d)
	s.sorted = slices.Insert(s.sorted, i, d)
	s.byID[d.id] = d
	s.bytes += d.size()
	s.latest = max(s.latest, d.modified)
	for _, name := range d.names {
		s.named[name] = d
	}
	if over := len(s.sorted) - keep; over > keep/16 { // a few at once: each costs a move of all
		s.forget(over)
	}
}

// forget drops the n oldest.
func (s *shelf) forget(n int) {
	for _, d := range s.sorted[:n] {
		s.drop(d)
	}
	s.sorted = slices.Delete(s.sorted, 0, n)
}

func (s *shelf) remove(d *document) {
	i := s.place(d)
	s.sorted = slices.Delete(s.sorted, i, i+1)
	s.drop(d)
}

// drop takes d out of the indexes.
func (s *shelf) drop(d *document) {
	delete(s.byID, d.id)
	s.bytes -= d.size()
	for _, name := range d.names {
		if s.named[name] == d {
			delete(s.named, name)
		}
	}
}

// place is where d stands, or would.
func (s *shelf) place(d *document) int {
	return sort.Search(len(s.sorted), func(i int) bool {
		o := s.sorted[i]
		return o.at > d.at || o.at == d.at && o.id >= d.id
	})
}

// find is the document recognised by name, deleted ones excluded; nil if none is.
func (v *View) find(patient, collection, name string) *document {
	v.mu.RLock()
	defer v.mu.RUnlock()
	return v.people[patient][collection].named[name]
}

// byID is the document of that _id, also if it is deleted; nil if none is known.
func (v *View) byID(patient, collection, id string) *document {
	v.mu.RLock()
	defer v.mu.RUnlock()
	return v.people[patient][collection].byID[id]
}

// changed is when the collection last changed, in ms since 1970; 0 if never.
func (v *View) changed(patient, collection string) int64 {
	v.mu.RLock()
	defer v.mu.RUnlock()
	return v.people[patient][collection].latest
}

// between is the documents that happened from one moment to another, in ms.
func (v *View) between(patient, collection string, from, to int64) (all []*document) {
	v.mu.RLock()
	defer v.mu.RUnlock()
	sorted := v.people[patient][collection].sorted
	i := sort.Search(len(sorted), func(i int) bool { return sorted[i].at >= from })
	for ; i < len(sorted) && sorted[i].at <= to; i++ {
		if !sorted[i].deleted {
			all = append(all, sorted[i])
		}
	}
	return all
}

// snapshot is the documents that aren't deleted, the latest first.
func (v *View) snapshot(patient, collection string) []*document {
	v.mu.RLock()
	defer v.mu.RUnlock()
	sorted := v.people[patient][collection].sorted
	all := make([]*document, 0, len(sorted))
	for i := len(sorted) - 1; i >= 0; i-- {
		if !sorted[i].deleted {
			all = append(all, sorted[i])
		}
	}
	return all
}
