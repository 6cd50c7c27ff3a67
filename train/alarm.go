package train

import (
	"math"
	"slices"

	"github.com/titrate/titrate/train/feature"
)

// Alarm is how well lows are foretold. An alarm is right if glucose falls below 70
// mg/dL, for a quarter of an hour at least, within the hour after it; a low is
// foretold if an alarm came in the hour before it.
type Alarm struct {
	Chance      float64 `json:"chance"` // of a low at which the alarm goes off; chosen on the tuning people
	Lows        int     `json:"lows"`
	Foretold    int     `json:"foretold"`
	Alarms      int     `json:"alarms"`
	False       int     `json:"false_alarms"`
	Days        float64 `json:"days"`
	Recall      float64 `json:"recall"`
	Precision   float64 `json:"precision"`
	F1          float64 `json:"f1"`
	LeadMinutes float64 `json:"lead_minutes"` // median, from the first alarm to the low
	FalsePerDay float64 `json:"false_per_day"`
}

const (
	lowMgdL      = 70.0
	alarmSpan    = 60 * 60e6 // microseconds: how far an alarm looks
	alarmGap     = 25 * 60e6 // a longer gap breaks a course of readings
	lowLasting   = 9 * 60e6  // two readings of about every ten minutes: some 15 minutes
	alarmHorizon = 3         // up to Horizons[3], 45 minutes
)

// Watched is a person's glucose with what was foretold at each reading, in order of time.
type Watched struct {
	At     []int64 // microseconds since 1970
	MgdL   []float64
	Chance []float64 // of a low soon, or any score that grows with it, 0 to 1
}

// Add is one reading more.
func (p *Watched) Add(at int64, mgdl, chance float64) {
	p.At, p.MgdL, p.Chance = append(p.At, at), append(p.MgdL, mgdl), append(p.Chance, chance)
}

// watch forecasts at the readings of one person's rows, as it would live.
func (w *Weights) watch(x *Examples, rows []int) *Watched {
	out := new(Watched)
	w.follow(x, rows, func(m *instant) {
		if m.v[feature.Age] != 0 || m.v[feature.Meter] == 1 {
			return
		}
		var f Forecast
		for h := range alarmHorizon + 1 {
			m.blind(w, h).write(&f, h)
		}
		out.Add(x.At[m.row], m.v[feature.Glucose], f.LowSoon())
	})
	return out
}

// LowSoon is the chance that an alarm goes by: the largest of less than 70 mg/dL at any
// horizon up to 45 minutes, as the quantiles have it.
func (f *Forecast) LowSoon() (chance float64) {
	for h := range alarmHorizon + 1 {
		var q quantiles
		for k, mgdl := range f.At(h) {
			q[k] = float64(mgdl)
		}
		chance = max(chance, q.below(lowMgdL))
	}
	return chance
}

// below is the chance of less than a value: between quantiles by the normal
// distribution that joins them, beyond the outer ones by the same one further out.
func (q *quantiles) below(mgdl float64) float64 {
	z := [...]float64{-1.6449, -0.6745, 0, 0.6745, 1.6449}
	k := 0
	for k < len(q)-2 && mgdl > q[k+1] {
		k++
	}
	width := max(q[k+1]-q[k], 1e-6)
	at := z[k] + (mgdl-q[k])/width*(z[k+1]-z[k])
	return 0.5 * math.Erfc(-at/math.Sqrt2)
}

// lows are the readings at which a low begins.
func (p *Watched) lows() (onsets []int) {
	in := false
	for i := range p.MgdL {
		low := p.MgdL[i] < lowMgdL
		next := i+1 < len(p.At) && p.At[i+1]-p.At[i] <= alarmGap
		switch {
		case low && !in && next && p.MgdL[i+1] < lowMgdL && lastsLong(p, i):
			onsets, in = append(onsets, i), true
		case !low && in && (!next || p.MgdL[i+1] >= lowMgdL):
			in = false
		}
	}
	return onsets
}

// lastsLong tells whether glucose stays low from reading i on for a quarter of an hour.
func lastsLong(p *Watched, i int) bool {
	for j := i; j < len(p.At) && p.MgdL[j] < lowMgdL && (j == i || p.At[j]-p.At[j-1] <= alarmGap); j++ {
		if p.At[j]-p.At[i] >= lowLasting {
			return true
		}
	}
	return false
}

// score counts one person's lows and alarms at a chance, and returns the leads in minutes.
func (a *Alarm) score(p *Watched) (leads []float64) {
	onsets := p.lows()
	var alarms []int64
	quiet := int64(math.MinInt64)
	for i, at := range p.At {
		if i > 0 && at-p.At[i-1] <= alarmGap {
			a.Days += float64(at-p.At[i-1]) / (24 * 60 * 60e6)
		}
		if p.MgdL[i] < lowMgdL {
			quiet = at + alarmSpan/2 // what is low already needs no forecast
			continue
		}
		if p.Chance[i] >= a.Chance && at >= quiet {
			alarms, quiet = append(alarms, at), at+alarmSpan
		}
	}
	for _, i := range onsets {
		if i == 0 || p.At[i]-p.At[i-1] > alarmGap {
			continue // nothing was measured before it
		}
		a.Lows++
		for _, at := range alarms {
			if at < p.At[i] && p.At[i]-at <= alarmSpan {
				a.Foretold++
				leads = append(leads, float64(p.At[i]-at)/60e6)
				break
			}
		}
	}
	a.Alarms += len(alarms)
	for _, at := range alarms {
		if !slices.ContainsFunc(onsets, func(i int) bool { return p.At[i] > at && p.At[i]-at <= alarmSpan }) {
			a.False++
		}
	}
	return leads
}

// alarmAt scores people at a chance.
func alarmAt(people []*Watched, chance float64) Alarm {
	a := Alarm{Chance: chance}
	var leads []float64
	for _, p := range people {
		leads = append(leads, a.score(p)...)
	}
	if a.Lows == 0 || a.Alarms == 0 || a.Foretold == 0 {
		return a
	}
	a.Recall = float64(a.Foretold) / float64(a.Lows)
	a.Precision = float64(a.Alarms-a.False) / float64(a.Alarms)
	a.F1 = 2 * a.Recall * a.Precision / max(a.Recall+a.Precision, 1e-9)
	a.LeadMinutes = quantile(leads, 0.5)
	a.FalsePerDay = float64(a.False) / max(a.Days, 1e-9)
	return a
}

// alarm judges the forecasts of the tuning people and the others as an alarm.
func (w *Weights) alarm(x *Examples, tune, test []int) Alarm {
	everyone := func(rows []int) (people []*Watched) {
		for _, own := range x.byPerson(rows) {
			people = append(people, w.watch(x, own))
		}
		return people
	}
	return JudgeAlarm(everyone(tune), everyone(test))
}

// JudgeAlarm chooses the chance at which the alarm goes off by F1 on some people and
// judges it on others.
func JudgeAlarm(tune, others []*Watched) Alarm {
	best := Alarm{Chance: 0.5}
	for chance := 0.05; chance < 0.9; chance += 0.025 {
		if a := alarmAt(tune, chance); a.F1 > best.F1 {
			best = a
		}
	}
	return alarmAt(others, best.Chance)
}
