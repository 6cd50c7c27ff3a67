package slab

// Places has things of one kind lie side by side. Whoever makes very many that stay has the
// collector of garbage go through a few long pieces of memory in order, where it would jump
// from each to the next. A thing has its place for good: memory is given back when nothing
// refers to any of a piece. The zero Places is empty. It is not safe for concurrent use.
type Places[T any] struct {
	blank []T
	made  int // of the piece that blank is the rest of
}

// mostPlaces are in one piece. The first is for one thing, each other for twice as many.
const mostPlaces = 128

// Next is a place that nothing has, zero.
func (p *Places[T]) Next() *T {
	if len(p.blank) == 0 {
		p.made = max(1, min(2*p.made, mostPlaces))
		p.blank = make([]T, p.made)
	}
	next := &p.blank[0]
	p.blank = p.blank[1:]
	return next
}
