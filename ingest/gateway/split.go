package gateway

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"unicode/utf8"
)

// maxPatient is the longest patient in bytes.
const maxPatient = 128

// item is one event of a request: its bytes as they came, or what is wrong.
type item struct {
	patient string
	id      string
	value   []byte
	status  int
	err     string
}

// shape is how events are laid out in a body.
type shape int

const (
	sniffed   shape = iota // no telling content type: look
	lines                  // NDJSON
	oneOrMany              // a JSON object, or an array of them
)

// split cuts a body into its events, in their order.
func (g *Gateway) split(who Holder, contentType string, body []byte) ([]item, *problem) {
	s, p := shapeOf(contentType)
	if p != nil {
		return nil, p
	}
	if s == sniffed {
		s = sniff(body)
	}
	raw, err := cut(s, body, g.opts.MaxEvents+1)
	switch {
	case err != nil:
		return nil, &problem{status: http.StatusBadRequest, Error: err.Error()}
	case len(raw) > g.opts.MaxEvents:
		return nil, &problem{status: http.StatusRequestEntityTooLarge, Error: fmt.Sprintf("more than %d events: send fewer at once", g.opts.MaxEvents)}
	case len(raw) == 0:
		return nil, &problem{status: http.StatusBadRequest, Error: "no events in the body"}
	}
	items := make([]item, len(raw))
	for i, value := range raw {
		items[i] = g.inspect(who, value)
	}
	return items, nil
}

func shapeOf(contentType string) (shape, *problem) {
	if contentType == "" {
		return sniffed, nil
	}
	kind, _, err := mime.ParseMediaType(contentType)
	if err == nil {
		switch kind {
		case "application/x-ndjson", "application/ndjson", "application/jsonl", "application/x-jsonlines":
			return lines, nil
		case "application/json":
			return oneOrMany, nil
		case "text/plain", "application/octet-stream":
			return sniffed, nil
		}
	}
	return 0, &problem{status: http.StatusUnsupportedMediaType, Error: fmt.Sprintf("Content-Type %q isn't understood: send application/json or application/x-ndjson", contentType)}
}

// sniff takes a body for lines unless it is one array or one object.
func sniff(body []byte) shape {
	if bytes.HasPrefix(bytes.TrimSpace(body), []byte("[")) || json.Valid(body) {
		return oneOrMany
	}
	return lines
}

// cut yields at most limit raw events. A line that isn't JSON is an event of its
// own, refused later in its place. In a broken array nothing says where the next
// event begins, so all of it is refused.
func cut(s shape, body []byte, limit int) ([][]byte, error) {
	if s == lines {
		return cutLines(body, limit), nil
	}
	if !bytes.HasPrefix(bytes.TrimSpace(body), []byte("[")) {
		if !json.Valid(body) {
			return nil, errors.New("the body is neither a JSON array nor one JSON object; for one object a line send application/x-ndjson")
		}
		return [][]byte{bytes.TrimSpace(body)}, nil
	}
	return cutArray(body, limit)
}

func cutLines(body []byte, limit int) (all [][]byte) {
	for line := range bytes.Lines(body) {
		if line = bytes.TrimSpace(line); len(line) > 0 && len(all) < limit {
			all = append(all, line)
		}
	}
	return all
}

// cutArray stops at limit without looking at the rest: an array of millions is
// refused for the price of its beginning.
func cutArray(body []byte, limit int) (all [][]byte, err error) {
	d := json.NewDecoder(bytes.NewReader(body))
	if _, err := d.Token(); err != nil {
		return nil, fmt.Errorf("read array: %w", err)
	}
	for d.More() {
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return nil, fmt.Errorf("read event %d of the array: %w", len(all)+1, err)
		}
		if all = append(all, value); len(all) == limit {
			return all, nil
		}
	}
	if _, err := d.Token(); err != nil {
		return nil, fmt.Errorf("read end of the array: %w", err)
	}
	if rest := bytes.TrimSpace(body[d.InputOffset():]); len(rest) > 0 {
		return nil, errors.New("text behind the array's end")
	}
	return all, nil
}

// inspect finds whose event value is, and whether who may send it. Names are matched exactly, as cleansing
// does: decoding into a struct would also take "Patient".
func (g *Gateway) inspect(who Holder, value []byte) item {
	if len(value) > g.opts.MaxEvent {
		return refused(http.StatusRequestEntityTooLarge, "the event is larger than %d bytes", g.opts.MaxEvent)
	}
	var fields map[string]json.RawMessage
	if !utf8.Valid(value) || json.Unmarshal(value, &fields) != nil || fields == nil {
		return refused(http.StatusBadRequest, "not a JSON object")
	}
	it := item{value: value, status: http.StatusAccepted}
	if json.Unmarshal(fields["patient"], &it.patient) != nil || it.patient == "" {
		return refused(http.StatusBadRequest, "patient is required, as a string")
	}
	if len(it.patient) > maxPatient {
		return refused(http.StatusBadRequest, "patient is longer than %d bytes", maxPatient)
	}
	if !who.Of(it.patient) {
		return refused(http.StatusForbidden, "this token isn't for the event's patient")
	}
	// An id that isn't a string is cleansing's to refuse; here it is only echoed.
	if json.Unmarshal(fields["id"], &it.id) != nil {
		it.id = ""
	}
	return it
}

func refused(status int, format string, args ...any) item {
	return item{status: status, err: fmt.Sprintf(format, args...)}
}
