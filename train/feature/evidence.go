package feature

// What glucose did that insulin and carbs on board don't explain is evidence of
// what wasn't logged: a meal, exercise, a sensor's error.

// unexplained fills the change of glucose over the half hour and the hour before
// the newest reading, less what the curves of boluses and meals say it should be.
func (w *Window) unexplained(newest int, v *Vector) {
	last := &w.samples()[newest]
	for _, span := range [...]struct {
		place   int
		minutes float64
	}{{Unexplained, 30}, {Unexplained1h, 60}} {
		past, ok := w.past(newest, span.minutes)
		if !ok {
			continue
		}
		fall, rise := w.acted(last.at(), span.minutes)
		v[span.place] = last.glucose() - past + fall*v[ISF] - rise*v[CSF]
	}
}

// LastHour is by how much glucose changed over the hour before the newest reading, and by how
// much the curves of boluses and meals say that it should have, at the settings' strength,
// both in mg/dL; false if no settings say how strong they are, or there was no sensor's
// reading an hour before it.
func (w *Window) LastHour() (changed, explained float64, ok bool) {
	newest := len(w.samples()) - 1
	if newest < 0 || w.samples()[newest].source() != cgm {
		return 0, 0, false
	}
	last := &w.samples()[newest]
	past, ok := w.past(newest, 60)
	if !ok {
		return 0, 0, false
	}
	units, grams := w.acted(last.at(), 60)
	if units == 0 && grams == 0 {
		return last.glucose() - past, 0, true
	}
	var v Vector
	w.sensitivity(instant(last.at()), &v)
	return last.glucose() - past, grams*v[CSF] - units*v[ISF], v[Told] == 1
}

// Pace is how fast glucose moved over the quarter of an hour before the newest reading, in mg/dL
// per minute, for sensors that measure too seldom for a trend; false if nothing tells.
func (w *Window) Pace() (float64, bool) {
	newest := len(w.samples()) - 1
	if newest < 0 {
		return 0, false
	}
	last := &w.samples()[newest]
	past, ok := w.past(newest, seldom)
	if !ok || last.source() != cgm || !w.steady(last) {
		return 0, false
	}
	return (last.glucose() - past) / seldom, true
}

// seldom is how many minutes lie between the readings of a sensor that measures seldom.
const seldom = 15.0

// acted is how many units acted and how many grams were absorbed in the minutes
// before a moment.
func (w *Window) acted(now micros, minutes float64) (units, grams float64) {
	var curves curveSet
	w.curves(&curves, instant(now))
	shots := w.shots()
	for i := range shots {
		s := &shots[i]
		if ago := since(now, s.at); ago > 0 {
			k := curves.of(s)
			units += s.active() * (s.left(k, max(ago-minutes, 0)) - s.left(k, ago))
		}
	}
	plates := w.plates()
	for i := range plates {
		if p := &plates[i]; p.carbs > 0 && p.at < now {
			ago := since(now, p.at)
			grams += p.carbs * (Absorbed(ago) - Absorbed(max(ago-minutes, 0)))
		}
	}
	return units, grams
}

// balance fills what the meals that are remembered raise glucose by in all, less
// what the boluses lower it by: far from zero, one of them wasn't logged.
func (w *Window) balance(now micros, v *Vector) {
	units, grams := 0.0, 0.0
	shots := w.shots()
	for i := range shots {
		if s := &shots[i]; s.at <= now+span(Ahead) {
			units += s.active()
		}
	}
	plates := w.plates()
	for i := range plates {
		if p := &plates[i]; p.carbs > 0 && p.at <= now+span(Ahead) {
			grams += p.carbs
		}
	}
	v[Balance] = grams*v[CSF] - units*v[ISF]
}

// From noise on, readings say less and less about where glucose is going; at
// heaviest nothing: a way five to ten times as long as what was gained by it.
const noisy, heaviest = 0.8, 0.9

// damp takes back what a noisy sensor's latest readings seem to say of momentum.
func damp(v *Vector) {
	if v[Noise] <= noisy {
		return
	}
	left := max(0, (heaviest-v[Noise])/(heaviest-noisy))
	for i, minutes := range lagMinutes {
		if minutes <= 30 {
			v[Lag+i] *= left
		}
	}
	for _, i := range [...]int{Trend, Drive, Unexplained} {
		v[i] *= left
	}
	if left == 0 {
		v[TrendOK] = 0
	}
}

const (
	qualityBack = 45.0 // minutes
	quietArc    = 5.0  // mg/dL of way that say nothing yet about noise
	stuckMost   = 1.0  // mg/dL
)

// quality fills what the sensor's readings of the last 45 minutes tell of the sensor.
// Noise is oref0's: one less the straight distance over the way that was gone.
func (w *Window) quality(newest int, v *Vector) {
	last := &w.samples()[newest]
	if last.source() != cgm {
		return
	}
	if !w.steady(last) {
		v[Unsettled] = 1
	}
	newer, arc, n := last, 0.0, 0
	least, most := last.glucose(), last.glucose()
	samples := w.samples()
	for i := newest - 1; i >= 0; i-- {
		s := &samples[i]
		if s.source() != cgm {
			continue
		}
		if since(last.at(), s.at()) > qualityBack+1 || newer.at()-s.at() > span(slopeGap) {
			break
		}
		step := newer.glucose() - s.glucose()
		arc += max(step, -step)
		v[Jump] = max(v[Jump], step, -step)
		least, most = min(least, s.glucose()), max(most, s.glucose())
		newer, n = s, n+1
	}
	straight := last.glucose() - newer.glucose()
	v[Noise] = 1 - (max(straight, -straight)+quietArc)/(arc+quietArc)
	if since(last.at(), newer.at()) >= qualityBack-1 && n >= 3 && most-least <= stuckMost {
		v[Stuck] = 1
	}
}
