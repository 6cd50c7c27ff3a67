package predict

import (
	"math"
	"time"

	"github.com/titrate/titrate/cleanse"
)

// habitNames are what moments can ask of somebody's days, besides features.
var habitNames = [...]string{
	"hour", "days_away", "days_without_meal", "tir_week", "tir_week_before", "low_week", "week_days", "before_days",
}

// habits are what is remembered of somebody's days: which ones had an event, or a meal,
// and how glucose was on each of the last two weeks'. Days are the person's own, counted
// since 1970.
type habits struct {
	Last  int32      // the newest day with an event
	Away  int32      // whole days between it and the one before
	Meal  int32      // the newest day with a meal; the first day of all if there was none
	Today dayShare   // is under way
	Days  []dayShare // that are over and had readings, oldest first
	// Zone is that of the day under way: who travels changes days at the next midnight.
	Zone string
	From stamp // its first event
	zone *time.Location
	// Told is when each moment was told last.
	Told map[string]time.Time `json:",omitempty"`
}

// dayShare counts a day's readings.
type dayShare struct {
	Day        int32
	N, In, Low uint16
}

const habitDays = 14

// dayOf is the day of a time in a zone.
func dayOf(t time.Time, zone *time.Location) int32 {
	year, month, day := t.In(zone).Date()
	return int32(time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Unix() / (24 * 3600))
}

// observe takes an event in, and tells whether a day has begun with it.
func (h *habits) observe(e *cleanse.Event, zone *time.Location) (begun bool) {
	if h.zone == nil {
		h.zone = zone
	}
	day := dayOf(e.At, h.zone)
	if day < h.Last {
		return false // late: its day is over
	}
	if begun = day > h.Last; begun {
		day = max(dayOf(e.At, zone), h.Last+1)
		h.begin(day)
		h.zone, h.Zone, h.From = zone, zone.String(), stampOf(e.At)
	}
	if h.Meal == 0 || e.Kind == cleanse.Meal && day > h.Meal {
		h.Meal = day
	}
	if dayOf(e.At, h.zone) == h.Last { // what began a traveller's day may not be of it where they are now
		h.count(e, h.Last)
	}
	return begun
}

// begin closes the day that was under way.
func (h *habits) begin(day int32) {
	if h.Today.N > 0 {
		h.Days = append(h.Days, h.Today)
		if over := len(h.Days) - habitDays; over > 0 {
			h.Days = append(h.Days[:0], h.Days[over:]...)
		}
	}
	h.Away = 0
	if h.Last != 0 {
		h.Away = day - h.Last - 1
	}
	h.Last, h.Today = day, dayShare{Day: day}
}

// highAbove is the upper end of the consensus range, in mg/dL.
const highAbove = 180.0

func (h *habits) count(e *cleanse.Event, day int32) {
	if e.Kind != cleanse.Glucose || stampOf(e.At) < h.From || h.Today.N == math.MaxUint16 {
		return
	}
	h.Today.Day = day
	h.Today.N++
	switch mgdl := e.Glucose.MgdL; {
	case mgdl < lowBelow:
		h.Today.Low++
	case mgdl <= highAbove:
		h.Today.In++
	}
}

// numbers are the habits by the order of habitNames, at a moment.
func (h *habits) numbers(now time.Time, zone *time.Location) [len(habitNames)]float64 {
	local, today := now.In(zone), dayOf(now, zone)
	var week, before share
	for _, d := range h.Days {
		switch ago := today - d.Day; {
		case ago >= 1 && ago <= 7:
			week.add(d)
		case ago > 7 && ago <= habitDays:
			before.add(d)
		}
	}
	return [...]float64{
		float64(local.Hour()) + float64(local.Minute())/60, float64(h.Away), float64(today - h.Meal),
		week.percent(week.in), before.percent(before.in), week.percent(week.low), week.days, before.days,
	}
}

// share sums days.
type share struct{ days, n, in, low float64 }

func (s *share) add(d dayShare) {
	s.days, s.n, s.in, s.low = s.days+1, s.n+float64(d.N), s.in+float64(d.In), s.low+float64(d.Low)
}

func (s *share) percent(part float64) float64 { return 100 * part / max(s.n, 1) }
