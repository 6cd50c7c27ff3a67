package feature

import (
	"math"
	"time"

	"github.com/titrate/titrate/cleanse"
)

// Vector writes the features at a moment to v. It is false, and v undefined, if
// there is no reading within Fresh before it. Events after at are overlooked,
// but for doses and meals up to Ahead of it.
func (w *Window) Vector(at time.Time, v *Vector) bool {
	now := at.UnixMicro()
	newest := w.before(now) - 1
	if newest < 0 || now-w.samples()[newest].at() > span(Fresh) {
		return false
	}
	*v = Vector{}
	w.glucoseFeatures(now, newest, v)
	w.sensitivity(at, v)
	w.insulinFeatures(at, v)
	w.mealFeatures(now, v)
	w.dayFeatures(at, v)
	w.personFeatures(at, v)
	v[IOBEffect] = v[IOB] * v[ISF]
	v[COBEffect] = v[COB] * v[CSF]
	w.balance(now, v)
	w.unexplained(newest, v)
	if v[TrendOK] == 1 {
		v[Drive] = v[Trend] + (v[Activity]*v[ISF]-v[Uptake]*v[CSF])/60
	}
	damp(v)
	return true
}

func (w *Window) glucoseFeatures(now micros, newest int, v *Vector) {
	last := &w.samples()[newest]
	v[Glucose] = last.glucose()
	v[Age] = since(now, last.at())
	v[Clipped] = clipped(last.special())
	if last.source() != cgm {
		v[Meter] = 1
	}
	for i, minutes := range lagMinutes {
		if past, ok := w.past(newest, minutes); ok {
			v[Lag+i] = past - last.glucose()
		} else if i > 0 {
			v[Lag+i] = v[Lag+i-1] // the furthest back that is known
		}
	}
	if slope, ok := w.trend(now, slopeSpan); ok {
		v[Trend], v[TrendOK] = slope, 1
	}
	w.spread(newest, v)
	w.quality(newest, v)
	v[MeanWeek], v[SpreadWeek] = w.level.week(w.periods(), now)
	v[MeanWeek] -= last.glucose()
}

// spread fills the mean, standard deviation and coverage of the last three hours.
func (w *Window) spread(newest int, v *Vector) {
	last := &w.samples()[newest]
	var n, sum, squares, covered float64
	newer := last.at()
	samples := w.samples()
	for i := newest; i >= 0; i-- {
		s := &samples[i]
		if s.source() != last.source() {
			continue
		}
		d := s.glucose() - last.glucose()
		n, sum, squares = n+1, sum+d, squares+d*d
		covered += min(since(newer, s.at()), 15)
		newer = s.at()
	}
	v[Mean3h] = sum / n
	v[Spread3h] = math.Sqrt(max(0, squares/n-v[Mean3h]*v[Mean3h]))
	v[Covered3h] = covered / glucoseReach.Minutes()
}

// longMost is after how many hours a long-acting dose is forgotten.
const longMost = 48

func (w *Window) insulinFeatures(at time.Time, v *Vector) {
	var curves curveSet
	w.curves(&curves, at)
	now := at.UnixMicro()
	usual := curves.at(curves.usual)
	for h, minutes := range Horizons {
		v[UnitUsed+h] = 1 - usual.iob(float64(minutes))
	}
	shots := w.shots()
	for i := range shots {
		s := &shots[i]
		if s.at > now+span(Ahead) {
			break
		}
		w.doseFeatures(s, curves.of(s), now, v)
	}
	v[LongAge] = longMost
	if hours := since(now, w.long.at) / 60; hours >= 0 && hours < longMost {
		v[LongAge], v[LongUnits] = hours, w.long.units
	}
}

func (w *Window) doseFeatures(s *shot, k *solved, now micros, v *Vector) {
	// A dose logged slightly ahead of now is taken as given now.
	ago := max(since(now, s.at), 0)
	units, left := s.active(), s.left(k, ago)
	v[IOB] += units * left
	v[Activity] += 60 * units * s.rate(k, ago)
	v[LastBolus] = s.units
	v[LastBolusEbb] = ebb(ago, 90)
	if left == 0 {
		return
	}
	for h, minutes := range Horizons {
		v[Used+h] += units * (left - s.left(k, ago+float64(minutes)))
	}
}

func (w *Window) mealFeatures(now micros, v *Vector) {
	plates := w.plates()
	for i := range plates {
		p := &plates[i]
		if p.at > now+span(Ahead) {
			break
		}
		ago := max(since(now, p.at), 0)
		if p.carbs < 0 {
			v[UncountedEbb] = ebb(ago, 90)
			continue
		}
		gone := Absorbed(ago)
		v[COB] += p.carbs * (1 - gone)
		v[Uptake] += 60 * p.carbs * absorption(ago)
		v[LastMeal] = p.carbs
		v[LastMealEbb] = ebb(ago, 90)
		for h, minutes := range Horizons {
			v[Eaten+h] += p.carbs * (Absorbed(ago+float64(minutes)) - gone)
		}
	}
}

func clipped(s cleanse.Special) float64 {
	switch s {
	case cleanse.Low:
		return -1
	case cleanse.High:
		return 1
	}
	return 0
}
