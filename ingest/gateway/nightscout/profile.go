package nightscout

import (
	"encoding/json"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/titrate/titrate/ingest"
)

// mgdlPerMmol converts mmol/L of glucose to mg/dL (molar mass 180.1559 g/mol).
const mgdlPerMmol = 18.01559

// unit is the wire's word for a unit as sites spell it; empty if it isn't known.
func unit(s string) string {
	switch strings.ToLower(s) {
	case "mg/dl", "mgdl":
		return "mg/dL"
	case "mmol/l", "mmol":
		return "mmol/L"
	}
	return ""
}

// profileRecord is the default profile of a record, in force from its start on.
func profileRecord(f fields) ingest.Wire {
	start := f.text("startDate")
	if start == "" {
		start = f.text("created_at")
	}
	if at, ok := moment(start); ok {
		start = iso(at)
	}
	w := ingest.Wire{Time: clip(start, maxName)}
	chosen := f.under("store").under(f.text("defaultProfile"))
	if chosen == nil {
		w.Type = "profile"
		fault(&w, "the default profile isn't among those of the record")
		return w
	}
	settings(&w, chosen, f.text("units"), 1)
	return w
}

// switched is the profile that a switch carries along. One for a limited time or
// shifted by hours is none that stays in force, and stays a note.
func switched(f fields) fields {
	if f.says("duration") || f.says("timeshift") {
		return nil
	}
	return f.under("profileJson")
}

// share is what part of a profile's insulin a switch gives.
func share(f fields) float64 {
	if percent, ok := f.number("percentage"); ok && percent > 0 {
		return percent / 100
	}
	return 1
}

// settings fills a profile. More insulin (share above 1) is a smaller ratio and a
// smaller sensitivity.
func settings(w *ingest.Wire, p fields, siteUnit string, share float64) {
	w.Type, w.Timezone = "profile", clip(p.text("timezone"), maxName)
	if hours, ok := p.number("dia"); ok {
		minutes := rounded(hours * 60)
		w.DIAMin = &minutes
	}
	w.ICR = steps(w, p, "carbratio", 1/share)
	w.BasalUPerDay = steps(w, p, "basal", 24*share)
	if p.text("units") != "" {
		siteUnit = p.text("units")
	}
	factor := 1.0
	switch unit(siteUnit) {
	case "mmol/L":
		factor = mgdlPerMmol
	case "":
		fault(w, "units are neither mg/dl nor mmol, so sensitivity and targets aren't known")
		return
	}
	w.ISF = steps(w, p, "sens", factor/share)
	w.TargetLow = steps(w, p, "target_low", factor)
	w.TargetHigh = steps(w, p, "target_high", factor)
}

// step is one of the wire's schedule.
type step struct {
	Start string  `json:"start"`
	Value float64 `json:"value"`
}

// steps is a setting through the day times factor: the wire's schedule, or a plain
// number where it is the same all day.
func steps(w *ingest.Wire, p fields, name string, factor float64) json.RawMessage {
	var all []step
	list, _ := p[name].([]any)
	if _, ok := p.number(name); ok {
		list = []any{map[string]any{"time": "00:00", "value": p[name]}}
	}
	for _, element := range list {
		s, _ := element.(map[string]any)
		v, ok := fields(s).number("value")
		clock, err := time.Parse("15:04", fields(s).text("time"))
		if value := rounded(v * factor); ok && err == nil && !math.IsInf(value, 0) && !math.IsNaN(value) {
			all = append(all, step{clock.Format("15:04"), value})
			continue
		}
		fault(w, name+" has a step that isn't a time of day and a number")
		return nil
	}
	return schedule(all)
}

func schedule(all []step) json.RawMessage {
	if len(all) == 0 {
		return nil
	}
	slices.SortStableFunc(all, func(a, b step) int { return strings.Compare(a.Start, b.Start) })
	var value any = all
	if len(all) == 1 && all[0].Start == "00:00" {
		value = all[0].Value
	}
	raw, err := json.Marshal(value)
	if err != nil {
		panic("nightscout: a schedule of finite numbers: " + err.Error()) // JSON has no others
	}
	return raw
}

// rounded is v to six decimals: what multiplying made, no source has measured.
func rounded(v float64) float64 {
	if math.Abs(v) > 1e9 {
		return v
	}
	return math.Round(v*1e6) / 1e6
}
