// Package gateway is the HTTP door for devices and apps: it turns requests into
// messages of the log, and acknowledges only what the broker has.
//
// It checks only what it must know to route an event: that it is a JSON object
// and whose it is. Units, ranges, times and everything else are cleansing's
// business. So a wrong event gets into the log too, and ends in the quarantine
// with all its reasons, where its sender can be shown them; refused here, it
// would be lost.
package gateway

import (
	"context"
	"errors"
	"net/http"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/titrate/titrate/ingest"
)

// Log takes messages in order.
type Log interface {
	// Send returns nil when the broker has all messages durably. After an error
	// some of them may be in the log nevertheless. An error that wraps ErrBusy
	// means that the log takes no more at the moment.
	Send(ctx context.Context, messages []Message) error
}

// Message is what is written to the log.
type Message struct {
	Key     []byte          // the patient
	Value   []byte          // the event as it came
	Headers []ingest.Header // shared with other messages: not to be changed
}

// ErrBusy is what a Log's error wraps if its queue is full: the client is told to
// slow down (429), not that the broker is gone (503).
var ErrBusy = errors.New("the log is busy")

// Produced is the header that says when the gateway handed a message to the log:
// wall-clock nanoseconds since 1970 as decimal text. It is for measuring the way
// from the door to the answer; no decision rests on it.
const Produced = "produced"

// Options configure a Gateway. Log, Keys and Now are required; every zero number
// has the default beside it.
type Options struct {
	Log  Log
	Keys *Keyring
	Now  func() time.Time // the wall clock

	// Failed is told what the log said when it didn't take events; the client
	// isn't, since such errors name brokers. It may be nil.
	Failed func(error)

	MaxBody   int64         // bytes of a request, also after decompression: 8 MiB
	MaxEvents int           // events in a request: 10,000
	MaxEvent  int           // bytes of one event, below what the broker takes: 512 KiB
	MaxHeld   int64         // bytes of all requests being worked on: 256 MiB
	Timeout   time.Duration // for the broker to answer: 10 s
	Patience  time.Duration // for a client to send a body: 30 s
}

// Gateway is the handler of POST /v1/events. It is safe for concurrent use.
type Gateway struct {
	opts Options
	held *semaphore.Weighted
}

// New is a gateway, or says which option is missing.
func New(opts Options) (*Gateway, error) {
	if opts.Log == nil || opts.Keys == nil || opts.Now == nil {
		return nil, errors.New("gateway: needs a log, a keyring and a clock")
	}
	g := &Gateway{opts: withDefaults(opts)}
	g.held = semaphore.NewWeighted(max(g.opts.MaxHeld, g.opts.MaxBody))
	return g, nil
}

func withDefaults(o Options) Options {
	o.MaxBody = or(o.MaxBody, 8<<20)
	o.MaxEvents = or(o.MaxEvents, 10_000)
	o.MaxEvent = or(o.MaxEvent, 512<<10)
	o.MaxHeld = or(o.MaxHeld, 256<<20)
	o.Timeout = or(o.Timeout, 10*time.Second)
	o.Patience = or(o.Patience, 30*time.Second)
	if o.Failed == nil {
		o.Failed = func(error) {}
	}
	return o
}

func or[T ~int | ~int64](v, otherwise T) T {
	if v == 0 {
		return otherwise
	}
	return v
}

// Pattern is where cmd mounts the gateway on a http.ServeMux.
const Pattern = "/v1/events"

// ServeHTTP takes wire events and answers each in its place:
//
//	200 all are in the log       400 none could be used, or no JSON at all
//	207 some are, see the items  401, 403, 405, 408, 413, 415 as usual
//	429 too much at once         503 the broker didn't take them
//
// 429 and 503 carry Retry-After. After a 503 some events may be in the log all
// the same: the sender repeats them all, and cleansing recognises the repeats.
func (g *Gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	answer, problem := g.take(w, r)
	if problem != nil {
		problem.write(w)
		return
	}
	answer.write(w)
}

// take is the way of one request: who, how much, what, into the log.
func (g *Gateway) take(w http.ResponseWriter, r *http.Request) (Answer, *problem) {
	if r.Method != http.MethodPost {
		return Answer{}, &problem{status: http.StatusMethodNotAllowed, Error: "use POST"}
	}
	who, refused := g.opts.Keys.Bearer(r)
	if refused != nil {
		return Answer{}, refused.problem()
	}
	if !who.Write {
		return Answer{}, &problem{status: http.StatusForbidden, Error: "this token may read, not write"}
	}
	body, release, problem := g.body(w, r)
	if problem != nil {
		return Answer{}, problem
	}
	defer release()
	items, problem := g.split(who, r.Header.Get("Content-Type"), body)
	if problem != nil {
		return Answer{}, problem
	}
	return g.send(r.Context(), items)
}
