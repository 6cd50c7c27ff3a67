package cleanse

// recent remembers which identities stood at the last Lookback offsets: a ring
// with a slot for each, and an open-addressed index from an identity to the slot
// where it stood last. Both have a fixed size, so nothing is allocated per event.
//
// The log is cut into blocks of Lookback offsets, and the index has a half for every other
// block: what stood lately is in one half or the other, side by side in memory, which is
// seldom in the processor's cache. Nothing is ever taken out of a half; it is emptied when
// a block begins that uses it again. An entry of the older half counts as long as its slot
// still has that identity.
type recent struct {
	last  int64                   // the offset observed last; -1 before the first
	ring  [Lookback]uint64        // the identity at offset modulo Lookback; 0 for none
	index [2 * Lookback][2]uint32 // an entry at an identity's lower bits or after; 0 for none
}

// An entry of the index is the slot+1 of an identity, and above it as many of the
// identity's upper bits as there is room for: most searches pass the entries of
// others without a look at the ring.
const (
	slotBits = 17 // Lookback itself is a slot+1
	slotMask = 1<<slotBits - 1
	tagShift = 64 - (32 - slotBits)
)

// tag is identity's upper bits where an entry has them.
func tag(identity uint64) uint32 { return uint32(identity>>tagShift) << slotBits }

const (
	ringMask  = Lookback - 1
	indexMask = 2*Lookback - 1
)

func newRecent() *recent { return &recent{last: -1} }

// observe puts identity, which isn't 0, at offset, and reports whether it stood at
// one of the Lookback offsets before.
//
// What stood exactly Lookback before is still in the slot of offset: it counts.
func (r *recent) observe(offset int64, identity uint64) (known bool) {
	r.advance(offset)
	now := half(offset)
	at, known := r.find(identity, now)
	if !known {
		_, known = r.find(identity, 1-now)
	}
	slot := uint32(offset & ringMask)
	r.ring[slot] = identity
	r.index[at][now] = tag(identity) | (slot + 1)
	return known
}

// half is the half of the index that offset's block uses.
func half(offset int64) int { return int(offset/Lookback) & 1 }

// advance forgets what stood more than Lookback before offset.
func (r *recent) advance(offset int64) {
	gap := uint64(offset) - uint64(r.last)
	if offset <= r.last || gap > Lookback {
		clear(r.ring[:])
		clear(r.index[:])
		r.last = offset
		return
	}
	if now := half(offset); now != half(r.last) {
		for i := range r.index {
			r.index[i][now] = 0
		}
	}
	for o := r.last + 1; o < offset; o++ {
		r.ring[o&ringMask] = 0
	}
	r.last = offset
}

// find is where identity is in a half of the index, or where it would be put.
func (r *recent) find(identity uint64, half int) (at uint32, known bool) {
	upper := tag(identity)
	for at = uint32(identity & indexMask); r.index[at][half] != 0; at = (at + 1) & indexMask {
		entry := r.index[at][half]
		if entry&^slotMask == upper && r.ring[(entry&slotMask-1)&ringMask] == identity {
			return at, true
		}
	}
	return at, false
}
