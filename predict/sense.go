package predict

import (
	"math"
	"time"

	"github.com/titrate/titrate/cleanse"
	"github.com/titrate/titrate/train/feature"
)

// sensedFor is the age from which the newest reading is as good as none. It is less than
// what is read back after a restart, so that nothing depends on what came before that.
const sensedFor = Lookback / 2

// sense reads from the window how the newest reading came about. The trace is
// overwritten.
func sense(w *feature.Window, now time.Time, t *trace) Sense {
	last, ok := w.Last()
	if !ok || now.Sub(last.At) > sensedFor {
		return Sense{}
	}
	g := Sense{OK: true, MgdL: last.MgdL, At: last.At, Special: last.Special, Source: last.Source}
	g.Slope, g.SlopeOK = w.Slope(now)
	t.n = 0
	for r := range w.Readings() {
		t.add(r)
	}
	g.Noise = t.zigzag()
	g.Jump = t.jump()
	g.FlatFor = t.lasting(20*time.Minute, func(r *feature.Reading) bool {
		return math.Abs(float64(r.MgdL-last.MgdL)) < flatWithin
	})
	g.HighFor = t.lasting(30*time.Minute, func(r *feature.Reading) bool { return r.MgdL > ketonesAbove })
	g.FellAt = t.fellAt()
	g.LowAt = lowAt(w)
	return g
}

// lowAt is when the latest reading was that is close to a low or in one.
func lowAt(w *feature.Window) (at time.Time) {
	for r := range w.Readings() {
		if math.Round(float64(r.MgdL)) < nearLowUntil {
			at = r.At
		}
	}
	return at
}

// headed is when the sensor's trace was last on its way to a low: at one of the readings
// of the trendBack before the newest, the trend led below nearLowUntil by the time that
// insulin sets in. The newest ones may be why a glucose can't be trusted; a trend of
// those before them is the last that can. A fall that is steeper than it takes from
// higher up counts as such (FellAt).
func headed(w *feature.Window) (at time.Time) {
	last, ok := w.Last()
	if !ok {
		return time.Time{}
	}
	for r := range w.Readings() {
		if r.Source != "cgm" || r.MgdL > nearLowUntil+fallSteep*insulinOnset || last.At.Sub(r.At) > trendBack {
			continue
		}
		if slope, ok := w.Slope(r.At); ok && slope < 0 && float64(r.MgdL)+slope*insulinOnset < nearLowUntil {
			at = r.At
		}
	}
	return at
}

// trendBack is the span over which a trend is fitted: before that another one held.
const trendBack = 20 * time.Minute

// flatWithin is a difference, in mg/dL, that no display shows.
const flatWithin = 0.5

// trace is the sensor's newest readings, oldest first.
type trace struct {
	readings [48]feature.Reading
	n        int
}

func (t *trace) add(r feature.Reading) {
	if r.Source != "cgm" {
		return
	}
	if t.n == len(t.readings) {
		copy(t.readings[:], t.readings[1:])
		t.n--
	}
	t.readings[t.n] = r
	t.n++
}

func (t *trace) back(i int) *feature.Reading { return &t.readings[t.n-1-i] }

// lasting is how long a condition has held without a gap, up to the newest.
func (t *trace) lasting(gap time.Duration, holds func(*feature.Reading) bool) time.Duration {
	if t.n == 0 {
		return 0
	}
	newest, from := t.back(0).At, t.back(0).At
	for i := range t.n {
		r := t.back(i)
		if !holds(r) || from.Sub(r.At) > gap {
			break
		}
		from = r.At
	}
	return newest.Sub(from)
}

// jump is the newest reading less the one before, if they are about 5 minutes
// apart and both were measured.
func (t *trace) jump() cleanse.MgdL {
	if t.n < 2 {
		return 0
	}
	a, b := t.back(1), t.back(0)
	if b.At.Sub(a.At) > 450*time.Second || a.Special != 0 || b.Special != 0 {
		return 0
	}
	return b.MgdL - a.MgdL
}

const (
	zigzagOver   = 8   // readings
	zigzagPerMin = 1.8 // mg/dL that one minute is drawn as long as
)

// zigzag is 1 − straight ÷ walked: how much longer the way along the readings is
// than the line from the first to the last, as oref0 draws them. 0 for fewer than
// four readings in a row.
func (t *trace) zigzag() float64 {
	walked, n := 0.0, 0
	for ; n+1 < min(t.n, zigzagOver); n++ {
		a, b := t.back(n+1), t.back(n)
		if b.At.Sub(a.At) > staleAfter || a.Special != 0 || b.Special != 0 {
			break
		}
		walked += drawn(a, b)
	}
	if n < 3 {
		return 0
	}
	return 1 - drawn(t.back(n), t.back(0))/walked
}

func drawn(a, b *feature.Reading) float64 {
	return math.Hypot(zigzagPerMin*b.At.Sub(a.At).Minutes(), float64(b.MgdL-a.MgdL))
}

// fellAt is the latest moment at which glucose had fallen steeply for a while.
func (t *trace) fellAt() time.Time {
	if !t.spans(fallSteep * fallOver.Minutes()) {
		return time.Time{} // as mostly: no two of them are that far apart
	}
	for i := range t.n {
		end := t.back(i)
		for j := i + 1; j < t.n; j++ {
			start := t.back(j)
			over := end.At.Sub(start.At)
			if over < fallOver {
				continue
			}
			if over > 2*fallOver {
				break
			}
			if float64(start.MgdL-end.MgdL) >= fallSteep*over.Minutes() {
				return end.At
			}
		}
	}
	return time.Time{}
}

// spans tells whether any two readings differ by mgdl.
func (t *trace) spans(mgdl float64) bool {
	if t.n == 0 {
		return false
	}
	least, most := t.readings[0].MgdL, t.readings[0].MgdL
	for i := 1; i < t.n; i++ {
		least, most = min(least, t.readings[i].MgdL), max(most, t.readings[i].MgdL)
	}
	return !(float64(most-least) < mgdl) // also if one is no number
}
