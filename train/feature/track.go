package feature

// stamped is an entry that knows when it happened.
type stamped interface{ when() micros }

// insert puts x at its time among the entries of buf, which are sorted by time. Of
// equal times the later in the log comes last. With most entries the oldest is given
// up, so what is kept are the newest entries whatever order they came in.
func insert[T stamped](buf []T, most int, x T) []T {
	i := len(buf)
	for i > 0 && buf[i-1].when() > x.when() {
		i--
	}
	if len(buf) < most {
		buf = longer(buf)
		copy(buf[i+1:], buf[i:])
		buf[i] = x
		return buf
	}
	if i == 0 {
		return buf
	}
	copy(buf[:i-1], buf[1:i])
	buf[i-1] = x
	return buf
}

// longer is buf with room for one more at its end. It grows by a quarter: most people
// have few entries, and who has many has about as many tomorrow.
func longer[T any](buf []T) []T {
	n := len(buf)
	if n == cap(buf) {
		buf = append(make([]T, 0, n+max(4, n/4)), buf...)
	}
	return buf[:n+1]
}

// expire drops the entries at or before limit.
func expire[T stamped](buf []T, limit micros) []T {
	gone := 0
	for gone < len(buf) && buf[gone].when() <= limit {
		gone++
	}
	return without(buf, 0, gone)
}

// without drops the n entries from i on. Room that is left with nothing is given back.
func without[T any](buf []T, i, n int) []T {
	if n == len(buf) {
		return nil
	}
	return append(buf[:i], buf[i+n:]...)
}
