package device

import (
	"regexp"
	"strings"
)

// dateOrders are the Go layouts of each order of day, month and year, with the
// separator left out; one or two digits are read by each.
var dateOrders = map[string][]string{
	"DMY": {"2-1-2006", "2-1-06"},
	"MDY": {"1-2-2006", "1-2-06"},
	"YMD": {"2006-1-2"},
}

// dayTimes are the times of day that may follow.
var dayTimes = []string{" 15:04", " 15:04:05", " 3:04 PM", " 3:04:05 PM"}

var numericDate = regexp.MustCompile(`^(\d{1,4})[-/.](\d{1,2})[-/.](\d{2,4})\b`)

// dateOrder is the order of day and month in which a file's stamps are written.
//
// A first number of four digits is a year. A number above 12 is no month. AM or PM
// is written where the month stands first. If none of that tells, 05-06 may be two
// days, and an error says to give the order: guessing would move half of a
// person's meals by months.
func dateOrder(file string, stamps []string, given string) (string, error) {
	if given != "" {
		return given, nil
	}
	votes := map[string]int{}
	read := 0
	for _, s := range stamps {
		if vote, ok := orderShown(s); ok {
			votes[vote]++
			read++
		}
	}
	best := ""
	for _, order := range []string{"YMD", "MDY", "DMY"} {
		if votes[order] > votes[best] || best == "" && votes[order] > 0 {
			best = order
		}
	}
	if best == "" && read > 0 {
		return "", optionf("%s: no date tells whether the day or the month stands first (the first is %q): give the order (--dates DMY or --dates MDY)", file, stamps[0])
	}
	if best == "" {
		best = "MDY" // not one stamp can be read: each row becomes a defect that says so
	}
	return best, nil
}

// orderShown is which order one stamp proves, if any; ok if it is a date at all.
func orderShown(stamp string) (order string, ok bool) {
	parts := numericDate.FindStringSubmatch(stamp)
	if parts == nil {
		return "", false
	}
	first, _ := decimal(parts[1])
	second, _ := decimal(parts[2])
	upper := strings.ToUpper(stamp)
	switch {
	case len(parts[1]) == 4:
		return "YMD", true
	case second > 12, strings.HasSuffix(upper, "M"):
		return "MDY", true
	case first > 12:
		return "DMY", true
	}
	return "", true
}

// layoutsOf are the Go layouts of an order, for stamps as dashed makes them.
func layoutsOf(order string) (all []string) {
	for _, date := range dateOrders[order] {
		for _, clock := range dayTimes {
			all = append(all, date+clock)
		}
	}
	return all
}

// dashed brings a stamp's date to dashes and its AM or PM to capitals.
func dashed(stamp string) string {
	date, clock, _ := strings.Cut(stamp, " ")
	date = strings.NewReplacer("/", "-", ".", "-").Replace(date)
	return strings.TrimSpace(date + " " + strings.ToUpper(clock))
}
