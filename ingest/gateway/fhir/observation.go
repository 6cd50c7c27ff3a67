package fhir

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"math"
	"path"
	"strings"
	"time"

	"github.com/titrate/titrate/ingest"
	"github.com/titrate/titrate/ingest/gateway"
)

// sources are the LOINC codes of glucose and what each is measured with. The unit is
// the value's own.
var sources = map[string]string{
	"99504-3":  "cgm",         // mass per volume, interstitial fluid
	"105272-9": "cgm",         // moles per volume, interstitial fluid
	"41653-7":  "fingerstick", // capillary blood, by glucometer
	"2345-7":   "lab",         // serum or plasma, mass
	"14749-6":  "lab",         // serum or plasma, moles
}

// resource is what is read of an Observation.
type resource struct {
	Kind       string `json:"resourceType"`
	ID         string `json:"id"`
	Status     string `json:"status"`
	Identifier []struct {
		System string `json:"system"`
		Value  string `json:"value"`
	} `json:"identifier"`
	Code struct {
		Coding []struct {
			System string `json:"system"`
			Code   string `json:"code"`
		} `json:"coding"`
	} `json:"code"`
	Subject struct {
		Reference  string `json:"reference"`
		Identifier struct {
			Value string `json:"value"`
		} `json:"identifier"`
	} `json:"subject"`
	Device struct {
		Reference string `json:"reference"`
		Display   string `json:"display"`
	} `json:"device"`
	DateTime string `json:"effectiveDateTime"`
	Instant  string `json:"effectiveInstant"`
	Quantity *struct {
		Value      json.Number `json:"value"`
		Comparator string      `json:"comparator"`
		Unit       string      `json:"unit"`
		System     string      `json:"system"`
		Code       string      `json:"code"`
	} `json:"valueQuantity"`
}

// observation is one that can be taken.
type observation struct {
	id       string // its own, or one made of what it says
	raw      json.RawMessage
	wire     ingest.Wire // of an amendment still without Replaces
	measured any
	amends   string // id of the final reading's event, if it isn't that itself
}

// event is a wire event with the Observation it is of. Value stands in for the
// wire's own, for LOW and HIGH.
type event struct {
	ingest.Wire
	Value any             `json:"value,omitempty"`
	FHIR  json.RawMessage `json:"fhir"`
}

// read turns an Observation into an event, or says why it is none of the patient's
// readings.
func read(raw json.RawMessage, who gateway.Holder) (observation, *issue) {
	var r resource
	if len(raw) == 0 || json.Unmarshal(raw, &r) != nil {
		return observation{}, &issue{Code: "structure", Diagnostics: "not an Observation that can be read"}
	}
	patient, wrong := r.patient(who)
	if wrong != nil {
		return observation{}, wrong
	}
	source, wrong := r.source()
	if wrong != nil {
		return observation{}, wrong
	}
	w := ingest.Wire{
		Type: "glucose", Source: source, Patient: patient,
		Time: r.time(), Unit: r.unit(), Device: r.device(),
	}
	o := observation{id: r.ID, raw: compact(raw)}
	w.ID = r.identity(o.raw)
	if o.id == "" {
		o.id = strings.TrimPrefix(w.ID, "fhir-")
	}
	o.wire, o.measured = w, r.value()
	if r.revises() {
		o.amends = r.finalID()
	}
	if r.Status == "entered-in-error" {
		o.wire, o.measured = ingest.Wire{Type: "retraction", Patient: patient, Time: w.Time, ID: w.ID}, nil
	}
	return o, nil
}

// patient is whose reading it is: that of the credentials. Who may send for
// everybody must say.
func (r resource) patient(who gateway.Holder) (string, *issue) {
	subject := r.subject()
	switch {
	case r.Kind != "Observation":
		return "", &issue{Code: "not-supported", Diagnostics: "only Observations are taken"}
	case who.Patient != gateway.Everybody && (subject == "" || subject == who.Patient):
		return who.Patient, nil
	case who.Patient == gateway.Everybody && subject != "" && len(subject) <= 128:
		return subject, nil
	case who.Patient == gateway.Everybody:
		return "", &issue{Code: "required", Diagnostics: "a subject is required, of at most 128 bytes: these credentials aren't of one patient"}
	}
	return "", &issue{Code: "forbidden", Diagnostics: "the subject isn't the patient of these credentials"}
}

// source is what took the reading.
func (r resource) source() (string, *issue) {
	switch r.Status {
	case "final", "amended", "corrected":
	case "entered-in-error":
		if !r.identified() {
			return "", &issue{Code: "required", Diagnostics: "an Observation that was entered in error needs the identifier of the one that it takes back"}
		}
	default:
		return "", &issue{Code: "business-rule", Diagnostics: "only Observations of status final, amended, corrected or entered-in-error are taken"}
	}
	for _, c := range r.Code.Coding {
		if source := sources[c.Code]; c.System == "http://loinc.org" && source != "" {
			return source, nil
		}
	}
	return "", &issue{Code: "code-invalid", Diagnostics: "no LOINC code of a glucose reading: 99504-3 or 105272-9 for sensors"}
}

// subject is empty if none is named: then it is the patient of the credentials.
func (r resource) subject() string {
	if ref := r.Subject.Reference; ref != "" {
		return path.Base(ref)
	}
	return r.Subject.Identifier.Value
}

// time is brought to UTC; one that can't be read stays for cleansing to refuse.
func (r resource) time() string {
	s := r.DateTime
	if s == "" {
		s = r.Instant
	}
	if at, err := time.Parse(time.RFC3339, s); err == nil {
		return at.UTC().Format(time.RFC3339Nano)
	}
	return s
}

func (r resource) unit() string {
	if r.Quantity == nil {
		return ""
	}
	for _, s := range []string{r.Quantity.Code, r.Quantity.Unit} {
		switch strings.ToLower(s) {
		case "mg/dl":
			return "mg/dL"
		case "mmol/l":
			return "mmol/L"
		}
	}
	return r.Quantity.Code // cleansing says what is wrong with it
}

func (r resource) device() string {
	if ref := r.Device.Reference; ref != "" {
		return path.Base(ref)
	}
	return r.Device.Display
}

// value is the number, or a sensor's word for what is beyond its range.
func (r resource) value() any {
	if r.Quantity == nil || r.Quantity.Value == "" {
		return nil
	}
	word := map[string]string{"<": "LOW", "<=": "LOW", ">": "HIGH", ">=": "HIGH"}[r.Quantity.Comparator]
	if word != "" {
		return word
	}
	if v, err := r.Quantity.Value.Float64(); err == nil && !math.IsInf(v, 0) {
		return v
	}
	return nil
}

// identity makes a retry recognisable: by the sender's identifier, or else, and for
// an amended or corrected reading, of which there may be several, by every byte.
func (r resource) identity(raw []byte) string {
	if r.identified() && r.Status == "final" {
		return r.finalID()
	}
	return hashed(raw)
}

func (r resource) identified() bool { return len(r.Identifier) > 0 && r.Identifier[0].Value != "" }

// revises reports whether it takes the place of another.
func (r resource) revises() bool { return r.Status != "final" && r.identified() }

// finalID is the id of the event of the final Observation of this identifier.
func (r resource) finalID() string {
	return hashed([]byte(r.Identifier[0].System + "|" + r.Identifier[0].Value))
}

func hashed(raw []byte) string {
	sum := sha256.Sum256(raw)
	return "fhir-" + hex.EncodeToString(sum[:16])
}

func compact(raw json.RawMessage) json.RawMessage {
	var b bytes.Buffer
	if json.Compact(&b, raw) != nil {
		return raw
	}
	return b.Bytes()
}

// identified is the Observation with its id.
func (o observation) identified() json.RawMessage {
	var fields map[string]json.RawMessage
	if json.Unmarshal(o.raw, &fields) != nil || fields["id"] != nil {
		return o.raw
	}
	fields["id"] = json.RawMessage(`"` + o.id + `"`)
	raw, err := json.Marshal(fields)
	if err != nil {
		return o.raw
	}
	return raw
}
