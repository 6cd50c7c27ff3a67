package lake

import "sync"

// Rows are packed into slabs: small ones at first, for most tables hold few rows,
// and then of one size, which are used again.
const (
	smallestSlab = 4 << 10
	slabSize     = 256 << 10
)

// pool keeps slabs that were given back. It never holds more than were in use at
// once, which the writer's budget bounds.
type pool struct {
	mu    sync.Mutex
	slabs [][]byte
}

// take is an empty slab of slabSize.
func (p *pool) take() []byte {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := len(p.slabs)
	if n == 0 {
		return make([]byte, 0, slabSize)
	}
	slab := p.slabs[n-1]
	p.slabs = p.slabs[:n-1]
	return slab[:0]
}

func (p *pool) give(slab []byte) {
	if cap(slab) != slabSize {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.slabs = append(p.slabs, slab)
}

// store is bytes in slabs. What was put stays where it is until it is dropped.
type store struct {
	pool  *pool
	slabs [][]byte
	first int   // how many slabs were dropped before the first
	used  int64 // bytes in the slabs
}

// spot is where something begins in a store.
type spot struct{ slab, at uint32 }

// put copies b into the store.
func (h *store) put(b []byte) spot {
	last := len(h.slabs) - 1
	if last < 0 || cap(h.slabs[last])-len(h.slabs[last]) < len(b) {
		h.slabs = append(h.slabs, h.slab(len(b)))
		last++
	}
	s := spot{slab: uint32(h.first + last), at: uint32(len(h.slabs[last]))}
	h.slabs[last] = append(h.slabs[last], b...)
	h.used += int64(len(b))
	return s
}

// slab is one with room for size bytes.
func (h *store) slab(size int) []byte {
	want := slabSize
	if n := len(h.slabs); n < 6 {
		want = smallestSlab << n
	}
	if size > want || want < slabSize {
		return make([]byte, 0, max(size, want))
	}
	return h.pool.take()
}

// from is what lies in a slab from s on; what was put there comes first.
func (h *store) from(s spot) []byte { return h.slabs[int(s.slab)-h.first][s.at:] }

// drop forgets what was put before s.
func (h *store) drop(s spot) {
	n := int(s.slab) - h.first
	for _, slab := range h.slabs[:n] {
		h.used -= int64(len(slab))
		h.pool.give(slab)
	}
	h.slabs = append(h.slabs[:0], h.slabs[n:]...)
	h.first += n
}

// clear forgets everything.
func (h *store) clear() {
	for _, slab := range h.slabs {
		h.pool.give(slab)
	}
	clear(h.slabs)
	h.slabs, h.first, h.used = h.slabs[:0], 0, 0
}
