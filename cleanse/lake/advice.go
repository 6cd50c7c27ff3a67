package lake

import (
	"encoding/json"
	"maps"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/titrate/titrate/cleanse"
	"github.com/titrate/titrate/ingest"
)

// advice takes the recommendations that the scorer made. What makes them lies
// downstream of this package, so they are known here by their JSON alone.
type advice struct{}

// advised is the part of a recommendation that has columns.
type advised struct {
	ID      string    `json:"id"`
	Patient string    `json:"patient"`
	Time    time.Time `json:"time"`
	Expires time.Time `json:"expires"`
	Kind    string    `json:"kind"`
	Units   float64   `json:"units"`
	CarbsG  float64   `json:"carbs_g"`
	Because string    `json:"because"`
	Model   string    `json:"model"`
	Event   struct {
		Partition int32 `json:"partition"`
		Offset    int64 `json:"offset"`
	} `json:"event"`
}

func (advice) check(rec *ingest.Record, v *cleanse.Verdict) {
	_, reasons := parseAdvice(rec.Value)
	*v = verdictOn(reasons)
}

// verdictOn is what becomes of a message of the scorer's.
func verdictOn(reasons []cleanse.Reason) cleanse.Verdict {
	if len(reasons) > 0 {
		return cleanse.Verdict{Outcome: cleanse.Quarantined, Reasons: reasons}
	}
	return cleanse.Verdict{Outcome: cleanse.Accepted}
}

func (advice) fold(*ingest.Record, *cleanse.Verdict) {}

func (advice) row(s *shelves, rec *ingest.Record, _ *cleanse.Verdict) {
	a, _ := parseAdvice(rec.Value) // checked already
	rules := judgedBy(rec)
	s.recommendations.add(recommendationRow{
		ID: a.ID, Patient: a.Patient, Time: a.Time.UnixMicro(), Received: rec.Seen.UnixMicro(),
		Expires: a.Expires.UnixMicro(), Kind: a.Kind, Units: a.Units, CarbsG: a.CarbsG,
		Because: present(&a.Because), Model: present(&a.Model), Rules: present(&rules),
		EventPartition: a.Event.Partition, EventOffset: a.Event.Offset,
		Payload: string(rec.Value), Partition: rec.Partition, Offset: rec.Offset,
	})
}

// RulesHeader is the header of a recommendation that names the rules by which the
// scorer cleansed what it answers, as cleanse.Book.Name does.
const RulesHeader = "titrate-rules"

func judgedBy(rec *ingest.Record) string {
	for _, h := range rec.Headers {
		if h.Key == RulesHeader {
			return string(h.Value)
		}
	}
	return ""
}

func parseAdvice(value []byte) (a advised, reasons []cleanse.Reason) {
	if reasons = parseOwn(value, &a); len(reasons) > 0 {
		return a, reasons
	}
	return a, missing(a.Time, map[string]string{"id": a.ID, "kind": a.Kind, "patient": a.Patient})
}

// parseOwn reads a message of ours into into, or says why it isn't one.
func parseOwn(value []byte, into any) []cleanse.Reason {
	if !utf8.Valid(value) {
		return []cleanse.Reason{{Code: "encoding", Note: "the message is not UTF-8"}}
	}
	if err := json.Unmarshal(value, into); err != nil {
		return []cleanse.Reason{{Code: "json", Note: err.Error()}}
	}
	return nil
}

// missing are reasons for each field that says nothing.
func missing(at time.Time, texts map[string]string) (reasons []cleanse.Reason) {
	for _, field := range slices.Sorted(maps.Keys(texts)) {
		if texts[field] == "" {
			reasons = append(reasons, cleanse.Reason{Field: field, Code: "missing", Note: field + " is required"})
		}
	}
	if at.IsZero() {
		reasons = append(reasons, cleanse.Reason{Field: "time", Code: "missing", Note: "time is required"})
	}
	return reasons
}
