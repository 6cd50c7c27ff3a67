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
// The log only grows, so an edit and a deletion are events too: notes of the codes
// nightscout-edited and nightscout-deleted, whose "nightscout" names in "retracts"
// the events that don't hold any more. The new numbers of an edit are only in its
// document: a second meal event beside the first would count the carbs twice for
// whoever doesn't follow retractions, and could end in a double dose. A profile is
// the exception: the latest one counts anyway, so its edit is a profile event.
package nightscout

import (
	"errors"
	"net/http"
	"time"

	"github.com/titrate/titrate/ingest/gateway"
)

// Options configure a Door. Gateway, Credentials and Now are required.
type Options struct {
	Gateway     *gateway.Gateway // writes to the log; its limits are the door's too
	Credentials []Credential
	Now         func() time.Time // the wall clock

	// Address is whose failed attempts count together; nil: the connection's
	// address, of IPv6 the first 64 bits. Behind a proxy it must be set.
	Address func(*http.Request) string
	Keep    int // documents per patient and collection in the View: 2,000
}

// Door is the handler of the API. It is safe for concurrent use.
type Door struct {
	gateway *gateway.Gateway
	keys    keyring
	penalty *penalty
	address func(*http.Request) string
	view    *View
	now     func() time.Time
}

// Patterns are where cmd mounts a Door on a http.ServeMux.
var Patterns = []string{"/api/v1/", "/api/v2/authorization/request/", "/api/v3/"}

// New is a door, or says what is missing or unsafe in its options.
func New(opts Options) (*Door, error) {
	if opts.Gateway == nil || opts.Now == nil {
		return nil, errors.New("nightscout: needs a gateway and a clock")
	}
	keys, err := newKeyring(opts.Credentials)
	if err != nil {
		return nil, err
	}
	if opts.Keep == 0 {
		opts.Keep = 2000
	}
	if opts.Address == nil {
		opts.Address = remoteAddress
	}
	var patients []string
	for _, c := range opts.Credentials {
		patients = append(patients, c.Patient)
	}
	return &Door{
		gateway: opts.Gateway,
		keys:    keys,
		penalty: newPenalty(),
		address: opts.Address,
		view:    NewView(patients, opts.Keep),
		now:     opts.Now,
	}, nil
}

// View is what the door answers from: cmd feeds it every record of the log.
func (d *Door) View() *View { return d.view }
