package feature

import "time"

// curveSet is one person's curves at one moment, each solved when it is asked for.
type curveSet struct {
	solved [classes]solved
	known  [classes]bool
	usual  class
	dia    time.Duration
	child  bool
}

// curves works out the person's curves: their own duration of action where the
// settings give one, a child's peak below 18 years.
func (w *Window) curves(set *curveSet, at time.Time) {
	if s := w.Settings(); s != nil {
		set.dia, set.usual = s.DIA, w.usual
		set.child = s.BirthYear > 0 && at.Year()-s.BirthYear < 18
	}
}

func (set *curveSet) of(s *shot) *solved {
	if s.named {
		return set.at(s.product)
	}
	return set.at(set.usual)
}

func (set *curveSet) at(c class) *solved {
	if !set.known[c] {
		set.solved[c], set.known[c] = curveOf(c, set.dia, set.child).solve(), true
	}
	return &set.solved[c]
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
