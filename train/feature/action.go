package feature

import "time"

// curveSet holds the solved curves of every class for one person at one moment.
type curveSet struct {
	solved [classes]solved
	usual  class
}

// curves works out the person's curves: their own duration of action where the
// settings give one, a child's peak below 18 years.
func (w *Window) curves(set *curveSet, at time.Time) {
	var dia time.Duration
	child := false
	if s := w.settings; s != nil {
		dia = s.DIA
		set.usual = classOf(s.Insulin)
		child = s.BirthYear > 0 && at.Year()-s.BirthYear < 18
	}
	for c := range classes {
		set.solved[c] = curveOf(c, dia, child).solve()
	}
}

func (set *curveSet) of(s *shot) *solved {
	if s.named {
		return &set.solved[s.product]
	}
	return &set.solved[set.usual]
}

// pulses is how many equal parts an extended bolus is taken as.
const pulses = 8

// left is the fraction of the dose that is still to act some minutes after its
// start.
func (s *shot) left(k *solved, minutes float64) float64 {
	if s.minutes == 0 {
		return k.iob(minutes)
	}
	sum, step := 0.0, float64(s.minutes)/pulses
	for i := range pulses {
		sum += k.iob(minutes - (float64(i)+0.5)*step)
	}
	return sum / pulses
}

// rate is the fraction of the dose that acts per minute.
func (s *shot) rate(k *solved, minutes float64) float64 {
	if s.minutes == 0 {
		return k.activity(minutes)
	}
	sum, step := 0.0, float64(s.minutes)/pulses
	for i := range pulses {
		sum += k.activity(minutes - (float64(i)+0.5)*step)
	}
	return sum / pulses
}
