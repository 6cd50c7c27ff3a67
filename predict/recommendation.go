package predict

import (
	"time"

	"github.com/titrate/titrate/cleanse"
)

// Kind is what a recommendation advises.
type Kind string

// The kinds. Hold is a refusal, or nothing to do where an answer is owed.
const (
	Bolus      Kind = "bolus"
	Correction Kind = "correction"
	Carbs      Kind = "carbs"
	Basal      Kind = "basal"
	Check      Kind = "check"
	Hold       Kind = "hold"
)

// Recommendation is one piece of advice with everything a person needs to check
// it. Units belongs to the insulin kinds, CarbsG to Carbs.
type Recommendation struct {
	ID         string          `json:"id"` // hash of patient, model and log position: a replay makes the same
	Patient    string          `json:"patient"`
	Time       time.Time       `json:"time"`
	Expires    time.Time       `json:"expires"`
	Kind       Kind            `json:"kind"`
	Units      cleanse.Units   `json:"units"`
	CarbsG     cleanse.Grams   `json:"carbs_g"`
	Because    string          `json:"because"`
	Components Components      `json:"components"`
	Gates      []Gate          `json:"gates"`
	Forecast   []ForecastPoint `json:"forecast"`
	Model      string          `json:"model"`
	Event      EventRef        `json:"event"`
	// Alert names the danger that it is about: urgent_low, low, urgent_low_soon,
	// predicted_low, high, missed_bolus, no_data, sensor_suspect, long_acting_twice or
	// long_acting_late.
	// Empty if it is none.
	Alert string `json:"alert,omitempty"`
	// Escalate is set if nobody has answered an alarm that was told before: whoever
	// looks after the person is to hear of it, too (H21).
	Escalate bool `json:"escalate,omitempty"`
	// Asks is the id of earlier advice of which it asks whether it was taken; a response
	// to that id answers, or one to this one's. Empty if it asks nothing.
	Asks string `json:"asks,omitempty"`
	// Supersedes is the id of advice that had not expired and that this takes the
	// place of.
	Supersedes string `json:"supersedes,omitempty"`
}

// Components are the parts of a dose, in units; ModelFactor is what the model
// multiplied the formula's dose by.
type Components struct {
	MealU       cleanse.Units `json:"meal_u"`
	CorrectionU cleanse.Units `json:"correction_u"`
	IOBU        cleanse.Units `json:"iob_u"`
	ModelFactor float64       `json:"model_factor"`
	// LogShare is what insulin and carbs on board counted for in a warning of a low, of what the
	// settings say; absent of all else, and where they count as a model has learned.
	LogShare float64 `json:"log_share,omitempty"`
}

// Gate is one safety check and its outcome. Every gate runs and reports.
type Gate struct {
	ID      string `json:"id"`
	Outcome string `json:"outcome"` // pass, reduce or block
	Note    string `json:"note"`
}

// ForecastPoint is the forecast at one horizon, in mg/dL.
type ForecastPoint struct {
	Minutes int          `json:"minutes"`
	P05     cleanse.MgdL `json:"p05"`
	P50     cleanse.MgdL `json:"p50"`
	P95     cleanse.MgdL `json:"p95"`
	// Without is the median if the advice isn't followed; absent where it changes nothing.
	Without cleanse.MgdL `json:"without,omitempty"`
}

// EventRef is the log position of the event that was answered.
type EventRef struct {
	Partition int32 `json:"partition"`
	Offset    int64 `json:"offset"`
}
