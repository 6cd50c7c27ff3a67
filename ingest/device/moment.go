package device

import (
	"strconv"
	"time"
)

// momentLayouts are the stamps of JSON sources: RFC 3339, also with an offset
// without a colon, as phones write it.
var momentLayouts = []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999Z0700", "2006-01-02 15:04:05.999999999Z07:00"}

// wallLayouts are stamps without an offset.
var wallLayouts = []string{"2006-01-02T15:04:05.999999999", "2006-01-02 15:04:05.999999999"}

// moment gives the draft the time in text, which must have an offset unless the
// zone of local times is given. Otherwise it travels as it is, and is a defect.
func (d *draft) moment(text string, zone *time.Location) {
	for _, layout := range momentLayouts {
		if at, err := time.Parse(layout, text); err == nil {
			d.happened(at)
			return
		}
	}
	for _, layout := range wallLayouts {
		if _, err := time.Parse(layout, text); err != nil {
			continue
		}
		if zone != nil {
			d.stamp(text, layout, "", zone)
			return
		}
		d.wire.Time, d.adrift = text, true
		d.fault("time %q has no offset from UTC, and no zone was given for such times (--zone)", text)
		return
	}
	d.wire.Time, d.adrift = text, true
	d.fault("time %q isn't of the form 2026-11-21T08:05:00Z", text)
}

// firstMilli is 2000-01-01 in milliseconds since 1970: less is seconds, or no time.
const firstMilli = 946_684_800_000

// milli gives the draft a time in milliseconds since 1970.
func (d *draft) milli(ms float64) {
	if ms < firstMilli || ms > 10*firstMilli {
		d.wire.Time, d.adrift = strconv.FormatFloat(ms, 'f', -1, 64), true
		d.fault("time %s isn't in milliseconds since 1970", d.wire.Time)
		return
	}
	d.happened(time.UnixMilli(int64(ms)).UTC())
}
