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
	wall = time.Date(wall.Year(), wall.Month(), wall.Day(), wall.Hour(), wall.Minute(), wall.Second(), wall.Nanosecond(), time.UTC)
	before := wall.Add(-offset(wall.Add(-24*time.Hour), zone))
	after := wall.Add(-offset(wall.Add(24*time.Hour), zone))
	for _, t := range []time.Time{before, after} { // where both show it, before is the first pass
		if shows(t, wall, zone) {
			return t.In(zone)
		}
	}
	return before.In(zone)
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

// stamp gives the draft the time that text shows on a wall clock in zone, in the
// Go layout given. If text can't be read so, it travels as it is.
func (d *draft) stamp(text, layout, shape string, zone *time.Location) {
	wall, err := time.Parse(layout, text)
	if err != nil {
		d.wire.Time, d.adrift = text, true
		d.fault("time %q isn't a date and time in the form %s", text, shape)
		return
	}
	d.at = instant(wall, zone)
	d.wire.Time = d.at.Format(time.RFC3339)
}
