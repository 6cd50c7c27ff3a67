package device

import (
	"time"
	_ "time/tzdata" // a zone must mean the same on a host without the database
)

// instant is the moment when a wall clock in zone showed wall (whose own
// location is ignored).
//
// In the hour that is shown twice, when daylight saving ends, it is the first
// pass: exports are sorted by the wall clock, which mixes the two passes, and no
// field tells them apart. In the hour that is skipped, when daylight saving
// begins, the offset before the change holds: a clock that showed it had not
// been put forward.
func instant(wall time.Time, zone *time.Location) time.Time {
	first, _ := passes(wall, zone)
	return first
}

// passes is both moments at which a clock in zone showed wall; second is zero
// where it was shown once, or never.
func passes(wall time.Time, zone *time.Location) (first, second time.Time) {
	wall = time.Date(wall.Year(), wall.Month(), wall.Day(), wall.Hour(), wall.Minute(), wall.Second(), wall.Nanosecond(), time.UTC)
	before := wall.Add(-offset(wall.Add(-24*time.Hour), zone))
	after := wall.Add(-offset(wall.Add(24*time.Hour), zone))
	early, late := shows(before, wall, zone), shows(after, wall, zone)
	switch {
	case early && late && after.After(before):
		return before.In(zone), after.In(zone)
	case !early && late:
		return after.In(zone), time.Time{}
	}
	return before.In(zone), time.Time{}
}

// offset is zone's distance east of UTC at t.
func offset(t time.Time, zone *time.Location) time.Duration {
	_, seconds := t.In(zone).Zone()
	return time.Duration(seconds) * time.Second
}

// shows reports whether a clock in zone shows wall at t.
func shows(t, wall time.Time, zone *time.Location) bool {
	return t.Add(offset(t, zone)).Equal(wall)
}

// stamp gives the draft the time that text shows on a wall clock in zone, in one of
// the Go layouts given. If text can't be read so, it travels as it is.
func (d *draft) stamp(text, layout, shape string, zone *time.Location) {
	d.stampAny(text, []string{layout}, shape, zone)
}

func (d *draft) stampAny(text string, layouts []string, shape string, zone *time.Location) {
	for _, layout := range layouts {
		if wall, err := time.Parse(layout, text); err == nil {
			first, second := passes(wall, zone)
			d.happened(first)
			d.second = second
			return
		}
	}
	d.wire.Time, d.adrift = text, true
	d.fault("time %q isn't a date and time in the form %s", text, shape)
}

// happened gives the draft its time.
func (d *draft) happened(at time.Time) {
	d.at = at
	d.wire.Time = at.Format(time.RFC3339Nano) // a whole second has no fraction
}

// backStep is how far the clock must go back from one row to the next to be taken
// for the change of clocks and not for rows out of order.
const backStep = 20 * time.Minute

// settle decides which pass of a doubled hour the rows of one series, in the order
// in which its device wrote them, belong to. A step back of the clock within that
// hour begins the second pass. Without such a step the rows are sorted by the wall
// clock, or stop in between: then it is the first pass, and the event says that the
// clock showed its time twice.
func settle(drafts []*draft) {
	var last *draft // the row before, if in the doubled hour
	again := false
	stepped := steppedBack(drafts)
	for _, d := range drafts {
		if d.adrift {
			continue
		}
		if d.second.IsZero() {
			last, again = nil, false
			continue
		}
		first := d.at
		if last != nil && !again {
			again = last.at.Sub(first) >= backStep
		}
		switch {
		case again:
			d.happened(d.second)
		case !stepped:
			d.keep("clock", "shown twice, first pass taken")
		}
		last = d
	}
}

// steppedBack reports whether the series shows both passes of a doubled hour one
// after the other.
func steppedBack(drafts []*draft) bool {
	for i := 1; i < len(drafts); i++ {
		a, b := drafts[i-1], drafts[i]
		if !a.second.IsZero() && !b.second.IsZero() && a.at.Sub(b.at) >= backStep {
			return true
		}
	}
	return false
}
