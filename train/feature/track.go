package feature

import "github.com/titrate/titrate/cleanse/slab"

// stamped is an entry that knows when it happened.
type stamped interface{ when() micros }

// insert puts x at its time among the entries of l, which are sorted by time. Of
// equal times the later in the log comes last. With most entries the oldest is given
// up, so what is kept are the newest entries whatever order they came in.
func insert[T stamped](s *slab.Slab[T], l *slab.List, most int, x T) {
	buf := s.Of(*l)
	i := len(buf)
	for i > 0 && buf[i-1].when() > x.when() {
		i--
	}
	if len(buf) < most {
		buf = s.Grow(l, most)
		copy(buf[i+1:], buf[i:])
		buf[i] = x
		return
	}
	if i == 0 {
		return
	}
	copy(buf[:i-1], buf[1:i])
	buf[i-1] = x
}

// expire drops the entries at or before limit.
func expire[T stamped](s *slab.Slab[T], l *slab.List, limit micros) {
	gone, buf := 0, s.Of(*l)
	for gone < len(buf) && buf[gone].when() <= limit {
		gone++
	}
	if gone > 0 {
		s.Cut(l, 0, gone)
	}
}
