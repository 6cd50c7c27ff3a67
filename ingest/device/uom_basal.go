package device

import (
	"slices"
	"time"
)

// longestBasal caps how long one rate is believed to have run: beyond a day the
// pump was off or its record is missing.
const longestBasal = 24 * time.Hour

// spread turns the pump rates of one basal file into doses: rate × time until
// the next rate, capped at a day. The last rate runs for the file's median gap.
//
// Of several rates set at the same minute the last one ran; the others are
// doses of nothing that lasted no time. An exact repeat of that last one gets the
// same dose, so that it stays recognisable as a repeat.
func spread(drafts []draft) {
	var rates []*draft
	for i := range drafts {
		if d := &drafts[i]; d.wire.Kind == "rapid" && !d.adrift {
			rates = append(rates, d)
		}
	}
	slices.SortStableFunc(rates, func(a, b *draft) int { return a.at.Compare(b.at) })
	last := medianGap(rates)
	for start := 0; start < len(rates); {
		end := start + 1
		for end < len(rates) && rates[end].at.Equal(rates[start].at) {
			end++
		}
		run := last
		if end < len(rates) {
			run = rates[end].at.Sub(rates[start].at)
		}
		deliver(rates[start:end], min(run, longestBasal))
		start = end
	}
}

// deliver gives the rates set at one minute their doses.
func deliver(same []*draft, run time.Duration) {
	ran, known := same[len(same)-1].rate()
	for _, d := range same {
		rate, ok := d.rate()
		if !ok {
			continue
		}
		minutes := 0.0
		if known && rate == ran {
			minutes = run.Minutes()
		}
		units := micro(rate * minutes / 60)
		d.wire.Units, d.wire.DurationMin = &units, &minutes
	}
}

// rate is the pump rate of a basal draft in U/h, if it has a readable one.
func (d *draft) rate() (float64, bool) {
	for _, f := range d.extra {
		if v, ok := f.value.(float64); ok && f.name == rateField {
			return v, true
		}
	}
	return 0, false
}

// medianGap is the middle one of the times between different stamps; 0 if there
// is none.
func medianGap(sorted []*draft) time.Duration {
	var gaps []time.Duration
	for i := 1; i < len(sorted); i++ {
		if g := sorted[i].at.Sub(sorted[i-1].at); g > 0 {
			gaps = append(gaps, g)
		}
	}
	if len(gaps) == 0 {
		return 0
	}
	slices.Sort(gaps)
	return gaps[len(gaps)/2]
}
