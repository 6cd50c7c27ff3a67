package nightscout

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// query is what a v1 request asks of a collection.
type query struct {
	count int
	terms []term
}

// term is one find[field][$op]=value.
type term struct {
	field, op string
	operands  []string
	pattern   *regexp.Regexp // of $regex
}

const (
	maxTerms = 64
	maxCount = 100_000
	window   = 4 * 24 * time.Hour // how far back a search without a date looks
)

// operators are those of Nightscout's clients.
var operators = []string{"$eq", "$ne", "$gt", "$gte", "$lt", "$lte", "$in", "$nin", "$exists", "$regex"}

// parseQuery reads count and find[…]. What isn't understood is an error, never
// ignored: a deletion whose limits were overlooked would delete everything.
//
// Nightscout cuts the decimals off the operands for insulin and carbs, so that
// find[insulin][$gte]=1.5 also finds 1.2. Here numbers are compared as they are.
func parseQuery(values url.Values) (query, error) {
	var q query
	if s := values.Get("count"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil || n < 0 {
			return q, fmt.Errorf("count %q isn't a whole number", s)
		}
		q.count = min(n, maxCount)
	}
	for name, operands := range values {
		if !strings.HasPrefix(name, "find") {
			continue
		}
		t, err := parseTerm(name, operands)
		if err != nil {
			return q, err
		}
		if q.terms = append(q.terms, t); len(q.terms) > maxTerms {
			return q, fmt.Errorf("more than %d conditions", maxTerms)
		}
	}
	return q, nil
}

func parseTerm(name string, operands []string) (term, error) {
	path, ok := brackets(strings.TrimPrefix(name, "find"))
	if !ok || len(path) == 0 {
		return term{}, fmt.Errorf("%q isn't of the form find[field][$operator]", name)
	}
	t := term{field: path[0], op: "$eq", operands: operands}
	rest := path[1:]
	if len(rest) > 0 && strings.HasPrefix(rest[0], "$") {
		t.op, rest = rest[0], rest[1:]
	}
	many := t.op == "$in" || t.op == "$nin"
	switch {
	case strings.HasPrefix(t.field, "$"), !slices.Contains(operators, t.op):
		return t, fmt.Errorf("%q uses an operator that isn't known: use %s", name, strings.Join(operators, ", "))
	case len(rest) > 0 && !many, len(rest) > 1:
		return t, fmt.Errorf("%q is nested too deeply", name)
	case len(operands) != 1 && !many:
		return t, fmt.Errorf("%q stands more than once", name)
	case many && len(rest) == 0:
		t.operands = strings.Split(strings.Join(operands, "|"), "|")
	case t.op == "$regex":
		var err error
		if t.pattern, err = regexp.Compile(operands[0]); err != nil {
			return t, fmt.Errorf("%q: %w", name, err)
		}
	}
	return t, nil
}

// brackets splits [a][b].
func brackets(s string) (path []string, ok bool) {
	for s != "" {
		if s[0] != '[' {
			return nil, false
		}
		inside, rest, closed := strings.Cut(s[1:], "]")
		if !closed || inside == "" && rest != "" || strings.Contains(inside, "[") {
			return nil, false
		}
		path, s = append(path, inside), rest
	}
	return path, len(path) > 0 && path[0] != ""
}

var errBroad = errors.New("say what to delete: an _id in the path, or find[…]")

// dated reports whether the query limits itself: by time, or to one document.
func (q query) dated() bool {
	return slices.ContainsFunc(q.terms, func(t term) bool {
		return slices.Contains([]string{"date", "dateString", "sysTime", "created_at", "startDate", "mills", "_id", "identifier", "uuid"}, t.field)
	})
}
