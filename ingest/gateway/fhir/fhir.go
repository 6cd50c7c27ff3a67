// Package fhir is the door for clinical systems: it turns FHIR R4 Observations of
// the HL7 CGM guide into wire events of the log.
//
// It takes single Observations and the Bundles of $submit-cgm-bundle. As in
// /v1/events, only what must be known to route a reading is checked at the door:
// its kind of resource, its LOINC code, its status, and that its subject is the
// patient whose credential is used. Units, ranges and times are cleansing's
// business. A Bundle is taken whole or not at all, as a FHIR transaction demands;
// the original stays in each event's field "fhir".
package fhir

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/titrate/titrate/ingest/gateway"
)

// Options configure a Door; both are required.
type Options struct {
	Gateway *gateway.Gateway // writes to the log; its limits are the door's too

	// Patient finds whose data a request may write, by its credentials. The answer
	// is the patient, or the status to refuse with: 401, or 429 with the seconds to
	// wait.
	Patient func(*http.Request) (patient string, status, retry int)
}

// Door is the handler of the FHIR operations. It is safe for concurrent use.
type Door struct{ opts Options }

// Patterns are where cmd mounts a Door on a http.ServeMux.
var Patterns = []string{"POST /fhir/$submit-cgm-bundle", "POST /fhir/Observation"}

// New is a door, or says what is missing in its options.
func New(opts Options) (*Door, error) {
	if opts.Gateway == nil || opts.Patient == nil {
		return nil, errors.New("fhir: needs a gateway and a way to know the patient")
	}
	return &Door{opts}, nil
}

// ServeHTTP answers an Observation with 201 and the Observation, its id filled in;
// a Bundle with 200 and a transaction-response of one entry for each of its own, in
// their order. Everything else is an OperationOutcome: 400 for what can't be read,
// 401, 413, 422 with an issue for each entry that isn't a reading of the patient,
// and 429 or 503 with Retry-After where the log takes no more.
func (d *Door) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	answer, refused := d.take(r)
	if refused != nil {
		refused.write(w)
		return
	}
	write(w, answer.status, answer.body)
}

type answer struct {
	status int
	body   any
}

func (d *Door) take(r *http.Request) (answer, *outcome) {
	patient, status, retry := d.opts.Patient(r)
	if status != 0 {
		return answer{}, refuse(status, retry, issue{Code: "security", Diagnostics: "the credentials aren't valid here"})
	}
	body, release, refused := d.opts.Gateway.Body(r)
	if refused != nil {
		return answer{}, gatewayRefused(refused)
	}
	defer release()
	objects, refused := d.opts.Gateway.Objects(body)
	if refused != nil {
		return answer{}, gatewayRefused(refused)
	}
	if len(objects) != 1 {
		return answer{}, refuse(http.StatusBadRequest, 0, issue{Code: "structure", Diagnostics: "send one resource, not an array"})
	}
	if strings.HasSuffix(r.URL.Path, "$submit-cgm-bundle") {
		return d.bundle(r.Context(), patient, objects[0])
	}
	return d.single(r.Context(), patient, objects[0])
}

func (d *Door) single(ctx context.Context, patient string, raw json.RawMessage) (answer, *outcome) {
	o, wrong := read(raw, patient)
	if wrong != nil {
		return answer{}, refuse(http.StatusUnprocessableEntity, 0, *wrong)
	}
	if refused := d.opts.Gateway.Deliver(ctx, []gateway.Message{o.message}); refused != nil {
		return answer{}, gatewayRefused(refused)
	}
	return answer{http.StatusCreated, o.identified()}, nil
}

// bundle takes all Observations of a Bundle, or, if one can't be taken, none.
func (d *Door) bundle(ctx context.Context, patient string, raw json.RawMessage) (answer, *outcome) {
	resources, wrong := d.unpack(raw)
	if wrong != nil {
		return answer{}, wrong
	}
	var messages []gateway.Message
	var issues []issue
	entries := make([]any, 0, len(resources))
	for i, resource := range resources {
		o, wrong := read(resource, patient)
		if wrong != nil {
			wrong.Expression = []string{"Bundle.entry[" + strconv.Itoa(i) + "].resource"}
			issues = append(issues, *wrong)
			continue
		}
		messages = append(messages, o.message)
		entries = append(entries, map[string]any{"response": map[string]string{"status": "201 Created", "location": "Observation/" + o.id}})
	}
	if len(issues) > 0 {
		return answer{}, refuse(http.StatusUnprocessableEntity, 0, issues[:min(len(issues), maxIssues)]...)
	}
	if refused := d.opts.Gateway.Deliver(ctx, messages); refused != nil {
		return answer{}, gatewayRefused(refused)
	}
	return answer{http.StatusOK, map[string]any{"resourceType": "Bundle", "type": "transaction-response", "entry": entries}}, nil
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
	entries, refused := d.opts.Gateway.Objects(bundle.Entry)
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
