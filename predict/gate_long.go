package predict

import (
	"fmt"
	"math"
	"time"
)

// Long-acting insulin is taken every longEvery. A dose is missed once it is longLate past
// the hour at which it is usual (H25); it is asked about until the next is near, and
// never told to be made up for: what was forgotten in the log may have been injected. Who
// takes doses further apart than longHabit has no such hour.
const (
	longEvery    = 24 * time.Hour
	longLate     = 4 * time.Hour
	longAskUntil = 20 * time.Hour
	longHabit    = longEvery + longLate
)

var longLateGate = gate{Rule{
	ID: "long_acting_late", Stage: "state", Hazards: []string{"H25"},
	Says: fmt.Sprintf("long-acting insulin that is usual at an hour and isn't logged more than %v h later is asked about once, at a reading, or by the clock where none comes, by day or above %v mg/dL; "+
		"basal insulin is not raised while it is missing, nor for %v h after", longLate.Hours(), ketonesAbove, basalEvery.Hours()),
	Source: "H25; how long it is asked about is a proposal",
}, func(k *kernel) finding {
	if late := k.longLate(); late > longLate {
		return pass("the usual long-acting insulin is %s h late", late.Hours())
	}
	return pass("no long-acting insulin is late")
}}

// longLate is how much later it is than long-acting insulin was due; not positive if it
// isn't due, or no habit is known. Who splits it over the day takes each part daily.
func (k *kernel) longLate() time.Duration {
	next := nextLong(k.s.Insulin.Long.At, k.s.Insulin.LongPrev.At)
	if next.IsZero() || k.longTwice() || !(k.basalNow() > 0) {
		return 0
	}
	return k.s.Now.Sub(next)
}

// nextLong is when the dose after the two newest is usual; zero if no habit is known.
func nextLong(long, prev time.Time) time.Time {
	switch {
	case prev.IsZero() || long.Sub(prev) > longHabit:
		return time.Time{}
	case long.Sub(prev) < longApart:
		return prev.Add(longEvery)
	}
	return long.Add(longEvery)
}

// longAskAt is when the clock is to ask about a missed dose; zero if there is nothing to
// ask. It waits for the readings, which ask themselves, until they have stopped; for what
// was said last to expire; and for the morning.
func (p *Person) longAskAt() time.Time {
	next := nextLong(p.facts.Long.At.time(), p.facts.longBefore().LongPrev.At.time())
	if next.IsZero() {
		return time.Time{}
	}
	due := later(later(next.Add(longLate), p.contact.present.time().Add(noDataAfter)), p.advice.until())
	due = later(due, nightEnd(due, p.zone()))
	if due.Sub(next) > longAskUntil || !p.advice.lately(aboutLongLate, due).IsZero() {
		return time.Time{}
	}
	return due
}

// longDue tells whether a dose of long-acting insulin is to be asked about now.
func (k *kernel) longDue() bool {
	late := k.longLate()
	return (k.s.Ask == AboutReading || k.s.Ask == AboutLongLate) && late > longLate && late <= longAskUntil && (!k.night(k.s.Now) || k.bg > ketonesAbove)
}

// longMissed tells whether fasting mornings may be those after a missed dose.
func (k *kernel) longMissed() bool {
	gap := k.s.Basal.Gap
	return k.longLate() > longLate || !gap.IsZero() && k.s.Now.Sub(gap) < basalEvery
}

func (k *kernel) becauseLongLate() string {
	long := k.s.Insulin.Long
	return fmt.Sprintf("no long-acting insulin has been logged for %s h (last %s U): if you took it, log it with its time; if you missed it, "+
		"do what your clinic told you for a late dose; never two doses", figure(math.Round(k.s.Now.Sub(long.At).Hours())), amount(float64(long.Units)))
}
