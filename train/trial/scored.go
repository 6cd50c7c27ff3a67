package trial

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/titrate/titrate/ingest"
	"github.com/titrate/titrate/ingest/simulate"
	"github.com/titrate/titrate/predict"
	"github.com/titrate/titrate/train"
)

// scored is Titrate: each event goes as a record through the scorer that
// production runs, cleansing included.
type scored struct {
	scorer *predict.Scorer
	offset int64
}

func newScored(model *train.Model) *scored { return &scored{scorer: predict.NewScorer(model)} }

// Observe implements Policy.
func (s *scored) Observe(at time.Time, w ingest.Wire) ([]Message, error) {
	value, err := json.Marshal(w)
	if err != nil {
		return nil, fmt.Errorf("encode event: %w", err)
	}
	said, _ := s.scorer.Apply(ingest.Record{Topic: "events", Offset: s.offset, Seen: at, Key: []byte(w.Patient), Value: value})
	s.offset++
	messages := make([]Message, len(said))
	for i, r := range said {
		messages[i] = Message{
			Advice: simulate.Advice{
				ID: r.ID, Kind: string(r.Kind), Units: float64(r.Units), CarbsG: float64(r.CarbsG), At: r.Time,
			},
			Because: r.Because, Pushed: w.Type != "meal",
		}
	}
	return messages, nil
}
