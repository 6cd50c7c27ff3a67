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

// newScored scores by what a model knows of everybody: whoever is called like one of a
// trial's people somewhere else is somebody else.
func newScored(model *train.Model) *scored {
	return &scored{scorer: predict.NewScorer(model.Unadapted())}
}

// Observe implements Policy.
func (s *scored) Observe(at time.Time, w ingest.Wire) ([]Message, error) {
	value, err := json.Marshal(w)
	if err != nil {
		return nil, fmt.Errorf("encode event: %w", err)
	}
	said, _ := s.scorer.Apply(ingest.Record{Topic: "events", Offset: s.offset, Seen: at, Key: []byte(w.Patient), Value: value})
	s.offset++
	return messagesOf(said, w.Type == "meal"), nil
}

// Tick implements Ticker.
func (s *scored) Tick(at time.Time) []Message { return messagesOf(s.scorer.Tick(at), false) }

// messagesOf are recommendations as a person hears them who has, or hasn't, just logged
// a meal.
func messagesOf(said []predict.Recommendation, atMeal bool) []Message {
	messages := make([]Message, len(said))
	for i, r := range said {
		a := simulate.Advice{ID: r.ID, Kind: string(r.Kind), Units: float64(r.Units), CarbsG: float64(r.CarbsG), At: r.Time}
		switch {
		case r.Asks != "":
			a.ID, a.Kind = r.Asks, simulate.Ask
		case r.Alert == predict.AlertMissedBolus:
			a.Kind = simulate.AskMeal
		}
		about := aboutOf(&r)
		if atMeal && r.Alert == "" {
			about = aboutMeal
		}
		messages[i] = Message{Advice: a, Because: r.Because, Pushed: !atMeal && about != aboutMeal, About: about}
	}
	return messages
}

// aboutOf is a recommendation's kind of message. A bolus is always for a meal that was
// announced, and a hold without an alert that nothing was waiting for is about a change.
func aboutOf(r *predict.Recommendation) string {
	switch {
	case r.Alert != "":
		return r.Alert
	case r.Asks != "":
		return aboutAnswer
	case r.Kind == predict.Correction:
		return aboutCorrection
	case r.Kind == predict.Basal:
		return aboutBasal
	case r.Kind == predict.Bolus:
		return aboutMeal
	}
	return aboutChange
}
