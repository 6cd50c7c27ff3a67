package cleanse

// recent remembers which identities stood at the last Lookback offsets: a ring
// with a slot for each, and an open-addressed index from an identity to the slot
// where it stood last. Both have a fixed size, so nothing is allocated per event.
type recent struct {
	last  int64                // the offset observed last; -1 before the first
	ring  [Lookback]uint64     // the identity at offset modulo Lookback; 0 for none
	index [2 * Lookback]uint32 // an entry at an identity's lower bits or after; 0 for none
}

// An entry of the index is the slot+1 of an identity, and above it as many of the
// identity's upper bits as there is room for: most searches pass the entries of
// others without a look at the ring, which is seldom in the processor's cache.
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
// What stood exactly Lookback before is still in the slot of offset: it counts,
// and makes room.
func (r *recent) observe(offset int64, identity uint64) (known bool) {
	r.advance(offset)
	slot := uint32(uint64(offset) & ringMask)
	oldest := r.ring[slot]
	r.forget(slot)
	at, known := r.find(identity)
	r.ring[slot] = identity
	r.index[at] = tag(identity) | (slot + 1)
	return known || oldest == identity
}

// advance forgets what stood more than Lookback before offset.
func (r *recent) advance(offset int64) {
	gap := uint64(offset) - uint64(r.last)
	if offset <= r.last || gap > Lookback {
		clear(r.ring[:])
		clear(r.index[:])
	} else {
		for o := r.last + 1; o < offset; o++ {
			r.forget(uint32(uint64(o) & ringMask))
		}
	}
	r.last = offset
}

// find is where identity is in the index, or where it would be put.
func (r *recent) find(identity uint64) (at uint32, known bool) {
	upper := tag(identity)
	for at = uint32(identity & indexMask); r.index[at] != 0; at = (at + 1) & indexMask {
		if entry := r.index[at]; entry&^slotMask == upper && r.at(entry) == identity {
			return at, true
		}
	}
	return at, false
}

// at is the identity that an entry stands for.
func (r *recent) at(entry uint32) uint64 { return r.ring[(entry&slotMask-1)&ringMask] }

// forget empties a slot. Its identity stays in the index if it also stood later.
func (r *recent) forget(slot uint32) {
	identity := r.ring[slot]
	if identity == 0 {
		return
	}
	if at, _ := r.find(identity); r.index[at]&slotMask == slot+1 {
		r.remove(at)
	}
	r.ring[slot] = 0
}

// remove takes an entry out of the index and closes the hole: each entry behind
// it moves up unless that would put it before the place where its search begins.
func (r *recent) remove(hole uint32) {
	for at := (hole + 1) & indexMask; r.index[at] != 0; at = (at + 1) & indexMask {
		home := uint32(r.at(r.index[at]) & indexMask)
		if (at-home)&indexMask >= (at-hole)&indexMask {
			r.index[hole] = r.index[at]
			hole = at
		}
	}
	r.index[hole] = 0
}
