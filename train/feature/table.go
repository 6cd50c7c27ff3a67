package feature

// table numbers what many have in common, as long as anybody has it: the number takes the
// place of a pointer. The zero table is empty.
type table[T comparable] struct {
	values []T
	users  []int    // of each
	free   []uint32 // numbers that nobody uses
	number map[T]uint32
}

// take is the number of x, for one user more.
func (t *table[T]) take(x T) uint32 {
	n, known := t.number[x]
	if !known {
		n = t.next()
		t.values[n] = x
		if t.number == nil {
			t.number = map[T]uint32{}
		}
		t.number[x] = n
	}
	t.users[n]++
	return n
}

// next is a number that nobody uses.
func (t *table[T]) next() (n uint32) {
	if last := len(t.free) - 1; last >= 0 {
		n, t.free = t.free[last], t.free[:last]
		return n
	}
	var none T
	t.values, t.users = append(t.values, none), append(t.users, 0)
	return uint32(len(t.values) - 1)
}

// of is what has a number.
func (t *table[T]) of(n uint32) T { return t.values[n] }

// drop says that one user fewer has what has a number.
func (t *table[T]) drop(n uint32) {
	if t.users[n]--; t.users[n] > 0 {
		return
	}
	var none T
	delete(t.number, t.values[n])
	t.values[n], t.free = none, append(t.free, n)
}
