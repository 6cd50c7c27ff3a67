package feature

import "time"

const (
	slopeSpan  = 20 * time.Minute               // over which a trend is fitted
	slopeFresh = 7*time.Minute + 30*time.Second // how old its newest point may be
	slopeGap   = 12 * time.Minute               // between two points; oref0's and AAPS's limit
	settling   = 15 * time.Minute               // either side of a calibration, readings jump
	warmUp     = time.Hour                      // after a sensor was put in
)

// Slope is the trend at a moment in mg/dL per minute: the regression line through
// the sensor's readings of the 20 minutes before. It is not ok with fewer than
// three points over at least ten minutes, a gap of more than 12 minutes, a newest
// point more than 7.5 minutes old, or only readings that say nothing about a
// trend: LOW, HIGH, near a calibration, from a sensor warming up, from a meter.
func (w *Window) Slope(at time.Time) (mgdlPerMin float64, ok bool) {
	return w.trend(at.UnixMicro(), slopeSpan)
}

func (w *Window) trend(at micros, back time.Duration) (slope float64, ok bool) {
	var n, sx, sy, sxx, sxy float64
	newer, oldest := at, at
	samples := w.samples()
	for i := w.before(at) - 1; i >= 0; i-- {
		s := &samples[i]
		if s.at() < at-span(back) || newer-s.at() > span(slopeGap) {
			break
		}
		if !w.steady(s) {
			continue
		}
		if n == 0 && at-s.at() > span(slopeFresh) {
			return 0, false
		}
		newer, oldest = s.at(), s.at()
		x := -since(at, s.at())
		n, sx, sy, sxx, sxy = n+1, sx+x, sy+s.glucose(), sxx+x*x, sxy+x*s.glucose()
	}
	if n < 3 || at-oldest < span(10*time.Minute) {
		return 0, false
	}
	return (n*sxy - sx*sy) / (n*sxx - sx*sx), true
}

// steady tells whether a reading can be part of a trend.
func (w *Window) steady(s *sample) bool {
	if s.source() != cgm || s.special() != 0 {
		return false
	}
	if w.calibrated != 0 && abs(s.at()-w.calibrated) < span(settling) {
		return false
	}
	return w.started == 0 || s.at() < w.started || s.at()-w.started >= span(warmUp)
}

// past is glucose some minutes before a reading, interpolated between readings of
// its source that are at most 20 minutes apart.
func (w *Window) past(newest int, minutes float64) (mgdl float64, ok bool) {
	samples := w.samples()
	last := &samples[newest]
	want := last.at() - int64(minutes*60e6)
	newer := last
	for i := newest - 1; i >= 0; i-- {
		s := &samples[i]
		if s.source() != last.source() {
			continue
		}
		if s.at() <= want {
			return between(s, newer, want)
		}
		newer = s
	}
	return 0, false
}

// between interpolates at want, which lies between a and b.
func between(a, b *sample, want micros) (mgdl float64, ok bool) {
	if b.at()-a.at() > span(20*time.Minute) {
		return 0, false
	}
	if b.at() == a.at() {
		return b.glucose(), true
	}
	part := float64(want-a.at()) / float64(b.at()-a.at())
	return a.glucose() + part*(b.glucose()-a.glucose()), true
}

func abs(d micros) micros {
	if d < 0 {
		return -d
	}
	return d
}
