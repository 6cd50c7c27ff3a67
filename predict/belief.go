package predict

import (
	"math"
	"time"
)

// A model that was trained knows how much of what is logged comes true. The prior takes each
// unit and gram at its word, and of somebody who doesn't log all meals it sees a low in every
// bolus. So its warnings and carbs count insulin and carbs on board for the share that the last
// hours bore out: the slope, through nothing, of each hour's change of glucose on what the log
// said of it, begun as if it had been borne out in full. Doses don't: for them insulin on board counts in
// full, whatever was seen (H8). See decision 69.
const (
	beliefLeast = 0.1
	beliefReach = 14     // hours; a replay of Lookback knows the insulin of all of them
	beliefPrior = 3000.0 // (mg/dL)²: a dozen readings of whose hour the log says 15 mg/dL
	agreeMost   = 150.0  // mg/dL of one hour
	agreeUnit   = 10.0   // (mg/dL)²
)

// agreement is what an hour's readings say of the log, in units of agreeUnit: sums of
// squares of what it explained, and of the products with what came.
type agreement struct {
	explained uint16
	agreed    int16
}

// add counts the change over an hour and what the log said of it, in mg/dL.
func (a *agreement) add(changed, explained float64) {
	x := min(max(explained, -agreeMost), agreeMost)
	y := min(max(changed, -agreeMost), agreeMost)
	a.explained = uint16(min(float64(a.explained)+math.Round(x*x/agreeUnit), math.MaxUint16))
	a.agreed = int16(min(max(float64(a.agreed)+math.Round(x*y/agreeUnit), math.MinInt16), math.MaxInt16))
}

// agree notes how a reading agrees with the log, if it is the newest.
func (p *Person) agree(at time.Time) {
	last, ok := p.window.Last()
	if !ok || !last.At.Equal(at.Truncate(time.Microsecond)) {
		return
	}
	if changed, explained, ok := p.window.LastHour(); ok {
		p.day.reach(&p.desk.days, at.Unix()/3600).log.add(changed, explained)
	}
}

// belief is the share of what insulin and carbs on board say that the last hours bore out,
// from beliefLeast to 1. Only hours that began after the settings came to hold count: those
// before them were judged by others, which a replay doesn't know.
func (d *day) belief(hours []hour, now, settings time.Time) float64 {
	explained, agreed := beliefPrior/agreeUnit, beliefPrior/agreeUnit
	last := now.Unix() / 3600
	d.each(hours, now, func(ago int64, at *hour) {
		if ago < beliefReach && (settings.IsZero() || last-ago > settings.Unix()/3600+1) {
			explained, agreed = explained+float64(at.log.explained), agreed+float64(at.log.agreed)
		}
	})
	return min(max(cents(agreed/explained), beliefLeast), 1)
}

// share is what insulin and carbs on board count for in warnings.
func (k *kernel) share() float64 {
	if k.s.Belief > 0 {
		return k.s.Belief
	}
	return 1
}
