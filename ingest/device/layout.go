package device

import (
	"fmt"
	"strings"
	"time"
)

// layoutTokens are the parts of a date format in a mapping and their Go layouts,
// longer before shorter.
var layoutTokens = []struct{ token, layout string }{
	{"YYYY", "2006"}, {"YY", "06"}, {"MMM", "Jan"}, {"MM", "01"}, {"M", "1"}, {"DD", "02"}, {"D", "2"},
	{"HH", "15"}, {"H", "15"}, {"hh", "03"}, {"h", "3"}, {"mm", "04"}, {"m", "4"}, {"ss", "05"}, {"s", "5"},
	{"SSS", "000"}, {"A", "PM"}, {"Z", "Z07:00"},
}

// formatsPermitted is the answer to a format that isn't one.
const formatsPermitted = "permitted: rfc3339, unix, unix-ms, or a pattern of YYYY YY MMM MM M DD D HH H hh h mm m ss s SSS A (AM or PM) Z (+01:00) and the signs - / . : , T and space"

// layoutOf turns a mapping's date format into a Go layout, and says whether it has
// an offset from UTC. A pattern must name a year, a month and a day.
func layoutOf(shape string) (layout string, offset bool, err error) {
	switch shape {
	case "rfc3339":
		return time.RFC3339Nano, true, nil
	case "unix", "unix-ms":
		return shape, true, nil
	}
	var b strings.Builder
	for rest := shape; rest != ""; {
		token, text := nextToken(rest)
		if token == "" {
			return "", false, fmt.Errorf("format %q: %q isn't known; %s", shape, rest[:1], formatsPermitted)
		}
		b.WriteString(text)
		rest = rest[len(token):]
	}
	for _, part := range []string{"Y", "M", "D"} {
		if !strings.Contains(shape, part) {
			return "", false, fmt.Errorf("format %q names no %s; %s", shape, map[string]string{"Y": "year", "M": "month", "D": "day"}[part], formatsPermitted)
		}
	}
	return b.String(), strings.Contains(shape, "Z"), nil
}

func nextToken(rest string) (token, text string) {
	for _, t := range layoutTokens {
		if strings.HasPrefix(rest, t.token) {
			return t.token, t.layout
		}
	}
	if strings.ContainsRune("-/.:,T ", rune(rest[0])) {
		return rest[:1], rest[:1]
	}
	return "", ""
}
