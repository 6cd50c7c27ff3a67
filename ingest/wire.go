package ingest

import "encoding/json"

// Wire is one event as producers send it: JSON, one object per message, keyed by
// patient. Units are required, never guessed. Pointers are nil where a field is
// absent. Nothing here is validated: a Wire may hold anything a device sent.
type Wire struct {
	Type    string `json:"type,omitempty"`    // glucose, meal, insulin, profile, response, activity, note, retraction
	ID      string `json:"id,omitempty"`      // makes a retry recognisable
	Patient string `json:"patient,omitempty"` // also the message key
	Time    string `json:"time,omitempty"`    // RFC 3339 with offset: when it happened
	Device  string `json:"device,omitempty"`  // the sensor, pump or app that reports it

	// Backfill declares history: it fills the lake, is never "late", and never
	// causes advice.
	Backfill bool `json:"backfill,omitempty"`
	// Replaces is the ID of an earlier event of the same patient that this one
	// stands in for: an edit is the whole corrected event under a new ID. A
	// retraction stands in with nothing.
	Replaces string `json:"replaces,omitempty"`
	// Defect is what the reader of a foreign format found impossible about the
	// row. Such an event is quarantined with this as a reason.
	Defect string `json:"defect,omitempty"`

	// glucose
	Value  *float64 `json:"value,omitempty"`
	Unit   string   `json:"unit,omitempty"`   // mg/dL or mmol/L
	Source string   `json:"source,omitempty"` // cgm, fingerstick or lab
	Trend  string   `json:"trend,omitempty"`  // doubleUp, singleUp, fortyFiveUp, flat, …

	// meal
	CarbsG   *float64 `json:"carbs_g,omitempty"`
	Kcal     *float64 `json:"kcal,omitempty"`
	ProteinG *float64 `json:"protein_g,omitempty"`
	FatG     *float64 `json:"fat_g,omitempty"`
	FibreG   *float64 `json:"fibre_g,omitempty"`
	Meal     string   `json:"meal,omitempty"` // breakfast, lunch, dinner, snack, rescue
	Size     string   `json:"size,omitempty"` // usual, more, less: a meal logged without grams

	// insulin; also units of a response
	Units       *float64 `json:"units,omitempty"`
	Kind        string   `json:"kind,omitempty"`         // rapid, short, intermediate, long or mixed
	Reason      string   `json:"reason,omitempty"`       // meal, correction, basal; of a response: why it was declined
	Product     string   `json:"product,omitempty"`      // lispro, aspart, glargine, …
	DurationMin *float64 `json:"duration_min,omitempty"` // delivered evenly over so many minutes from time

	// profile (settings in force from time on)
	BirthYear    *int            `json:"birth_year,omitempty"`
	WeightKg     *float64        `json:"weight_kg,omitempty"`
	Diabetes     string          `json:"diabetes,omitempty"`       // type1 or type2
	Regimen      string          `json:"regimen,omitempty"`        // mdi, pump or basal
	ICR          json.RawMessage `json:"icr_g_per_u,omitempty"`    // number or schedule
	ISF          json.RawMessage `json:"isf_mgdl_per_u,omitempty"` // number or schedule
	TargetLow    json.RawMessage `json:"target_low_mgdl,omitempty"`
	TargetHigh   json.RawMessage `json:"target_high_mgdl,omitempty"`
	BasalUPerDay json.RawMessage `json:"basal_u_per_day,omitempty"`
	MaxBolusU    *float64        `json:"max_bolus_u,omitempty"`
	DoseStepU    *float64        `json:"dose_step_u,omitempty"`
	Insulin      string          `json:"insulin,omitempty"` // rapid-acting product
	DIAMin       *float64        `json:"dia_min,omitempty"` // duration of insulin action
	Timezone     string          `json:"timezone,omitempty"`

	// response
	Recommendation string `json:"recommendation,omitempty"`
	Action         string `json:"action,omitempty"` // accepted, changed, declined

	// activity
	Minutes   *float64 `json:"minutes,omitempty"`
	Intensity string   `json:"intensity,omitempty"` // light, moderate, vigorous

	// note
	Code string `json:"code,omitempty"`
	Text string `json:"text,omitempty"`
}
