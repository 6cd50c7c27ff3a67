package predict

import (
	"math"
	"time"

	"github.com/titrate/titrate/cleanse"
	"github.com/titrate/titrate/cleanse/slab"
)

// The day's need of insulin, against what the settings say, is judged by what the last
// day's glucose came to under them: higher than the goal, and the day is less sensitive;
// low for long, and it is more so. A clinic looks at a pattern like that; here it is a
// proportional controller, which forgets with a time constant of half a day. Its bounds
// are the 30 % that H14 allows; its gain and goal were chosen in the trial (decision 56).
const (
	needGoal  = 120.0 // mg/dL
	needGain  = 0.5   // of the logarithm, per 50 mg/dL above the goal
	needPer   = 50.0  // mg/dL
	needLow   = 1.0   // of the logarithm, per share of time below lowBelow
	needEbb   = 12.0  // hours
	needTrust = 3.0   // hours of readings that count as much as the settings
	needHours = 6     // with readings, at least
	needLeast = 0.7
	needMost  = 1.3
)

// day is a person's glucose of the last day by the hour. It counts in tenths of a
// mg/dL, since whole numbers add up to the same in any order. A replay rebuilds it.
type day struct {
	head  int64     // the newest hour, since 1970
	hours slab.List // up to head: as many as there are readings of, at most dayHours
}

type hour struct {
	n, low uint16 // readings, and those below lowBelow
	tenths uint32
	log    agreement
}

// dayHours are kept; dayReach of them are asked about, so that a replay of Lookback
// has seen all of the oldest.
const (
	dayHours = 24
	dayReach = 21
)

func (d *day) observe(s *slab.Slab[hour], e *cleanse.Event) {
	h := e.At.Unix() / 3600
	if h <= d.head-dayHours {
		return
	}
	at := d.reach(s, h)
	if at.n == math.MaxUint16 {
		return
	}
	at.n++
	at.tenths += uint32(float64(e.Glucose.MgdL)*10 + 0.5)
	if e.Glucose.MgdL < lowBelow {
		at.low++
	}
}

// reach is the hour h, to which room is made; it isn't forgotten yet.
func (d *day) reach(s *slab.Slab[hour], h int64) *hour {
	if h >= d.head+dayHours {
		s.Free(&d.hours)
	}
	if d.hours.Len() == 0 {
		d.head = h - 1
	}
	for ; d.head < h; d.head++ {
		if d.hours.Len() == dayHours {
			s.Cut(&d.hours, 0, 1)
		}
		hours := s.Grow(&d.hours, dayHours)
		hours[len(hours)-1] = hour{}
	}
	for d.first() > h {
		hours := s.Grow(&d.hours, dayHours)
		copy(hours[1:], hours)
		hours[0] = hour{}
	}
	return &s.Of(d.hours)[h-d.first()]
}

// first is the oldest hour that is kept.
func (d *day) first() int64 { return d.head + 1 - int64(d.hours.Len()) }

// each calls fn with the hours of the last day that have readings, and how long ago
// they began.
func (d *day) each(hours []hour, now time.Time, fn func(ago int64, at *hour)) {
	last := now.Unix() / 3600
	for h := max(last-dayReach, d.first()); h <= min(last, d.head); h++ {
		if at := &hours[h-d.first()]; at.n > 0 {
			fn(last-h, at)
		}
	}
}

// need is by what the day so far has asked for more or less insulin than the settings
// say: 1 if nothing is known.
func (d *day) need(hours []hour, now time.Time) float64 {
	var weight, sum, low float64
	told := 0
	d.each(hours, now, func(ago int64, at *hour) {
		w := math.Exp(-float64(ago) / needEbb)
		told++
		weight += w
		sum += w * float64(at.tenths) / 10 / float64(at.n)
		low += w * float64(at.low) / float64(at.n)
	})
	if told < needHours {
		return 1
	}
	x := needGain*(sum/weight-needGoal)/needPer - needLow*low/weight
	return min(max(cents(math.Exp(x*weight/(weight+needTrust))), needLeast), needMost)
}

// lows is the share of the last day's readings below lowBelow.
func (d *day) lows(hours []hour, now time.Time) float64 {
	var n, low int
	d.each(hours, now, func(_ int64, at *hour) { n, low = n+int(at.n), low+int(at.low) })
	if n == 0 {
		return 0
	}
	return float64(low) / float64(n)
}

var needGate = gate{Rule{
	ID: "day_need", Stage: "state", Hazards: []string{"H14", "H9"},
	Says: "the dose is multiplied by what the last day's glucose asks for, between 0.7 and 1.3 of what the settings say; " +
		"more than them only while no low was near in the last hour",
	Source: "H14's 30 %; gain and goal chosen in the trial",
}, func(k *kernel) finding {
	need := k.s.Need
	switch {
	case need > 1 && k.lately(k.s.Glucose.LowAt):
		return pass("glucose was below %s mg/dL lately: as the settings say", nearLowUntil)
	case need > 1:
		k.need = min(need, needMost)
		return pass("the last day asks for × %s", k.need)
	case need > 0 && need < 1:
		k.need = max(need, needLeast)
		return reduce("the last day asks for × %s", k.need)
	}
	return pass("as the settings say")
}}
