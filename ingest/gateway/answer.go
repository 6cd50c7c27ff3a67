package gateway

import (
	"encoding/json"
	"net/http"
	"strconv"
)

// Answer is the body of 200 and 207, and of a 400 that refuses every item: one
// Item for each event, in their order.
type Answer struct {
	Items    []Item `json:"items"`
	Accepted int    `json:"accepted"` // how many are in the log
}

// Item is what became of one event.
type Item struct {
	N      int    `json:"n"`               // its place in the request, from 1
	Status int    `json:"status"`          // 202: in the log; 400, 403, 413: refused
	ID     string `json:"id,omitempty"`    // the event's own id, if it has one
	Error  string `json:"error,omitempty"` // why it was refused
}

func answerTo(items []item, accepted int) Answer {
	a := Answer{Items: make([]Item, len(items)), Accepted: accepted}
	for i, it := range items {
		a.Items[i] = Item{N: i + 1, Status: it.status, ID: it.id, Error: it.err}
	}
	return a
}

func (a Answer) write(w http.ResponseWriter) {
	status := http.StatusMultiStatus
	switch a.Accepted {
	case len(a.Items):
		status = http.StatusOK
	case 0:
		status = http.StatusBadRequest
	}
	writeJSON(w, status, a)
}

// problem is a request that was refused as a whole.
type problem struct {
	Error  string `json:"error"`
	status int
	retry  int // seconds after which to try again; 0: the same request won't do
}

func (p *problem) write(w http.ResponseWriter) {
	switch p.status {
	case http.StatusUnauthorized:
		w.Header().Set("WWW-Authenticate", "Bearer")
	case http.StatusMethodNotAllowed:
		w.Header().Set("Allow", http.MethodPost)
	}
	if p.retry > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(p.retry))
	}
	writeJSON(w, p.status, p)
}

// writeJSON ignores a failing write: the client is gone, and nobody is left to
// be told.
func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}
