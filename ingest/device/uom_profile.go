package device

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"time"
)

// uomProfile is a profile event in force from the person's first event on. The
// study gives no settings, so they are estimates from the person's own doses over
// the whole record, and say so. It isn't made if no event has a usable time.
func uomProfile(patient string, parts map[string][]draft, zone *time.Location) (draft, bool) {
	first, file := earliest(parts)
	if first.IsZero() {
		return draft{}, false
	}
	d := draft{wire: history("profile", patient), at: first, file: file}
	w := &d.wire
	w.Time = first.Format(time.RFC3339)
	w.Diabetes, w.Insulin, w.Timezone = "type1", "lispro", zone.String()
	w.TargetLow, w.TargetHigh = rawNumber(100), rawNumber(120)
	w.DIAMin = ptr(360)
	need := insulinNeed(parts["Basal"], parts["Bolus"], zone)
	w.Regimen = need.regimen
	w.DoseStepU = ptr(0.5) // the coarser step where the regimen isn't known
	if need.regimen == "pump" {
		w.DoseStepU = ptr(0.05)
	}
	need.settings(&d)
	return d, true
}

// need is how much insulin a person uses a day, in U; 0 is not known.
type need struct {
	basal, bolus float64
	regimen      string // pump or mdi; empty without basal on file
}

// insulinNeed averages over the days with doses on file: a day without any is
// missing from the record more often than from the life.
func insulinNeed(basal, bolus []draft, zone *time.Location) need {
	n := need{bolus: dailyMean(bolus, zone)}
	if rate, ok := meanRate(basal); ok {
		n.basal, n.regimen = rate*24, "pump"
	} else if n.basal = dailyMean(basal, zone); n.basal > 0 {
		n.regimen = "mdi"
	}
	return n
}

// settings writes the carb ratio and the sensitivity by the 500 and 1800 rules
// (Walsh and Roberts, Pumping Insulin: for rapid-acting insulin a unit covers
// 500/TDD g and lowers by 1800/TDD mg/dL), kept within 2–150 g/U and 10–500
// mg/dL/U.
//
// Basal is about half of the total (ADA Standards of Care, pharmacologic
// approaches), which stands in where only boluses are on file. Without boluses
// there is nothing to go by, and no setting is given.
func (n need) settings(d *draft) {
	note := "settings are estimates of the import: "
	if n.basal > 0 {
		d.wire.BasalUPerDay = rawNumber(tenth(n.basal))
	}
	if n.bolus == 0 {
		d.wire.Text = note + "no boluses on file, so no carb ratio and no sensitivity"
		return
	}
	total, how := n.basal+n.bolus, "basal and bolus on file"
	if n.basal == 0 {
		total, how = 2*n.bolus, "boluses on file, basal taken as the other half"
	}
	d.wire.ICR = rawNumber(tenth(within(500/total, 2, 150)))
	d.wire.ISF = rawNumber(tenth(within(1800/total, 10, 500)))
	d.wire.Text = fmt.Sprintf("%stotal daily dose %.1f U (%s); 500/TDD and 1800/TDD rules", note, total, how)
	d.keep("estimated", true)
}

// dailyMean is the mean of a day's doses at once, over days with any.
func dailyMean(doses []draft, zone *time.Location) float64 {
	days, sum := map[string]bool{}, 0.0
	for _, d := range doses {
		if d.adrift || d.wire.Units == nil || d.wire.DurationMin != nil || *d.wire.Units <= 0 {
			continue
		}
		sum += *d.wire.Units
		days[d.at.In(zone).Format(time.DateOnly)] = true
	}
	if len(days) == 0 {
		return 0
	}
	return sum / float64(len(days))
}

// meanRate is the mean pump rate in U/h over the time that rates are on file.
func meanRate(basal []draft) (float64, bool) {
	units, minutes := 0.0, 0.0
	for _, d := range basal {
		if d.wire.DurationMin != nil && d.wire.Units != nil {
			units += *d.wire.Units
			minutes += *d.wire.DurationMin
		}
	}
	return units / minutes * 60, minutes > 0
}

func earliest(parts map[string][]draft) (first time.Time, file string) {
	for _, kind := range uomKinds {
		for _, d := range parts[kind] {
			if !d.adrift && (first.IsZero() || d.at.Before(first)) {
				first, file = d.at, d.file
			}
		}
	}
	return first, file
}

func within(v, low, high float64) float64 { return math.Min(math.Max(v, low), high) }

func tenth(v float64) float64 { return math.Round(v*10) / 10 }

func ptr(v float64) *float64 { return &v }

func rawNumber(v float64) json.RawMessage {
	return json.RawMessage(strconv.FormatFloat(v, 'f', -1, 64))
}
