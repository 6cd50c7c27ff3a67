package gateway

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"unicode/utf8"
)

// Refusal is why a door took nothing of a request.
type Refusal struct {
	Status int    // of HTTP
	Reason string // a sentence for the sender
	Retry  int    // seconds after which to try again; 0: the same request won't do
}

func refusal(p *problem) *Refusal {
	if p == nil {
		return nil
	}
	return &Refusal{Status: p.status, Reason: p.Error, Retry: p.retry}
}

func (r *Refusal) problem() *problem {
	return &problem{Error: r.Reason, status: r.Status, retry: r.Retry}
}

// Keys are what all doors of this gateway let in by.
func (g *Gateway) Keys() *Keyring { return g.opts.Keys }

// Body reads a request of another format's door within this gateway's limits:
// decompressed, at most MaxBody bytes, and counted against MaxHeld until release
// is called.
func (g *Gateway) Body(w http.ResponseWriter, r *http.Request) (body []byte, release func(), refused *Refusal) {
	body, release, p := g.body(w, r)
	return body, release, refusal(p)
}

// Objects cuts a body into the JSON objects it holds, one or an array of them, in
// their order. Like /v1/events it takes at most MaxEvents of at most MaxEvent bytes,
// and reads no further into an array that is longer.
func (g *Gateway) Objects(body []byte) ([]json.RawMessage, *Refusal) {
	raw, err := cut(oneOrMany, body, g.opts.MaxEvents+1)
	if err != nil {
		return nil, &Refusal{Status: http.StatusBadRequest, Reason: err.Error()}
	}
	if len(raw) > g.opts.MaxEvents {
		return nil, &Refusal{Status: http.StatusRequestEntityTooLarge, Reason: fmt.Sprintf("more than %d objects: send fewer at once", g.opts.MaxEvents)}
	}
	objects := make([]json.RawMessage, len(raw))
	for i, value := range raw {
		if len(value) > g.opts.MaxEvent {
			return nil, &Refusal{Status: http.StatusRequestEntityTooLarge, Reason: fmt.Sprintf("object %d is larger than %d bytes", i+1, g.opts.MaxEvent)}
		}
		if value[0] != '{' || !utf8.Valid(value) {
			return nil, &Refusal{Status: http.StatusBadRequest, Reason: fmt.Sprintf("item %d isn't a JSON object in UTF-8", i+1)}
		}
		objects[i] = value
	}
	return objects, nil
}

// Deliver writes messages to the log, in their order, stamped with Produced. It
// returns nil when the broker has all of them; else some may be in the log
// nevertheless. Without messages it does nothing.
func (g *Gateway) Deliver(ctx context.Context, messages []Message) *Refusal {
	headers := g.headers()
	for i := range messages {
		messages[i].Headers = headers
	}
	return refusal(g.deliver(ctx, messages))
}
