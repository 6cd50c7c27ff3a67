// Package fhir is the door for clinical systems: it turns FHIR R4 Observations of
// the HL7 CGM guide into wire events of the log.
//
// It takes single Observations and the Bundles of $submit-cgm-bundle. As in
// /v1/events, only what must be known to route a reading is checked at the door:
// its kind of resource, its LOINC code, its status, and that its subject is the
// patient whose credential is used. Units, ranges and times are cleansing's
// business. A Bundle is taken whole or not at all, as a FHIR transaction demands;
// the original stays in each event's field "fhir".
//
// An amended or corrected Observation takes the place of the final one with the same
// identifier, or of the amendment before it; one that was entered in error retracts
// whichever holds.
package fhir

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/titrate/titrate/ingest/gateway"
)

// Door is the handler of the FHIR operations. It is safe for concurrent use.
type Door struct {
	gateway *gateway.Gateway
	chains  *chains
	ready   atomic.Bool
}

// Patterns are where cmd mounts a Door on a http.ServeMux.
var Patterns = []string{"/fhir/"}

// Operations are what the door answers, as "METHOD /path", for who describes them.
var Operations = []string{"GET /fhir/metadata", "POST /fhir/$submit-cgm-bundle", "POST /fhir/Observation"}

// New is a door that writes through g; g's limits and keys are the door's too. It
// isn't ready for amendments.
func New(g *gateway.Gateway) *Door { return &Door{gateway: g, chains: newChains()} }

// ServeHTTP answers an Observation with 201 and the Observation, its id filled in;
// a Bundle with 200 and a transaction-response of one entry for each of its own, in
// their order. Everything else is an OperationOutcome: 400 for what can't be read,
// 401, 403, 404, 405, 413, 422 with an issue for each entry that isn't a reading of
// the patient, and 429 or 503 with Retry-After where the log takes no more.
func (d *Door) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	answer, refused := d.route(w, r)
	if refused != nil {
		refused.write(w)
		return
	}
	write(w, answer.status, answer.body)
}

// route finds the operation. What the server can do is for everybody to know, as
// FHIR demands; all else is for those with a token.
func (d *Door) route(w http.ResponseWriter, r *http.Request) (answer, *outcome) {
	want := http.MethodPost
	path := strings.TrimSuffix(r.URL.Path, "/")
	if path == "/fhir/metadata" {
		want = http.MethodGet
	}
	if r.Method == want && want == http.MethodGet {
		return answer{http.StatusOK, capability()}, nil
	}
	who, refused := d.gateway.Keys().Bearer(r)
	switch {
	case refused != nil:
		return answer{}, gatewayRefused(refused)
	case !slices.ContainsFunc(Operations, func(o string) bool { return strings.HasSuffix(o, " "+path) }):
		return answer{}, refuse(http.StatusNotFound, 0, issue{Code: "not-found", Diagnostics: "nothing is at " + r.URL.Path + ": see /fhir/metadata"})
	case r.Method != want:
		w.Header().Set("Allow", want)
		return answer{}, refuse(http.StatusMethodNotAllowed, 0, issue{Code: "not-supported", Diagnostics: "use " + want})
	case !who.Write:
		return answer{}, refuse(http.StatusForbidden, 0, issue{Code: "forbidden", Diagnostics: "this token may read, not write"})
	}
	return d.take(w, r, who)
}

type answer struct {
	status int
	body   any
}

func (d *Door) take(w http.ResponseWriter, r *http.Request, who gateway.Holder) (answer, *outcome) {
	body, release, refused := d.gateway.Body(w, r)
	if refused != nil {
		return answer{}, gatewayRefused(refused)
	}
	defer release()
	objects, refused := d.gateway.Objects(body)
	if refused != nil {
		return answer{}, gatewayRefused(refused)
	}
	if len(objects) != 1 {
		return answer{}, refuse(http.StatusBadRequest, 0, issue{Code: "structure", Diagnostics: "send one resource, not an array"})
	}
	if strings.HasSuffix(strings.TrimSuffix(r.URL.Path, "/"), "$submit-cgm-bundle") {
		return d.bundle(r.Context(), who, objects[0])
	}
	return d.single(r.Context(), who, objects[0])
}

func (d *Door) single(ctx context.Context, who gateway.Holder, raw json.RawMessage) (answer, *outcome) {
	o, wrong := read(raw, who)
	if wrong != nil {
		return answer{}, refuse(http.StatusUnprocessableEntity, 0, *wrong)
	}
	if refused := d.deliver(ctx, []observation{o}); refused != nil {
		return answer{}, refused
	}
	return answer{http.StatusCreated, o.identified()}, nil
}

// bundle takes all Observations of a Bundle, or, if one can't be taken, none.
func (d *Door) bundle(ctx context.Context, who gateway.Holder, raw json.RawMessage) (answer, *outcome) {
	resources, wrong := d.unpack(raw)
	if wrong != nil {
		return answer{}, wrong
	}
	var taken []observation
	var issues []issue
	entries := make([]any, 0, len(resources))
	for i, resource := range resources {
		o, wrong := read(resource, who)
		if wrong != nil {
			wrong.Expression = []string{"Bundle.entry[" + strconv.Itoa(i) + "].resource"}
			issues = append(issues, *wrong)
			continue
		}
		taken = append(taken, o)
		entries = append(entries, map[string]any{"response": map[string]string{"status": "201 Created", "location": "Observation/" + o.id}})
	}
	if len(issues) > 0 {
		return answer{}, refuse(http.StatusUnprocessableEntity, 0, issues[:min(len(issues), maxIssues)]...)
	}
	if refused := d.deliver(ctx, taken); refused != nil {
		return answer{}, refused
	}
	return answer{http.StatusOK, map[string]any{"resourceType": "Bundle", "type": "transaction-response", "entry": entries}}, nil
}

// deliver writes the events to the log, amendments in the place of what they amend.
func (d *Door) deliver(ctx context.Context, all []observation) *outcome {
	batch := map[string]chain{} // of one Observation a Bundle may hold several amendments
	messages := make([]gateway.Message, len(all))
	for i, o := range all {
		if o.amends != "" {
			if !d.ready.Load() {
				return refuse(http.StatusServiceUnavailable, 5, issue{Code: "transient", Diagnostics: "the log is still being read: send amendments again later"})
			}
			key := keyOf(o.wire.Patient, o.amends)
			if batch[key] == nil {
				batch[key] = d.chains.of(key)
			}
			o.wire.Replaces = batch[key].before(o.wire.ID, o.amends)
			batch[key] = batch[key].with(o.wire.ID)
		}
		value, err := json.Marshal(event{o.wire, o.measured, o.raw})
		if err != nil { // read made it of JSON
			return refuse(http.StatusUnprocessableEntity, 0, issue{Code: "value", Diagnostics: "the Observation can't be written as an event"})
		}
		messages[i] = gateway.Message{Key: []byte(o.wire.Patient), Value: value}
	}
	if refused := d.gateway.Deliver(ctx, messages); refused != nil {
		return gatewayRefused(refused)
	}
	for _, o := range all {
		if o.amends != "" {
			d.chains.add(keyOf(o.wire.Patient, o.amends), o.wire.ID)
		}
	}
	return nil
}

// unpack cuts a Bundle into its resources.
func (d *Door) unpack(raw json.RawMessage) ([]json.RawMessage, *outcome) {
	var bundle struct {
		Kind  string          `json:"resourceType"`
		Type  string          `json:"type"`
		Entry json.RawMessage `json:"entry"`
	}
	if json.Unmarshal(raw, &bundle) != nil || bundle.Kind != "Bundle" {
		return nil, refuse(http.StatusBadRequest, 0, issue{Code: "structure", Diagnostics: "$submit-cgm-bundle takes a Bundle"})
	}
	if bundle.Type != "transaction" && bundle.Type != "batch" && bundle.Type != "collection" {
		return nil, refuse(http.StatusUnprocessableEntity, 0, issue{Code: "value", Diagnostics: "the Bundle's type must be transaction", Expression: []string{"Bundle.type"}})
	}
	if len(bundle.Entry) == 0 || bundle.Entry[0] != '[' {
		return nil, refuse(http.StatusUnprocessableEntity, 0, issue{Code: "required", Diagnostics: "the Bundle has no list of entries", Expression: []string{"Bundle.entry"}})
	}
	entries, refused := d.gateway.Objects(bundle.Entry)
	if refused != nil {
		return nil, gatewayRefused(refused)
	}
	resources := make([]json.RawMessage, len(entries))
	for i, e := range entries {
		var entry struct {
			Resource json.RawMessage `json:"resource"`
		}
		if json.Unmarshal(e, &entry) == nil {
			resources[i] = entry.Resource
		}
	}
	return resources, nil
}
