package fhir

import (
	"encoding/json"
	"net/http"
	"strconv"

	"github.com/titrate/titrate/ingest/gateway"
)

// maxIssues is how many wrong entries of a Bundle are told.
const maxIssues = 100

// outcome is a FHIR OperationOutcome, for a request that was refused.
type outcome struct {
	Kind   string  `json:"resourceType"`
	Issues []issue `json:"issue"`
	status int
	retry  int // seconds after which to try again; 0: the same request won't do
}

// issue is one reason. Code is of http://hl7.org/fhir/issue-type.
type issue struct {
	Severity    string   `json:"severity"`
	Code        string   `json:"code"`
	Diagnostics string   `json:"diagnostics"`
	Expression  []string `json:"expression,omitempty"`
}

func refuse(status, retry int, issues ...issue) *outcome {
	for i := range issues {
		issues[i].Severity = "error"
	}
	return &outcome{Kind: "OperationOutcome", Issues: issues, status: status, retry: retry}
}

func gatewayRefused(r *gateway.Refusal) *outcome {
	code := "structure"
	switch r.Status {
	case http.StatusUnauthorized:
		code = "login"
	case http.StatusRequestTimeout:
		code = "timeout"
	case http.StatusTooManyRequests:
		code = "throttled"
	case http.StatusServiceUnavailable:
		code = "transient"
	case http.StatusRequestEntityTooLarge:
		code = "too-costly"
	}
	return refuse(r.Status, r.Retry, issue{Code: code, Diagnostics: r.Reason})
}

func (o *outcome) write(w http.ResponseWriter) {
	if o.status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", "Bearer")
	}
	if o.retry > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(o.retry))
	}
	write(w, o.status, o)
}

// write ignores a failing write: the client is gone, and nobody is left to be told.
func write(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/fhir+json; charset=utf-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}
