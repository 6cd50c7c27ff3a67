package nightscout

import (
	"errors"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// slice answers /slice/entries/dateString/sgv/2014-07/.*T00: documents of a type
// whose field begins with prefix and goes on as the pattern says.
func (d *Door) slice(c *call) {
	c.values.Set("find[type]", c.path["type"])
	if c.path["collection"] != "entries" {
		c.values.Del("find[type]")
		c.values.Set("find[eventType]", c.path["type"])
	}
	d.sliced(c, c.path["collection"], c.path["field"])
}

// times answers /times/2014-07/.*T{00..05}: entries by their dateString.
func (d *Door) times(c *call) { d.sliced(c, "entries", "dateString") }

func (d *Door) sliced(c *call, collection, field string) {
	q, err := parseQuery(c.values)
	var pattern string
	if err == nil {
		pattern, err = expand(c.path["prefix"], c.path["pattern"])
	}
	var compiled *regexp.Regexp
	if err == nil {
		compiled, err = regexp.Compile("^(?:" + pattern + ")")
	}
	if err != nil {
		fail(c.w, bad(err.Error()))
		return
	}
	q.terms = append(q.terms, term{field: field, op: "$regex", pattern: compiled})
	if q.count == 0 {
		q.count = 1000
	}
	c.list(collection, d.search(c.who.Patient, collection, q, q.count))
}

// maxAlternatives is how many patterns the braces of one may make.
const maxAlternatives = 1000

var errBraces = errors.New("the path's {from..to} or {a,b} make too many patterns, or aren't of these forms")

// expand is the regular expression of prefix and pattern, in both of which {a,b}
// stands for either and {00..05} for a range.
func expand(prefix, pattern string) (string, error) {
	all := 1
	one := func(s string) (string, error) {
		var b strings.Builder
		for {
			before, rest, open := strings.Cut(s, "{")
			b.WriteString(before)
			if !open {
				return b.String(), nil
			}
			inside, after, closed := strings.Cut(rest, "}")
			choices := alternatives(inside)
			if all *= max(1, len(choices)); !closed || choices == nil || all > maxAlternatives {
				return "", errBraces
			}
			b.WriteString("(?:" + strings.Join(choices, "|") + ")")
			s = after
		}
	}
	first, err1 := one(prefix)
	second, err2 := one(pattern)
	return first + second, errors.Join(err1, err2)
}

// alternatives of what stands in braces; nil if that isn't understood.
func alternatives(inside string) []string {
	from, to, isRange := strings.Cut(inside, "..")
	if !isRange {
		return strings.Split(inside, ",")
	}
	first, err1 := strconv.Atoi(from)
	last, err2 := strconv.Atoi(to)
	if err1 != nil || err2 != nil || first < 0 || last < first || last-first >= maxAlternatives {
		return nil
	}
	var all []string
	for n := first; n <= last; n++ {
		s := strconv.Itoa(n)
		all = append(all, strings.Repeat("0", max(0, len(from)-len(s)))+s)
	}
	return slices.Clip(all)
}
