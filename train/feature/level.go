package feature

import (
	"iter"
	"math"

	"github.com/titrate/titrate/cleanse/slab"
)

const (
	levelPeriod = 6 * hourly
	levelSize   = 7 * 4 // periods of the last seven days
)

// level sums a person's glucose over a week, in periods of six hours: where
// glucose goes when nothing happens, and how far it strays. It counts in tenths
// of mg/dL, since whole numbers add up to the same in any order.
type level struct {
	head    int64     // the newest period
	periods slab.List // of periods, up to head; the first has readings
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

func (l *level) add(s *slab.Slab[period], at micros, mgdl float64) {
	p, tenths := l.reach(s, at/levelPeriod), uint32(mgdl*10+0.5)
	if p != nil && p.n < math.MaxUint16 {
		p.change(1, tenths, uint64(tenths)*uint64(tenths))
	}
}

// take undoes add.
func (l *level) take(s *slab.Slab[period], at micros, mgdl float64) {
	periods := s.Of(l.periods)
	first := l.head - int64(len(periods)) + 1
	h := at / levelPeriod
	if h < first || h > l.head {
		return
	}
	if p, tenths := &periods[h-first], uint32(mgdl*10+0.5); p.n > 0 {
		p.change(-1, -tenths, -uint64(tenths)*uint64(tenths))
	}
	l.trim(s)
}

// Level is the sum of a person's readings over six hours: their number, and their sum
// and sum of squares in tenths of mg/dL.
type Level struct {
	Period  int64  `json:"p"` // six hours, counted since 1970
	N       uint16 `json:"n"`
	Sum     uint32 `json:"s"`
	Squares uint64 `json:"q"`
}

// Levels yields what the week's mean and deviation are made of, oldest first, for
// RecallLevel.
func (w *Window) Levels() iter.Seq[Level] {
	return func(yield func(Level) bool) {
		periods := w.periods()
		for i := range periods {
			p := &periods[i]
			at := w.level.head - int64(len(periods)-1-i)
			if p.n > 0 && !yield(Level{at, p.n, p.sum, p.squares()}) {
				return
			}
		}
	}
}

// RecallLevel takes in what the readings of a period are remembered to add up to.
func (w *Window) RecallLevel(l Level) {
	if p := w.level.reach(&w.lists().periods, l.Period); p != nil {
		*p = period{n: l.N, sum: l.Sum}
		p.change(0, 0, l.Squares)
	}
}

// reach is the period h, to which room is made, or nil if it is forgotten.
func (l *level) reach(s *slab.Slab[period], h int64) *period {
	if h < 0 || h <= l.head-levelSize {
		return nil
	}
	if h > l.head+levelSize {
		s.Free(&l.periods) // all of it is forgotten
	}
	if l.periods.Len() == 0 {
		l.head = max(l.head, h)
	}
	for ; l.head < h; l.head++ {
		if l.periods.Len() == levelSize {
			s.Cut(&l.periods, 0, 1)
		}
		periods := s.Grow(&l.periods, levelSize)
		periods[len(periods)-1] = period{}
	}
	l.trim(s)
	for l.head-int64(l.periods.Len()) >= h {
		periods := s.Grow(&l.periods, levelSize)
		copy(periods[1:], periods)
		periods[0] = period{}
	}
	periods := s.Of(l.periods)
	return &periods[h-l.head+int64(len(periods))-1]
}

// trim gives up periods at the beginning that have no reading.
func (l *level) trim(s *slab.Slab[period]) {
	empty, periods := 0, s.Of(l.periods)
	for empty < len(periods) && periods[empty].n == 0 {
		empty++
	}
	if empty > 0 {
		s.Cut(&l.periods, 0, empty)
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
func (l *level) week(periods []period, at micros) (mean, spread float64) {
	var n, sum, squares uint64
	now := at / levelPeriod
	for i := range periods {
		h := l.head - int64(len(periods)-1-i)
		if p := &periods[i]; h > max(now, l.head)-levelSize && h <= now {
			n, sum, squares = n+uint64(p.n), sum+uint64(p.sum), squares+p.squares()
		}
	}
	weight := float64(n + levelWeight)
	mean = (float64(sum)/10 + levelWeight*levelUsual) / weight
	usual := float64(levelWeight * (levelUsual*levelUsual + spreadUsual*spreadUsual))
	second := (float64(squares)/100 + usual) / weight
	return mean, math.Sqrt(max(0, second-mean*mean))
}
