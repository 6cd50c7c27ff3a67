package simulate

import "time"

// Strain makes lives harder than people's own habits do, all alike. A zero field
// leaves the habit as it was drawn.
type Strain struct {
	CountSD     float64 // of the logarithm of counted over eaten carbs
	Unannounced float64 // chance that a meal or a snack is never logged
	DaySD       float64 // of the logarithm of a day's sensitivity
}

func (s Strain) on(h *habits) {
	if s.CountSD > 0 {
		h.CountSD = s.CountSD
	}
	if s.Unannounced > 0 {
		h.Unlogged, h.UnloggedBit = s.Unannounced, s.Unannounced
	}
	if s.DaySD > 0 {
		h.DaySD = s.DaySD
	}
}

// isManaged says whether somebody else decides on rapid-acting insulin at t. The
// day before the record is lived by one's own habits.
func (p *Person) isManaged(t time.Time) bool { return p.options.Managed && !t.Before(p.start) }

// Rescues is how often they treated a low by themselves since they were made.
func (p *Person) Rescues() int { return p.d.Rescues }
