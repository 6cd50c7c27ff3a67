package device

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// London's clocks went back at 02:00 on 29 October 2023.
func TestADoubledHourIsToldByAStepBack(t *testing.T) {
	for _, c := range []struct{ name, walls, want string }{
		{"both passes", "00:55 01:00 01:55 01:00 01:55 02:00", "23:55 00:00 00:55 01:00 01:55 02:00"},
		{"sorted", "00:55 01:00 01:00 01:55 01:55 02:00", "23:55 00:00* 00:00* 00:55* 00:55* 02:00"},
		{"first pass only", "01:00 01:30", "00:00* 00:30*"},
		{"a small step back", "01:30 01:15", "00:30* 00:15*"},
		{"not doubled", "03:30 03:00", "03:30 03:00"},
	} {
		var all []draft
		for _, wall := range strings.Fields(c.walls) {
			var d draft
			d.stamp("2023-10-29 "+wall, "2006-01-02 15:04", "", zone(t, "Europe/London"))
			all = append(all, d)
		}
		settle(pointers(all))
		var got []string
		for _, d := range all {
			mark := ""
			if slices.ContainsFunc(d.extra, func(f field) bool { return f.name == "clock" }) {
				mark = "*"
			}
			got = append(got, d.at.UTC().Format("15:04")+mark)
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s: %s, want %s", c.name, strings.Join(got, " "), c.want)
		}
	}
}

func TestWhichNumberIsTheDayIsShownNotGuessed(t *testing.T) {
	for _, c := range []struct{ name, stamps, given, want string }{
		{"AM and PM are American", "01-02-2021 05:14 PM", "", "MDY"},
		{"no month above 12", "01-02-2021 05:14,13-02-2021 05:14", "", "DMY"},
		{"no month above 12, second", "1/2/18 12:00,8/22/18 9:29", "", "MDY"},
		{"year first", "2021/02/03 05:14", "", "YMD"},
		{"the odd one is outvoted", "13-02-2021 05:14,14-02-2021 05:14,01-31-2021 05:14", "", "DMY"},
		{"open", "01-02-2021 05:14,03-04-2021 05:14", "", "error"},
		{"open, but given", "01-02-2021 05:14,03-04-2021 05:14", "DMY", "DMY"},
		{"no date at all", "soon,later", "", "MDY"},
	} {
		got, err := dateOrder("f", strings.Split(c.stamps, ","), c.given)
		if err != nil {
			got = "error"
			if !strings.Contains(err.Error(), "--dates DMY") {
				t.Errorf("%s: %v doesn't say what to do", c.name, err)
			}
		}
		if got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

func TestMoments(t *testing.T) {
	berlin := zone(t, "Europe/Berlin")
	for _, c := range []struct {
		text string
		zone *time.Location
		want string // empty: a defect
	}{
		{"2024-05-02T10:15:00Z", nil, "2024-05-02T10:15:00Z"},
		{"2024-05-02T10:15:00.250+0200", nil, "2024-05-02T10:15:00.25+02:00"},
		{"2024-05-02 10:15:00-05:00", nil, "2024-05-02T10:15:00-05:00"},
		{"2024-05-02T10:15:00", nil, ""},
		{"2024-05-02T10:15:00", berlin, "2024-05-02T10:15:00+02:00"},
		{"02.05.2024", berlin, ""},
		{"", nil, ""},
	} {
		var d draft
		d.moment(c.text, c.zone)
		if d.adrift != (c.want == "") || d.adrift != (d.wire.Defect != "") || !d.adrift && d.wire.Time != c.want {
			t.Errorf("%q: %q, adrift %v, %q", c.text, d.wire.Time, d.adrift, d.wire.Defect)
		}
	}
}
