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
	return messagesOf(said, w.Type != "meal"), nil
}

// Tick implements Ticker.
func (s *scored) Tick(at time.Time) []Message { return messagesOf(s.scorer.Tick(at), true) }

// messagesOf are recommendations as a person hears them.
func messagesOf(said []predict.Recommendation, pushed bool) []Message {
	messages := make([]Message, len(said))
	for i, r := range said {
		a := simulate.Advice{ID: r.ID, Kind: string(r.Kind), Units: float64(r.Units), CarbsG: float64(r.CarbsG), At: r.Time}
		switch {
		case r.Asks != "":
			a.ID, a.Kind = r.Asks, simulate.Ask
		case r.Alert == predict.AlertMissedBolus:
			a.Kind = simulate.AskMeal
		}
		messages[i] = Message{Advice: a, Because: r.Because, Pushed: pushed}
	}
	return messages
}
