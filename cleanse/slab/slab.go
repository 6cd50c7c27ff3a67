// Package slab keeps short lists of very many owners in a few large pieces of memory. A
// list is eight bytes without a pointer: the collector of garbage, which would visit every
// list of every owner, has nothing to look at. Room that a list gives up is the next
// one's, so lists that grow leave no garbage.
//
// A list has one owner. Whoever copies one must not use the copy once the original grew,
// shrank or was freed: its room may be another's by then.
package slab

import (
	"math"
	"slices"
)

// Slab is the room for lists of T, which holds no pointers. The zero Slab is empty. It is
// not safe for concurrent use.
type Slab[T any] struct {
	pages []page[T]
	open  map[int][]uint32 // pages with a free room of a size, and some that were such once
	spare []uint32         // pages without lists
}

// List is where an owner's entries lie in a Slab, at most Most. The zero List is empty.
type List struct {
	at   uint32 // page and place in it
	n    uint16
	room uint16 // entries that it has room for
}

// Most is how many entries a list can have.
const Most = math.MaxUint16

// pageSize is the entries of a page; of the first three it is less, for few owners.
const pageSize = 1 << pageBits

const pageBits = 10

// page is cut into rooms of the same size.
type page[T any] struct {
	entries []T
	size    int      // of its rooms, in entries
	free    []uint16 // where the rooms begin that no list has
}

// rooms is how many there are. A list can say where its room begins within pageSize.
func (p *page[T]) rooms() int { return max(1, min(len(p.entries), pageSize)/p.size) }

// Len is how many entries l has.
func (l List) Len() int { return int(l.n) }

// Of is the entries of l, there until l grows, shrinks or is freed.
func (s *Slab[T]) Of(l List) []T {
	if l.room == 0 {
		return nil
	}
	from := int(l.at & (pageSize - 1))
	return s.pages[l.at>>pageBits].entries[from : from+int(l.n) : from+int(l.room)]
}

// Grow adds an entry to the end of l, which is to have so many at most, and returns all;
// what the new one holds isn't said. Room grows by a quarter: most owners have few
// entries, and who has many has about as many tomorrow.
func (s *Slab[T]) Grow(l *List, most int) []T {
	if n := int(l.n); l.n == l.room {
		s.Reserve(l, min(n+max(4, n/4), most))
	}
	l.n++
	return s.Of(*l)
}

// Reserve gives l room for so many entries, if it has less.
func (s *Slab[T]) Reserve(l *List, room int) {
	if room <= int(l.room) {
		return
	}
	wider := s.take(room)
	wider.n = l.n
	copy(s.Of(wider), s.Of(*l))
	s.give(*l)
	*l = wider
}

// Put makes the entries of x those of l. If l lacks the room, it gets so much.
func (s *Slab[T]) Put(l *List, x []T, room int) {
	if len(x) > int(l.room) {
		s.give(*l)
		*l = s.take(room)
	}
	if l.n = uint16(len(x)); l.n == 0 {
		s.Free(l)
	}
	copy(s.Of(*l), x)
}

// Cut takes n entries from the i-th on out of l. The room of a list without any is given
// up.
func (s *Slab[T]) Cut(l *List, i, n int) {
	all := s.Of(*l)
	copy(all[i:], all[i+n:])
	if l.n -= uint16(n); l.n == 0 {
		s.Free(l)
	}
}

// Free empties l and gives up its room.
func (s *Slab[T]) Free(l *List) {
	s.give(*l)
	*l = List{}
}

// take is an empty list with room for size entries.
func (s *Slab[T]) take(size int) List {
	open := s.open[size]
	for len(open) > 0 && s.pages[open[len(open)-1]].size != size {
		open = open[:len(open)-1] // it is spare, or cut anew
	}
	if len(open) == 0 {
		open = append(open, s.cut(size))
	}
	number := open[len(open)-1]
	p := &s.pages[number]
	last := len(p.free) - 1
	at := p.free[last]
	if p.free = p.free[:last]; last == 0 {
		open = open[:len(open)-1]
	}
	if s.open == nil {
		s.open = map[int][]uint32{}
	}
	s.open[size] = open
	return List{at: number<<pageBits | uint32(at), room: uint16(size)}
}

// cut is a page cut into rooms of a size, all of them free.
func (s *Slab[T]) cut(size int) (number uint32) {
	large := func(number uint32) bool { return len(s.pages[number].entries) >= size }
	if i := slices.IndexFunc(s.spare, large); i >= 0 {
		number = s.spare[i]
		s.spare = slices.Delete(s.spare, i, i+1)
	} else {
		number = uint32(len(s.pages))
		length := max(size, pageSize>>max(0, 6-2*len(s.pages)))
		s.pages = append(s.pages, page[T]{entries: make([]T, length)})
	}
	p := &s.pages[number]
	p.size, p.free = size, slices.Grow(p.free[:0], len(p.entries)/size)
	for at := (p.rooms() - 1) * size; at >= 0; at -= size {
		p.free = append(p.free, uint16(at))
	}
	return number
}

// give takes l's room back.
func (s *Slab[T]) give(l List) {
	if l.room == 0 {
		return
	}
	number := l.at >> pageBits
	p := &s.pages[number]
	if len(p.free) == 0 {
		s.open[p.size] = append(s.open[p.size], number)
	}
	p.free = append(p.free, uint16(l.at&(pageSize-1)))
	if len(p.free) == p.rooms() {
		p.size = 0 // who finds it open passes it over
		s.spare = append(s.spare, number)
	}
}
