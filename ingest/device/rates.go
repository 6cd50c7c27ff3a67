package device

import (
	"encoding/json"
	"slices"
	"time"
)

// rates are a pump's scheduled basal rates, by the wall clock of a zone.
type rates struct {
	steps []step // value in U/h, sorted by start
	zone  *time.Location
}

// ratesOf reads a wire schedule of U per day.
func ratesOf(perDay json.RawMessage, zone *time.Location) rates {
	r := rates{zone: zone}
	var plain float64
	switch {
	case len(perDay) == 0:
	case json.Unmarshal(perDay, &plain) == nil:
		r.steps = []step{{"00:00", plain}}
	default:
		_ = json.Unmarshal(perDay, &r.steps) // made by schedule: it is one
	}
	for i := range r.steps {
		r.steps[i].Value = micro(r.steps[i].Value / 24)
	}
	return r
}

// at is the rate in force at t; the day's last holds until its first.
func (r rates) at(t time.Time) float64 {
	clock := t.In(r.zone).Format("15:04")
	v := r.steps[len(r.steps)-1].Value
	for _, s := range r.steps {
		if s.Start > clock {
			break
		}
		v = s.Value
	}
	return v
}

// next is the first moment after t at which a step begins.
func (r rates) next(t time.Time) time.Time {
	local := t.In(r.zone)
	var first time.Time
	for day := range 2 {
		for _, s := range r.steps {
			clock, _ := time.Parse("15:04", s.Start) // checked when it was read
			wall := time.Date(local.Year(), local.Month(), local.Day()+day, clock.Hour(), clock.Minute(), 0, 0, time.UTC)
			if at := instant(wall, r.zone); at.After(t) && (first.IsZero() || at.Before(first)) {
				first = at
			}
		}
	}
	return first
}

// piece is a stretch in which one scheduled rate is in force, or none is known.
type piece struct {
	run
	profile *nsProfile // nil: none in force
	rate    float64    // U/h
}

// pieces parts r where the scheduled rate changes.
func (p *nsPerson) pieces(r run) (all []piece) {
	for r.start.Before(r.end) {
		now := piece{run: r, profile: p.inForce(r.start)}
		change := p.nextProfile(r.start)
		if now.profile != nil {
			now.rate = now.profile.rates.at(r.start)
			if step := now.profile.rates.next(r.start); change.IsZero() || !step.IsZero() && step.Before(change) {
				change = step
			}
		}
		if !change.IsZero() && change.Before(r.end) {
			now.end = change
		}
		all = append(all, now)
		r.start = now.end
	}
	return all
}

// inForce is the latest profile with basal rates that began by t and hasn't ended.
func (p *nsPerson) inForce(t time.Time) *nsProfile {
	for i := len(p.profiles) - 1; i >= 0; i-- {
		f := &p.profiles[i]
		if !f.from.After(t) && (f.until.IsZero() || t.Before(f.until)) && len(f.rates.steps) > 0 {
			return f
		}
	}
	return nil
}

// nextProfile is when after t a profile begins or ends; zero for never.
func (p *nsPerson) nextProfile(t time.Time) (first time.Time) {
	for _, f := range p.profiles {
		for _, at := range []time.Time{f.from, f.until} {
			if at.After(t) && (first.IsZero() || at.Before(first)) {
				first = at
			}
		}
	}
	return first
}

// stretches joins moments of record that are less than longestBasal apart.
func stretches(moments []time.Time) (all []run) {
	sorted := slices.SortedFunc(slices.Values(moments), time.Time.Compare)
	for _, at := range sorted {
		if n := len(all); n > 0 && at.Sub(all[n-1].end) <= longestBasal {
			all[n-1].end = at
			continue
		}
		all = append(all, run{at, at})
	}
	return all
}

// without is what is left of the stretches outside the runs; both are sorted.
func without(stretches, runs []run) (left []run) {
	for _, s := range stretches {
		for _, r := range runs {
			if !r.end.After(s.start) || !r.start.Before(s.end) {
				continue
			}
			if r.start.After(s.start) {
				left = append(left, run{s.start, r.start})
			}
			s.start = r.end
			if !s.start.Before(s.end) {
				break
			}
		}
		if s.start.Before(s.end) {
			left = append(left, s)
		}
	}
	return left
}
