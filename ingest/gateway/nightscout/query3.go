package nightscout

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// query3 is what a v3 search asks of a collection.
type query3 struct {
	query
	limit, skip int
	ascending   bool
	fields      []string // nil: all
}

// most is the largest limit.
const most = 1000

// parseQuery3 reads limit, skip, sort, fields and conditions (field$op=value). As in
// v1, what isn't understood is an error.
func parseQuery3(values url.Values) (query3, error) {
	q := query3{limit: most}
	for name := range values {
		value := values.Get(name)
		var err error
		switch name {
		case "token", "secret", "now", "permanent": // credentials, and AAPS against caches
		case "limit":
			q.limit, err = whole(value, 1)
			q.limit = min(q.limit, most)
		case "skip":
			q.skip, err = whole(value, 0)
		case "sort", "sort$desc":
			q.ascending = name == "sort"
			if value != "date" && value != "created_at" {
				err = errors.New("sorts by date or created_at only")
			}
		case "fields":
			if value != "_all" {
				q.fields = strings.Split(value, ",")
			}
		default:
			err = q.condition(name, values[name])
		}
		if err != nil {
			return q, fmt.Errorf("%q: %w", name, err)
		}
	}
	return q, nil
}

func whole(s string, least int) (int, error) {
	n, err := strconv.Atoi(s)
	if err != nil || n < least {
		return 0, fmt.Errorf("%q isn't a whole number from %d", s, least)
	}
	return n, nil
}

func (q *query3) condition(name string, operands []string) (err error) {
	t := term{operands: operands}
	t.field, t.op, _ = strings.Cut(name, "$")
	t.op = "$" + cmp.Or(t.op, "eq")
	if t.op == "$re" {
		t.op = "$regex"
	}
	switch {
	case t.field == "" || !slices.Contains(operators, t.op) || t.op == "$exists":
		return errors.New("isn't of the form field$operator with eq, ne, gt, gte, lt, lte, in, nin or re")
	case len(operands) != 1 || len(q.terms) == maxTerms:
		return errors.New("too many conditions")
	case t.op == "$in" || t.op == "$nin":
		t.operands = strings.Split(operands[0], "|")
	case t.op == "$regex":
		t.pattern, err = regexp.Compile(operands[0])
	}
	q.terms = append(q.terms, t)
	return err
}

// search3 looks at all that the View keeps, the latest first unless asked otherwise.
func (d *Door) search3(c *call) {
	q, err := parseQuery3(c.values)
	if err != nil {
		fail(c.w, bad(err.Error()))
		return
	}
	all := d.view.snapshot(c.who.Patient, c.path["collection"])
	if q.ascending {
		slices.Reverse(all)
	}
	found := []fields{}
	for _, doc := range all {
		f := present(doc)
		if len(found) == q.skip+q.limit {
			break
		}
		if q.matches(f) {
			found = append(found, q.project(f))
		}
	}
	result(c.w, found[min(q.skip, len(found)):])
}

func (q query3) project(f fields) fields {
	if q.fields == nil {
		return f
	}
	some := fields{}
	for _, name := range q.fields {
		if v, ok := f[name]; ok {
			some[name] = v
		}
	}
	return some
}
