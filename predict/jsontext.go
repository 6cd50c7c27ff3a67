package predict

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"time"
)

// jsonText is JSON that is being written, byte for byte as encoding/json does, without
// asking of each value what it is. Each method returns the text with something behind it.
type jsonText []byte

// key begins a member of an object.
func (t jsonText) key(name string) jsonText {
	return t.next().put(`"`).put(name).put(`":`)
}

// next begins an element of an array.
func (t jsonText) next() jsonText {
	if last := len(t) - 1; last >= 0 && t[last] != '{' && t[last] != '[' {
		return append(t, ',')
	}
	return t
}

// put is what stands for itself, such as a bracket.
func (t jsonText) put(mark string) jsonText { return append(t, mark...) }

func (t jsonText) whole(n int64) jsonText { return strconv.AppendInt(t, n, 10) }

// number is as short as it can be, with an exponent if it is very small or large.
func (t jsonText) number(x float64) jsonText {
	if size := math.Abs(x); size != 0 && size < 1e-6 || !(size < 1e21) {
		return t.any(x)
	}
	return strconv.AppendFloat(t, x, 'f', -1, 64)
}

func (t jsonText) text(s string) jsonText {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' {
			return t.any(s)
		}
	}
	return t.put(`"`).put(s).put(`"`)
}

func (t jsonText) time(at time.Time) jsonText {
	text, err := at.AppendText(t.put(`"`))
	if err != nil {
		panic(fmt.Sprintf("%v is not JSON: %v", at, err))
	}
	return jsonText(text).put(`"`)
}

// any leaves v to encoding/json: what few people have.
func (t jsonText) any(v any) jsonText {
	text, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("%v is not JSON: %v", v, err)) // cleansed events hold finite numbers
	}
	return append(t, text...)
}

// Members that are left out if there is nothing to tell.

func (t jsonText) textIf(name, s string) jsonText {
	if s == "" {
		return t
	}
	return t.key(name).text(s)
}

func (t jsonText) numberIf(name string, x float64) jsonText {
	if x == 0 {
		return t
	}
	return t.key(name).number(x)
}

func (t jsonText) wholeIf(name string, n int64) jsonText {
	if n == 0 {
		return t
	}
	return t.key(name).whole(n)
}

func (t jsonText) timeIf(name string, at time.Time) jsonText {
	if at.IsZero() {
		return t
	}
	return t.key(name).time(at)
}

func (t jsonText) stampIf(name string, s stamp) jsonText { return t.timeIf(name, s.time()) }

// anyIf is a member that is there, if it is, by encoding/json.
func (t jsonText) anyIf(there bool, name string, v any) jsonText {
	if !there {
		return t
	}
	return t.key(name).any(v)
}

// listIf is an array, unless it is empty.
func listIf[T any](t jsonText, name string, all []T, each func(*T, jsonText) jsonText) jsonText {
	if len(all) == 0 {
		return t
	}
	return list(t.key(name), all, each)
}

// list is an array, null for nil.
func list[T any](t jsonText, all []T, each func(*T, jsonText) jsonText) jsonText {
	if all == nil {
		return t.put("null")
	}
	t = t.put("[")
	for i := range all {
		t = each(&all[i], t.next())
	}
	return t.put("]")
}
