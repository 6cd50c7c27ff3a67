package cleanse

import (
	"math"
	"time"
)

// glimpse is a sensor's reading as it is remembered. Times are microseconds.
type glimpse struct {
	at, seen, offset int64
	identity         uint64
	mgdl             float32
	device           uint32 // sensorOf its name, and the lowest bit: LOW or HIGH, so that the value is a limit
}

func (g *glimpse) sensor() uint32 { return g.device &^ 1 }

func (g *glimpse) limited() bool { return g.device&1 != 0 }

func (g glimpse) place() (int64, uint64) { return g.offset, g.identity }

// near is an earlier reading of the same sensor.
type near struct {
	gap     int64 // how long before, microseconds
	mgdl    float64
	limited bool
}

const (
	micro  = int64(time.Second / time.Microsecond)
	minute = 60 * micro

	// traceReach is as far back as the rules over a trace look.
	traceReach = 60 * minute
	// gapAfter is how far apart two readings have a gap between them: oref0 and AAPS
	// take readings up to 12 minutes apart for neighbours.
	gapAfter = 12 * minute
	// leastDelta is how far apart two readings are at least for a rate: oref0's
	// window of 2.5 to 7.5 minutes; closer ones differ by noise.
	leastDelta = 150 * micro
)

// reading returns the rules that a sensor's reading e, which is remembered as now,
// breaks. Readings before the offset from are too far back.
func (s *sequence) reading(p *person, e *Event, now *glimpse, from int64) flagSet {
	found, trace := s.gather(p, now, from)
	found |= s.clock(p, e, now, from) | s.session(p, now, from)
	if now.limited() || len(trace) == 0 {
		return found
	}
	value := float64(e.Glucose.MgdL)
	found |= s.rate(value, trace) | s.jump(value, trace) | s.flat(value, trace) | s.noise(value, trace)
	if s.fell(value, trace) && s.asleep(p, e, from) && !s.dosed(p, now.at, from) {
		found |= isCompression
	}
	return found
}

// gather collects the readings of the same sensor in the hour before now, the
// nearest first, and says whether now is one of them told twice.
func (s *sequence) gather(p *person, now *glimpse, from int64) (found flagSet, trace []near) {
	trace = s.trace[:0]
	newer, older := s.readings.parts(&p.readings)
	sorted := p.readings.len() > 0 && p.disorder < s.readings.oldest(&p.readings)
	doubled := s.limits.doubled
	for _, part := range [...][]glimpse{newer, older} {
		for i := len(part) - 1; i >= 0; i-- {
			g := &part[i]
			gap := now.at - g.at
			if g.offset < from || sorted && gap > traceReach {
				return found, trace
			}
			same := g.sensor() == now.sensor()
			switch {
			case max(gap, -gap) <= doubled:
				if same || g.mgdl == now.mgdl {
					found |= isDoubled
				}
			case same && gap > 0 && gap <= traceReach:
				trace = insert(trace, near{gap, float64(g.mgdl), g.limited()})
			}
		}
	}
	return found, trace
}

// insert puts t into trace behind all that aren't farther from now.
func insert(trace []near, t near) []near {
	trace = append(trace, t)
	for j := len(trace) - 1; j > 0 && trace[j-1].gap > t.gap; j-- {
		trace[j-1], trace[j] = t, trace[j-1]
	}
	return trace
}

// rate is a change faster than glucose changes.
func (s *sequence) rate(value float64, trace []near) flagSet {
	for i := range trace {
		t := &trace[i]
		if t.gap < leastDelta {
			continue
		}
		if t.gap <= gapAfter && !t.limited && math.Abs(value-t.mgdl)*float64(minute) > s.limits.rate*float64(t.gap) {
			return isFast
		}
		return 0
	}
	return 0
}

// jump is a difference across a gap that is more than the steepest arrow explains.
func (s *sequence) jump(value float64, trace []near) flagSet {
	t := &trace[0]
	if t.gap > gapAfter && !t.limited && math.Abs(value-t.mgdl)*float64(minute) > s.limits.jump*float64(t.gap) {
		return isJump
	}
	return 0
}

// flat is a line that living glucose doesn't draw.
func (s *sequence) flat(value float64, trace []near) flagSet {
	low, high, last := value, value, int64(0)
	for i := range trace {
		t := &trace[i]
		if t.limited || t.gap-last > gapAfter {
			return 0
		}
		low, high, last = min(low, t.mgdl), max(high, t.mgdl), t.gap
		if high-low > s.limits.flatWithin {
			return 0
		}
		if t.gap >= s.limits.flatFor {
			return isFlat
		}
	}
	return 0
}

const (
	noiseOver   = 8   // readings, as oref0's glucose-stats
	noisePerMin = 1.8 // mg/dL that one minute is drawn as long as
	noiseLeast  = 20  // mg/dL walked less than which is rounding
)

// noise is how much longer the way along the last readings is than the line from
// the first to the last: 1 − straight ÷ walked.
func (s *sequence) noise(value float64, trace []near) flagSet {
	if !s.rough(value, trace) {
		return 0
	}
	walked := 0.0
	last := near{mgdl: value}
	for i, n := 0, 0; n < noiseOver; i++ {
		t := &trace[i]
		if t.gap-last.gap < leastDelta {
			continue
		}
		walked += drawn(t.gap-last.gap, t.mgdl-last.mgdl)
		last = *t
		n++
	}
	if 1-drawn(last.gap, value-last.mgdl)/walked > s.limits.noise {
		return isNoisy
	}
	return 0
}

// rough reports whether the last readings are enough to tell noise by, and go up
// and down so much that they may be noisy. It spares most of them the roots: the
// way is no longer than its minutes and its mg/dL together.
func (s *sequence) rough(value float64, trace []near) bool {
	up, lastGap, last := 0.0, int64(0), value
	n := 0
	for i := 0; i < len(trace) && n < noiseOver; i++ {
		t := &trace[i]
		if t.limited || t.gap-lastGap > gapAfter {
			break
		}
		if t.gap-lastGap < leastDelta {
			continue
		}
		up += math.Abs(t.mgdl - last)
		lastGap, last = t.gap, t.mgdl
		n++
	}
	const rounding = 1e-9
	longest := drawn(lastGap, 0) + up
	return n == noiseOver && up >= noiseLeast && longest*(1-s.limits.noise)*(1+rounding) > drawn(lastGap, value-last)
}

// drawn is the length of a line on paper.
func drawn(gap int64, mgdl float64) float64 {
	x := noisePerMin * float64(gap) / float64(minute)
	return math.Sqrt(x*x + mgdl*mgdl)
}

func glimpseOf(e *Event, identity uint64) glimpse {
	g := glimpse{
		at: e.At.UnixMicro(), seen: e.Seen.UnixMicro(), offset: e.Offset, identity: identity,
		mgdl: float32(e.Glucose.MgdL), device: sensorOf(e.Device),
	}
	if e.Glucose.Special != Measured {
		g.device |= 1
	}
	return g
}

func (s *sequence) addReading(p *person, g *glimpse, from int64) {
	if p.readings.len() > 0 && s.readings.back(&p.readings, 0).at > g.at {
		p.disorder = g.offset
	}
	s.readings.add(&p.readings, *g, mostReadings, from)
	s.extend(p, g)
}

// sensorOf is 31 bits of a device's name, above a zero. Two devices of one person that
// share them are taken for one.
func sensorOf(device string) uint32 { return hashed(device) << 1 }

// hashed is FNV-1a: the same in every process.
func hashed(s string) uint32 {
	h := uint32(2166136261)
	for i := range len(s) {
		h = (h ^ uint32(s[i])) * 16777619
	}
	return h
}
