package cleanse

import (
	"slices"

	"github.com/titrate/titrate/cleanse/slab"
)

// placed is an entry that knows where it stood in the log and what it is.
type placed interface {
	place() (offset int64, identity uint64)
}

// ring is the last entries that were added, in the order of the log. It grows up to
// most, while the oldest is still within reach; then each addition forgets the oldest.
// Where many people share a partition, each has few entries within reach. The zero ring
// is empty.
type ring struct {
	items slab.List
	start uint16 // of the oldest, once the ring is full
}

func (r *ring) len() int { return r.items.Len() }

// rings is the room of many people's rings.
type rings[T placed] struct{ slab.Slab[T] }

// add puts x behind the others of r. What stood before offset from is out of reach.
func (s *rings[T]) add(r *ring, x T, most int, from int64) {
	if items := s.Of(r.items); len(items) == most || len(items) > 0 && s.oldest(r) < from {
		items[r.start] = x
		r.start = (r.start + 1) % uint16(len(items))
		return
	}
	s.order(r)
	items := s.Grow(&r.items, most)
	items[len(items)-1] = x
}

func (s *rings[T]) oldest(r *ring) (offset int64) {
	offset, _ = s.Of(r.items)[r.start].place()
	return offset
}

// order puts the oldest first.
func (s *rings[T]) order(r *ring) {
	if r.start == 0 {
		return
	}
	items := s.Of(r.items)
	slices.Reverse(items[:r.start])
	slices.Reverse(items[r.start:])
	slices.Reverse(items)
	r.start = 0
}

// back is the entry of r added i before the newest.
func (s *rings[T]) back(r *ring, i int) *T {
	items := s.Of(r.items)
	at := int(r.start) + len(items) - 1 - i
	if at >= len(items) {
		at -= len(items)
	}
	return &items[at]
}

// parts are all entries: from the end of newer to its beginning, then from the end
// of older to its, they get older.
func (s *rings[T]) parts(r *ring) (newer, older []T) {
	items := s.Of(r.items)
	return items[:r.start], items[r.start:]
}

// remove forgets the entries with this identity. There may be two, if the older one
// is out of reach.
func (s *rings[T]) remove(r *ring, identity uint64) {
	has := func(x T) bool {
		_, id := x.place()
		return id == identity
	}
	for slices.ContainsFunc(s.Of(r.items), has) {
		s.order(r)
		s.Cut(&r.items, slices.IndexFunc(s.Of(r.items), has), 1)
	}
}
