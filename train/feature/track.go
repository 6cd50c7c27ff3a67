package feature

// stamped is an entry that knows when it happened.
type stamped interface{ when() micros }

// insert puts x at its time among the n entries of buf that are in use, sorted by
// time, and returns how many there are then. Of equal times the later in the log
// comes last. A full buffer gives up its oldest entry, so what is kept are the
// newest entries whatever order they came in.
func insert[T stamped](buf []T, n int, x T) int {
	i := n
	for i > 0 && buf[i-1].when() > x.when() {
		i--
	}
	if n < len(buf) {
		copy(buf[i+1:n+1], buf[i:n])
		buf[i] = x
		return n + 1
	}
	if i == 0 {
		return n
	}
	copy(buf[:i-1], buf[1:i])
	buf[i-1] = x
	return n
}

// expire drops the entries at or before limit and returns how many are left. The
// freed places are cleared, so that equal windows are equal values.
func expire[T stamped](buf []T, n int, limit micros) int {
	gone := 0
	for gone < n && buf[gone].when() <= limit {
		gone++
	}
	if gone == 0 {
		return n
	}
	copy(buf[:n-gone], buf[gone:n])
	clear(buf[n-gone : n])
	return n - gone
}
