package nightscout

import (
	"bytes"
	"strconv"
)

// echoed reports whether value is an event that the View holds exactly as it stands
// there: most of what a door reads back from the log it wrote itself, and needs no
// reading of its JSON. When in doubt it is false.
func (v *View) echoed(patient string, value []byte) bool {
	collection, id, modified, ok := glance(value)
	if !ok {
		return false
	}
	v.mu.RLock()
	defer v.mu.RUnlock()
	s := v.people[patient][string(collection)]
	if s == nil {
		return false
	}
	d := s.byID[string(id)]
	if d == nil || d.modified != modified || len(d.raw) == 0 {
		return false
	}
	rest, ok := bytes.CutSuffix(value, []byte("}}"))
	if !ok {
		return false
	}
	rest, ok = bytes.CutSuffix(rest, d.raw)
	return ok && bytes.HasSuffix(rest, []byte(`,"doc":`))
}

// glance finds what identifies the change in an event as messages writes it.
func glance(value []byte) (collection, id []byte, modified int64, ok bool) {
	if bytes.Count(value, []byte(`"nightscout"`)) != 1 {
		return nil, nil, 0, false // one stands in the document too
	}
	_, rest, ok1 := bytes.Cut(value, []byte(`"nightscout":{"collection":"`))
	collection, rest, ok2 := bytes.Cut(rest, []byte(`","_id":"`))
	id, rest, ok3 := bytes.Cut(rest, []byte(`","at":`))
	_, rest, ok4 := bytes.Cut(rest, []byte(`,"modified":`))
	digits := bytes.IndexByte(rest, ',')
	if !(ok1 && ok2 && ok3 && ok4) || digits < 0 {
		return nil, nil, 0, false
	}
	modified, err := strconv.ParseInt(string(rest[:digits]), 10, 64)
	return collection, id, modified, err == nil
}
