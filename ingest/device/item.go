package device

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
)

// item is one JSON value of a file's list, and which one, counted from 1.
type item struct {
	src    line
	fields object
}

// object is a JSON object, its values unread.
type object map[string]json.RawMessage

// items reads a file that holds a list of objects, one object, or objects one after
// the other, as databases export them. Each is a line of the summary. A file that
// ends in the middle of one, or isn't JSON, is an error: what is missing behind can't
// be known.
func (o *output) items(s source) ([]item, error) {
	file, err := os.Open(s.path)
	if err != nil {
		return nil, fmt.Errorf("open source: %w", err)
	}
	defer file.Close() // only read: closing can't lose anything
	all, err := readItems(file)
	if err != nil {
		return nil, fmt.Errorf("%s isn't a list of JSON objects: after item %d: %w", s.name, len(all), err)
	}
	o.summary.Lines += len(all)
	return all, nil
}

func readItems(r io.Reader) (all []item, err error) {
	d := json.NewDecoder(plain(r))
	for {
		var value json.RawMessage
		switch err := d.Decode(&value); {
		case errors.Is(err, io.EOF):
			return all, nil
		case err != nil:
			return all, err
		}
		list := []json.RawMessage{value}
		if value[0] == '[' {
			if err := json.Unmarshal(value, &list); err != nil {
				return all, err
			}
		}
		for _, text := range list {
			all = append(all, itemOf(text, len(all)+1))
		}
	}
}

// itemOf parses one value; its fields are nil if it isn't an object.
func itemOf(text json.RawMessage, number int) item {
	var compact bytes.Buffer
	if json.Compact(&compact, text) != nil {
		compact.Reset()
		compact.Write(text)
	}
	return item{line{compact.String(), number}, objectOf(text)}
}

// objectOf is the object in raw, or in a string that holds one; nil if it is none.
func objectOf(raw json.RawMessage) object {
	var o object
	if json.Unmarshal(raw, &o) == nil {
		return o
	}
	var text string
	if json.Unmarshal(raw, &text) == nil && json.Unmarshal([]byte(text), &o) == nil {
		return o
	}
	return nil
}

// listOf is the objects in raw, or in a string that holds them.
func listOf(raw json.RawMessage) []object {
	var all []object
	if json.Unmarshal(raw, &all) == nil {
		return all
	}
	var text string
	if json.Unmarshal(raw, &text) == nil && json.Unmarshal([]byte(text), &all) == nil {
		return all
	}
	return nil
}

// text is a field that is a string, or the digits of one that is a number.
func (o object) text(name string) string {
	raw := o[name]
	var s string
	if json.Unmarshal(raw, &s) == nil {
		return strings.TrimSpace(s)
	}
	if len(raw) > 0 && (raw[0] == '-' || raw[0] >= '0' && raw[0] <= '9') {
		return string(raw)
	}
	return ""
}

// has reports whether a field is there and says anything.
func (o object) has(name string) bool {
	raw := strings.TrimSpace(string(o[name]))
	return raw != "" && raw != "null" && raw != `""`
}

// under is a field that is an object; empty if it isn't.
func (o object) under(name string) object { return objectOf(o[name]) }

// take reads a field into where if it is a number, or a string that holds a plain
// one. Absent, null and empty leave where nil; anything else is a defect.
func (d *draft) take(o object, field, name string, where **float64) {
	if !o.has(field) {
		return
	}
	var v float64
	if json.Unmarshal(o[field], &v) == nil {
		*where = &v
		return
	}
	var text string
	if json.Unmarshal(o[field], &text) != nil {
		text = string(o[field])
	}
	d.number(name, strings.TrimSpace(text), where)
}

// number is a field that is a number, or a string that holds one; absent if not.
func (o object) number(name string) (float64, bool) {
	var d draft
	var v *float64
	d.take(o, name, name, &v)
	if v == nil {
		return 0, false
	}
	return *v, true
}
