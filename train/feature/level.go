package feature

import "math"

const (
	levelPeriod = 6 * hourly
	levelSize   = 7 * 4 // periods of the last seven days
)

// level sums a person's glucose over a week, in periods of six hours: where
// glucose goes when nothing happens, and how far it strays. It counts in tenths
// of mg/dL, since whole numbers add up to the same in any order.
type level struct {
	head    int64
	periods [levelSize]period
}

type period struct {
	n, sum  uint32
	squares uint64
}

func (l *level) add(at micros, mgdl float64) {
	i, ok := turn(l.periods[:], &l.head, at/levelPeriod)
	if !ok {
		return
	}
	p, tenths := &l.periods[i], uint32(mgdl*10+0.5)
	p.n, p.sum, p.squares = p.n+1, p.sum+tenths, p.squares+uint64(tenths)*uint64(tenths)
}

// take undoes add.
func (l *level) take(at micros, mgdl float64) {
	h := at / levelPeriod
	if h < 0 || h <= l.head-levelSize || h > l.head {
		return
	}
	if p, tenths := &l.periods[h%levelSize], uint32(mgdl*10+0.5); p.n > 0 {
		p.n, p.sum, p.squares = p.n-1, p.sum-tenths, p.squares-uint64(tenths)*uint64(tenths)
	}
}

// What is assumed of a person before the first reading, and by how many readings
// it is outweighed: an hour's.
const (
	levelUsual  = 150
	spreadUsual = 50
	levelWeight = 12
)

// week is the mean and the standard deviation of the week before at, in mg/dL.
func (l *level) week(at micros) (mean, spread float64) {
	var n, sum, squares uint64
	now := at / levelPeriod
	for h := max(now, l.head) - levelSize + 1; h <= min(now, l.head); h++ {
		p := &l.periods[h%levelSize]
		n, sum, squares = n+uint64(p.n), sum+uint64(p.sum), squares+p.squares
	}
	weight := float64(n + levelWeight)
	mean = (float64(sum)/10 + levelWeight*levelUsual) / weight
	usual := float64(levelWeight * (levelUsual*levelUsual + spreadUsual*spreadUsual))
	second := (float64(squares)/100 + usual) / weight
	return mean, math.Sqrt(max(0, second-mean*mean))
}

// turn moves a ring of periods on to the given one, clearing what it passes, and
// returns its place; not ok if the ring has forgotten it.
func turn[T any](ring []T, head *int64, period int64) (place int, ok bool) {
	size := int64(len(ring))
	if period < 0 || period <= *head-size {
		return 0, false
	}
	if period > *head {
		for p := max(*head+1, period-size+1); p <= period; p++ {
			clear(ring[p%size : p%size+1])
		}
		*head = period
	}
	return int(period % size), true
}
