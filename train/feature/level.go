package feature

import (
	"iter"
	"math"
	"time"
)

const (
	levelPeriod = 6 * hourly
	levelSize   = 7 * 4 // periods of the last seven days
)

// level sums a person's glucose over a week, in periods of six hours: where
// glucose goes when nothing happens, and how far it strays. It counts in tenths
// of mg/dL, since whole numbers add up to the same in any order.
type level struct {
	head    int64    // the newest period
	periods []period // up to head; the first has readings
}

// period sums the readings of six hours, in 12 bytes.
type period struct {
	n           uint16
	squaresHigh uint16
	squaresLow  uint32
	sum         uint32
}

func (p *period) squares() uint64 { return uint64(p.squaresHigh)<<32 | uint64(p.squaresLow) }

func (p *period) change(n int, sum uint32, squares uint64) {
	p.n, p.sum = p.n+uint16(n), p.sum+sum
	squares += p.squares()
	p.squaresHigh, p.squaresLow = uint16(squares>>32), uint32(squares)
}

func (l *level) add(at micros, mgdl float64) {
	p, tenths := l.reach(at/levelPeriod), uint32(mgdl*10+0.5)
	if p != nil && p.n < math.MaxUint16 {
		p.change(1, tenths, uint64(tenths)*uint64(tenths))
	}
}

// take undoes add.
func (l *level) take(at micros, mgdl float64) {
	first := l.head - int64(len(l.periods)) + 1
	h := at / levelPeriod
	if h < first || h > l.head {
		return
	}
	if p, tenths := &l.periods[h-first], uint32(mgdl*10+0.5); p.n > 0 {
		p.change(-1, -tenths, -uint64(tenths)*uint64(tenths))
	}
	l.trim()
}

// Level is the sum of a person's readings over six hours: their number, and their sum
// and sum of squares in tenths of mg/dL.
type Level struct {
	Period  int64  `json:"p"` // six hours, counted since 1970
	N       uint16 `json:"n"`
	Sum     uint32 `json:"s"`
	Squares uint64 `json:"q"`
}

// Period is the Level.Period that a reading of a time is summed in.
func Period(at time.Time) int64 { return at.UnixMicro() / levelPeriod }

// NewestLevel is the Level.Period that the newest reading was summed in.
func (w *Window) NewestLevel() int64 { return w.level.head }

// Levels yields what the week's mean and deviation are made of, oldest first.
func (w *Window) Levels() iter.Seq[Level] {
	return func(yield func(Level) bool) {
		l := &w.level
		for i := range l.periods {
			p := &l.periods[i]
			at := l.head - int64(len(l.periods)-1-i)
			if p.n > 0 && !yield(Level{at, p.n, p.sum, p.squares()}) {
				return
			}
		}
	}
}

// Raise makes the window take of a period what is told, if that is of more readings than
// the window has seen of it.
func (w *Window) Raise(told Level) {
	if p := w.level.reach(told.Period); p != nil && p.n < told.N {
		*p = period{n: told.N, sum: told.Sum}
		p.change(0, 0, told.Squares)
	}
	w.level.trim()
}

// reach is the period h, to which room is made, or nil if it is forgotten.
func (l *level) reach(h int64) *period {
	if h < 0 || h <= l.head-levelSize {
		return nil
	}
	if h > l.head+levelSize {
		l.periods = nil // all of it is forgotten
	}
	if len(l.periods) == 0 {
		l.head = max(l.head, h)
	}
	for ; l.head < h; l.head++ {
		if len(l.periods) == levelSize {
			l.periods = without(l.periods, 0, 1)
		}
		l.periods = longer(l.periods)
		l.periods[len(l.periods)-1] = period{}
	}
	l.trim()
	for l.head-int64(len(l.periods)) >= h {
		l.periods = longer(l.periods)
		copy(l.periods[1:], l.periods)
		l.periods[0] = period{}
	}
	return &l.periods[h-l.head+int64(len(l.periods))-1]
}

// trim gives up periods at the beginning that have no reading.
func (l *level) trim() {
	empty := 0
	for empty < len(l.periods) && l.periods[empty].n == 0 {
		empty++
	}
	if empty > 0 {
		l.periods = without(l.periods, 0, empty)
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
	for i := range l.periods {
		h := l.head - int64(len(l.periods)-1-i)
		if p := &l.periods[i]; h > max(now, l.head)-levelSize && h <= now {
			n, sum, squares = n+uint64(p.n), sum+uint64(p.sum), squares+p.squares()
		}
	}
	weight := float64(n + levelWeight)
	mean = (float64(sum)/10 + levelWeight*levelUsual) / weight
	usual := float64(levelWeight * (levelUsual*levelUsual + spreadUsual*spreadUsual))
	second := (float64(squares)/100 + usual) / weight
	return mean, math.Sqrt(max(0, second-mean*mean))
}
