package nightscout

import (
	"cmp"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
)

// matches reports whether all terms hold for f.
func (q query) matches(f fields) bool {
	for _, t := range q.terms {
		if !t.holds(f.lookup(t.field)) {
			return false
		}
	}
	return true
}

// lookup follows dots into objects.
func (f fields) lookup(path string) any {
	for {
		if v, ok := f[path]; ok {
			return v
		}
		head, rest, dotted := strings.Cut(path, ".")
		inner, isObject := f[head].(map[string]any)
		if !dotted || !isObject {
			return nil
		}
		f, path = inner, rest
	}
}

func (t term) holds(v any) bool {
	any := func(holds func(int) bool) bool {
		return slices.ContainsFunc(t.operands, func(operand string) bool {
			order, comparable := compare(v, operand)
			return comparable && holds(order)
		})
	}
	equal := func(order int) bool { return order == 0 }
	switch t.op {
	case "$eq", "$in":
		return any(equal)
	case "$ne", "$nin":
		return !any(equal)
	case "$gt":
		return any(func(order int) bool { return order > 0 })
	case "$gte":
		return any(func(order int) bool { return order >= 0 })
	case "$lt":
		return any(func(order int) bool { return order < 0 })
	case "$lte":
		return any(func(order int) bool { return order <= 0 })
	case "$exists":
		return (v != nil) == (t.operands[0] != "false" && t.operands[0] != "0")
	case "$regex":
		s, ok := v.(string)
		return ok && t.pattern.MatchString(s)
	}
	return false
}

// compare orders a document's value and a query's text: as numbers, as times, or
// as text; false if they are of different kinds. A time may be cut short, as in
// 2024-05: then the texts are compared, which for UTC is the same order.
func compare(v any, operand string) (order int, comparable bool) {
	switch v := v.(type) {
	case json.Number:
		a, err1 := v.Float64()
		b, err2 := strconv.ParseFloat(operand, 64)
		if b != b { // NaN has no order
			return 0, false
		}
		return cmp.Compare(a, b), err1 == nil && err2 == nil
	case bool:
		return strings.Compare(strconv.FormatBool(v), operand), operand == "true" || operand == "false"
	case string:
		a, ok1 := moment(v)
		// In a query's text + is a space: an offset's sign may have become one.
		b, ok2 := moment(operand)
		if !ok2 {
			b, ok2 = moment(unspaced(operand))
		}
		if ok1 && ok2 {
			return a.Compare(b), true
		}
		return strings.Compare(v, operand), true
	}
	return 0, false
}

// unspaced puts the + of an offset back.
func unspaced(s string) string {
	if i := strings.LastIndexByte(s, ' '); i > len("2006-01-02T15:04") {
		return s[:i] + "+" + s[i+1:]
	}
	return s
}
