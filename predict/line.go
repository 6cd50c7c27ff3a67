package predict

import (
	"encoding/json"
	"time"

	"github.com/titrate/titrate/cleanse"
	"github.com/titrate/titrate/ingest"
)

// Answer is what a Scorer says to one line of wire events.
type Answer struct {
	N               int64            `json:"n"`
	Recommendations []Recommendation `json:"recommendations"`
	Outcome         string           `json:"outcome"` // accepted, late, duplicate or quarantined
	Reasons         []cleanse.Reason `json:"reasons,omitempty"`
}

// Line applies the n-th line of a file of wire events, as if the log had taken it
// at the moment that it tells of: there is no other clock. Lines are numbered
// upwards; the number is the log position. Declared history is answered too: whoever
// feeds a file line by line asks what would have been advised then.
func (s *Scorer) Line(n int64, line []byte) Answer {
	var stamp struct {
		Patient string `json:"patient"`
		Time    string `json:"time"`
	}
	rec := ingest.Record{Offset: n, Value: line}
	// What can't be read here is quarantined by the cleaner, with its reasons.
	if json.Unmarshal(line, &stamp) == nil {
		rec.Key = []byte(stamp.Patient)
		if at, err := time.Parse(time.RFC3339Nano, stamp.Time); err == nil {
			rec.Seen = at.UTC()
		}
	}
	v := s.cleaner.Clean(rec)
	v.Event.Backfill = false
	advice := s.fold(&v)
	if advice == nil {
		advice = []Recommendation{}
	}
	return Answer{N: n, Recommendations: advice, Outcome: outcomes[v.Outcome], Reasons: v.Reasons}
}

var outcomes = map[cleanse.Outcome]string{
	cleanse.Accepted: "accepted", cleanse.Quarantined: "quarantined",
	cleanse.Duplicate: "duplicate", cleanse.Late: "late",
}
