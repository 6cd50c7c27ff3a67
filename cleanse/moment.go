package cleanse

import "time"

// Resolution is the precision of all times: finer digits are cut off, because the
// lake keeps microseconds, and what it gives back must equal what was scored live.
const Resolution = time.Microsecond

// earliest is the first year that is believed: insulin was first given in 1922.
const earliest = 1920

// earliestUnix is when it began, in seconds since 1970.
var earliestUnix = time.Date(earliest, 1, 1, 0, 0, 0, 0, time.UTC).Unix()

// shape is what can be wrong with the text of a time.
type shape uint8

const (
	wellFormed shape = iota
	unparseable
	withoutOffset
	impossible
)

// parseMoment reads RFC 3339: 2026-11-21T08:05:00.25+01:00. A space or t for T and
// z for Z are allowed, as there; more than six decimals are cut off.
func parseMoment(s []byte) (time.Time, shape) {
	const head = len("2026-11-21T08:05:00")
	if len(s) < head || !separated(s) {
		return time.Time{}, unparseable
	}
	year, ok1 := pair(s, 0)
	century, ok2 := pair(s, 2)
	year = year*100 + century
	month, ok3 := pair(s, 5)
	day, ok4 := pair(s, 8)
	hour, ok5 := pair(s, 11)
	minute, ok6 := pair(s, 14)
	second, ok7 := pair(s, 17)
	if !(ok1 && ok2 && ok3 && ok4 && ok5 && ok6 && ok7) {
		return time.Time{}, unparseable
	}
	nanos, rest, ok := fraction(s[head:])
	if !ok {
		return time.Time{}, unparseable
	}
	east, fault := offset(rest)
	if fault != wellFormed {
		return time.Time{}, fault
	}
	if month < 1 || month > 12 || day < 1 || day > daysIn(year, month) || hour > 23 || minute > 59 || second > 59 {
		return time.Time{}, impossible
	}
	return time.Unix(int64(daysSince1970(year, month, day)*24*3600+hour*3600+minute*60+second-east), int64(nanos)).UTC(), wellFormed
}

// daysSince1970 is how many days before (year, month, day) there are since 1970, by the
// Gregorian calendar; after Howard Hinnant's days_from_civil.
func daysSince1970(year, month, day int) int {
	if month <= 2 {
		year--
		month += 12
	}
	year += 400 // so that it isn't negative
	return 365*year + year/4 - year/100 + year/400 + (153*(month-3)+2)/5 + day - 1 - 719468 - 146097
}

// separated reports whether the marks between the digits are where they belong.
func separated(s []byte) bool {
	return s[4] == '-' && s[7] == '-' && (s[10] == 'T' || s[10] == 't' || s[10] == ' ') && s[13] == ':' && s[16] == ':'
}

// pair reads two digits at s[i].
func pair(s []byte, i int) (int, bool) {
	return int(s[i]-'0')*10 + int(s[i+1]-'0'), isDigit(s[i]) && isDigit(s[i+1])
}

// fraction reads .25 as nanoseconds, cut to the resolution, and returns what is
// behind it.
func fraction(s []byte) (nanos int, rest []byte, ok bool) {
	if len(s) == 0 || s[0] != '.' {
		return 0, s, true
	}
	i, scale := 1, int(time.Second)/10
	for ; i < len(s) && isDigit(s[i]); i++ {
		if scale >= int(Resolution) {
			nanos += int(s[i]-'0') * scale
			scale /= 10
		}
	}
	return nanos, s[i:], i > 1
}

// offset reads Z or +01:00 as seconds east of UTC. No place was ever as much as
// 16 hours from it.
func offset(s []byte) (seconds int, fault shape) {
	switch {
	case len(s) == 0:
		return 0, withoutOffset
	case len(s) == 1 && s[0]|0x20 == 'z':
		return 0, wellFormed
	case len(s) != len("+01:00") || s[0] != '+' && s[0] != '-' || s[3] != ':':
		return 0, unparseable
	}
	hours, ok1 := pair(s, 1)
	minutes, ok2 := pair(s, 4)
	if !ok1 || !ok2 {
		return 0, unparseable
	}
	if hours > 15 || minutes > 59 {
		return 0, impossible
	}
	seconds = hours*3600 + minutes*60
	if s[0] == '-' {
		return -seconds, wellFormed
	}
	return seconds, wellFormed
}

func daysIn(year, month int) int {
	switch {
	case month == 2 && year%4 == 0 && (year%100 != 0 || year%400 == 0):
		return 29
	case month == 2:
		return 28
	case month == 4 || month == 6 || month == 9 || month == 11:
		return 30
	}
	return 31
}

// resolved is t in UTC at the resolution, without a monotonic clock.
func resolved(t time.Time) time.Time {
	return time.Unix(t.Unix(), int64(t.Nanosecond()/int(Resolution)*int(Resolution))).UTC()
}

// minutes is a number of minutes, to the resolution of times.
func minutes(v float64) time.Duration {
	return time.Duration(v * float64(time.Minute)).Round(Resolution)
}
