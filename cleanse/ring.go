package cleanse

import "slices"

// placed is an entry that knows where it stood in the log and what it is.
type placed interface {
	place() (offset int64, identity uint64)
}

// ring is the last entries that were added, in the order of the log. It grows up to
// most, while the oldest is still within reach; then each addition forgets the oldest.
// Where many people share a partition, each has few entries within reach. A nil ring is
// empty.
type ring[T placed] struct {
	items []T
	start int // of the oldest, once the ring is full
}

// add puts x behind the others. What stood before offset from is out of reach.
func (r *ring[T]) add(x T, most int, from int64) {
	if len(r.items) == 0 || len(r.items) < most && r.oldest() >= from {
		r.grow(x)
		return
	}
	r.items[r.start] = x
	r.start++
	if r.start == len(r.items) {
		r.start = 0
	}
}

// added is r with x, made if it is nil.
func added[T placed](r *ring[T], x T, most int, from int64) *ring[T] {
	if r == nil {
		r = &ring[T]{}
	}
	r.add(x, most, from)
	return r
}

func (r *ring[T]) oldest() (offset int64) {
	offset, _ = r.items[r.start].place()
	return offset
}

// grow makes room by a quarter.
func (r *ring[T]) grow(x T) {
	n := len(r.items)
	if n == cap(r.items) || r.start > 0 {
		items := append(make([]T, 0, n+max(4, n/4)), r.items[r.start:]...)
		r.items, r.start = append(items, r.items[:r.start]...), 0
	}
	r.items = append(r.items, x)
}

func (r *ring[T]) len() int {
	if r == nil {
		return 0
	}
	return len(r.items)
}

// back is the entry added i before the newest.
func (r *ring[T]) back(i int) *T {
	at := r.start + len(r.items) - 1 - i
	if at >= len(r.items) {
		at -= len(r.items)
	}
	return &r.items[at]
}

// parts are all entries: from the end of newer to its beginning, then from the end
// of older to its, they get older.
func (r *ring[T]) parts() (newer, older []T) { return r.items[:r.start], r.items[r.start:] }

// remove forgets the entries with this identity. There may be two, if the older one
// is out of reach.
func (r *ring[T]) remove(identity uint64) {
	has := func(x T) bool {
		_, id := x.place()
		return id == identity
	}
	if r == nil || !slices.ContainsFunc(r.items, has) {
		return
	}
	inOrder := make([]T, 0, cap(r.items))
	for i := len(r.items) - 1; i >= 0; i-- {
		inOrder = append(inOrder, *r.back(i))
	}
	r.items, r.start = slices.DeleteFunc(inOrder, has), 0
}
