package cleanse

// span is a stretch of the log in which one sensor reported.
type span struct {
	device             uint32
	firstAt, lastAdded int64 // when its first reading was; the offset of its last
}

// nameless is a reading that doesn't say by which sensor.
var nameless = sensorOf("")

// extend notes that g's sensor reported.
func (s *sequence) extend(p *person, g *glimpse) {
	if g.sensor() == nameless {
		return
	}
	if spans := s.spans.Of(p.spans); len(spans) > 0 && spans[len(spans)-1].device == g.sensor() {
		spans[len(spans)-1].lastAdded = g.offset
		return
	}
	if p.spans.Len() == mostSpans {
		s.spans.Cut(&p.spans, 0, 1)
	}
	spans := s.spans.Grow(&p.spans, mostSpans)
	spans[len(spans)-1] = span{g.sensor(), g.at, g.offset}
}

// session returns the rules about how old the sensor is and whether it was just
// calibrated.
func (s *sequence) session(p *person, now *glimpse, from int64) (found flagSet) {
	told := s.told(p)
	if told == nil {
		told = &notes{}
	}
	if age, ok := told.calibration.within(from, now.at); ok && max(age, -age) <= s.limits.calibration {
		found |= isCalibrating
	}
	age, ok := told.start.within(from, now.at)
	if ok && age >= 0 && age < s.limits.warmUp {
		return found | isWarmingUp
	}
	if !ok || age < 0 {
		age, ok = s.worn(p, now, from)
	}
	if ok && age >= 0 && age < s.limits.firstDay {
		found |= isFirstDay
	}
	return found
}

// worn is how long ago now's sensor took over from another, if that is known: the
// other's last reading must be within reach, or a reader who began later wouldn't
// know of it, and two that take turns are worn side by side.
func (s *sequence) worn(p *person, now *glimpse, from int64) (age int64, ok bool) {
	spans, device := s.spans.Of(p.spans), now.sensor()
	n := len(spans)
	if device == nameless {
		return 0, false
	}
	if n > 0 && spans[n-1].device != device { // its first reading
		return 0, spans[n-1].lastAdded >= from && !earlier(spans, device, from)
	}
	if n < 2 || spans[n-2].lastAdded < from || earlier(spans[:n-1], device, from) {
		return 0, false
	}
	return now.at - spans[n-1].firstAt, true
}

// earlier reports whether device is among the spans that are within reach.
func earlier(spans []span, device uint32, from int64) bool {
	for _, sp := range spans {
		if sp.device == device && sp.lastAdded >= from {
			return true
		}
	}
	return false
}

const (
	// sameLag is how much the way of two readings from sensor to log differs at most
	// if a clock is wrong, and not the connection slow.
	sameLag = minute
	// aheadBy is a clock that runs ahead: no reading is logged before it was taken.
	aheadBy = minute
)

// clock finds a device's clock that is wrong: of two readings that came apart, each
// is as far behind the log, or ahead of it. Readings that were held back come at once.
func (s *sequence) clock(p *person, e *Event, now *glimpse, from int64) flagSet {
	lag := now.seen - now.at
	if e.Backfill || lag <= s.limits.skew && lag >= -aheadBy {
		return 0
	}
	for i := range p.readings.len() {
		g := s.readings.back(&p.readings, i)
		if g.offset < from {
			break
		}
		if g.sensor() != now.sensor() {
			continue
		}
		if other := g.seen - g.at; max(lag-other, other-lag) <= sameLag && now.seen-g.seen >= leastDelta {
			return isSkewed
		}
		break
	}
	return 0
}

const (
	fallOver  = 9 * minute  // a fall lasts at least so long: two steps of five minutes, told to the second
	fallMost  = 18 * minute // … and is looked for within so long
	fellBelow = 0.8         // of the level before the fall: Nocturne asks for a rebound of a fifth
)

// fell reports whether value lies at the bottom of a fall that was steep.
func (s *sequence) fell(value float64, trace []near) bool {
	for i := range trace {
		top := &trace[i]
		if top.limited || value > fellBelow*top.mgdl {
			continue
		}
		for j := -1; j < i; j++ { // the newest first: −1 is value itself
			bottom := near{mgdl: value}
			if j >= 0 {
				bottom = trace[j]
			}
			over := top.gap - bottom.gap
			if over < fallOver {
				break
			}
			if over <= fallMost && (top.mgdl-bottom.mgdl)*float64(minute) >= s.limits.fall*float64(over) {
				return true
			}
		}
	}
	return false
}

// asleep reports whether it is night where the person is, as far as a profile says;
// else in UTC.
func (s *sequence) asleep(p *person, e *Event, from int64) bool {
	at := e.At
	if p.zone > 0 && p.zoneOffset >= from {
		at = at.In(s.zones[p.zone-1])
	}
	hour := at.Hour()
	return hour >= nightFrom || hour < nightTo
}

const (
	nightFrom, nightTo = 22, 8

	// explained is how much insulin explains a fall, and for how long.
	explainedUnits = 1000 // thousandths of a unit
	explainedFor   = 180 * minute
)

// dosed reports whether insulin explains a fall at a time.
func (s *sequence) dosed(p *person, at, from int64) bool {
	var total int64
	for i := range p.doses.len() {
		d := s.doses.back(&p.doses, i)
		if d.offset < from {
			break
		}
		if age := at - d.at; age >= 0 && age <= explainedFor && !d.lasting {
			total += d.milli
		}
	}
	return total >= explainedUnits
}
