// Package nightscout is the door for uploaders and followers that speak the API of
// a Nightscout site: it turns their documents into wire events of the log, and
// answers their questions from a View folded from that log.
//
// A document is acknowledged only when the broker has its events. Each becomes one
// wire event or, for a treatment of several parts (carbs, insulin, a meter's value),
// several; the first carries the document in its field "nightscout", so that a
// replica that reads the log knows what was sent.
//
//	entries       sgv, mbg → glucose, always mg/dL; anything else → note
//	treatments    carbs → meal, insulin and temporary rates → insulin,
//	              Exercise → activity, profile copies → profile, else note
//	profile       the default profile → profile
//	devicestatus  → note of code nightscout-devicestatus: kept because followers
//	              read it back, and never more than a remark to what doses
//
// The log only grows, so an edit and a deletion are events too. What an edit leaves
// as it was keeps its event; what it changes becomes an event whose "replaces" names
// the one that it stands in for; what it takes away becomes a retraction, as all of
// a deleted document does. So whoever folds the log counts each meal once, with its
// latest grams.
package nightscout

import (
	"errors"
	"sync/atomic"
	"time"

	"github.com/titrate/titrate/ingest/gateway"
)

// Options configure a Door. Gateway and Now are required.
type Options struct {
	Gateway *gateway.Gateway // writes to the log; its limits and keys are the door's too
	Now     func() time.Time // the wall clock
	Keep    int              // documents per patient and collection in the View: 2,000
	Bytes   int64            // of all documents in the View: 512 MiB
}

// Door is the handler of the API. It is safe for concurrent use.
type Door struct {
	gateway *gateway.Gateway
	routes  []signpost
	view    *View
	turns   turns
	now     func() time.Time
	ready   atomic.Bool
}

// Patterns are where cmd mounts a Door on a http.ServeMux.
var Patterns = []string{"/api/v1/", "/api/v2/authorization/request/", "/api/v3/", "/pebble"}

// New is a door that isn't ready, or says what is missing in its options.
func New(opts Options) (*Door, error) {
	if opts.Gateway == nil || opts.Now == nil {
		return nil, errors.New("nightscout: needs a gateway and a clock")
	}
	if opts.Keep == 0 {
		opts.Keep = 2000
	}
	if opts.Bytes == 0 {
		opts.Bytes = 512 << 20
	}
	patients := opts.Gateway.Keys().Patients()
	return &Door{
		gateway: opts.Gateway,
		routes:  signposts(),
		view:    NewView(patients, opts.Keep, opts.Bytes),
		turns:   newTurns(patients),
		now:     opts.Now,
	}, nil
}

// View is what the door answers from: cmd feeds it every record of the log.
func (d *Door) View() *View { return d.view }

// SetReady says that the View holds what the log held: until then documents are
// neither given nor taken, since one that is known already would be taken for new.
func (d *Door) SetReady() { d.ready.Store(true) }
