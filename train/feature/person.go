package feature

import (
	"math"
	"time"
)

// Guardrails of the settings, reference Loop's Guardrail+Settings.swift, and what
// is assumed of somebody of whom nothing is known.
const (
	isfLeast, isfMost  = 10, 500
	icrLeast, icrMost  = 2, 150
	isfUsual, icrUsual = 45, 11
	isfByTotal         = 1800 // mg/dL: ISF ≈ 1800 / units per day
	icrByTotal         = 500  // g: ICR ≈ 500 / units per day
	dailyLeast         = 20   // units; less is a log with holes
	youngest           = 1900
)

// sensitivity fills ISF and CSF from the settings; where they say nothing, from
// the insulin of the last week by the 1800 and 500 rules; else the usual values.
func (w *Window) sensitivity(at time.Time, v *Vector) {
	isf, icr := float64(isfUsual), float64(icrUsual)
	if daily, ok := w.DailyTotal(at); ok && daily > 0 {
		v[Daily] = float64(daily)
		v[DailyRatio] = float64(w.Total24(at)) / float64(daily)
		isf = isfByTotal / max(v[Daily], dailyLeast)
		icr = icrByTotal / max(v[Daily], dailyLeast)
	}
	if s := w.Settings(); s != nil {
		toldISF, toldICR := s.ISF.At(at, s.Zone), s.ICR.At(at, s.Zone)
		if toldISF > 0 {
			isf = toldISF
		}
		if toldICR > 0 {
			icr = toldICR
		}
		if toldISF > 0 && toldICR > 0 {
			v[Told] = 1
		}
	}
	v[ISF] = min(max(isf, isfLeast), isfMost)
	v[CSF] = v[ISF] / min(max(icr, icrLeast), icrMost)
}

func (w *Window) dayFeatures(at time.Time, v *Vector) {
	local := at.UTC()
	if s := w.Settings(); s != nil {
		local = at.In(s.Zone)
	}
	turn := 2 * math.Pi * float64(local.Hour()*60+local.Minute()) / (24 * 60)
	v[DaySin], v[DayCos] = math.Sincos(turn)
	v[HalfDaySin], v[HalfDayCos] = math.Sincos(2 * turn)
	if day := local.Weekday(); day == time.Saturday || day == time.Sunday {
		v[Weekend] = 1
	}
	v[WeekSin], v[WeekCos] = math.Sincos((float64(local.Weekday()) + turn/(2*math.Pi)) * 2 * math.Pi / 7)
	if w.workout == nil {
		return
	}
	if ago := since(at.UnixMicro(), w.workout.at); ago >= 0 && ago < 24*60 {
		v[Exertion] = w.workout.minutes * w.workout.intensity * ebb(max(ago-w.workout.minutes, 0), 120)
	}
}

func (w *Window) personFeatures(at time.Time, v *Vector) {
	s := w.Settings()
	if s == nil {
		return
	}
	if s.BirthYear > youngest {
		v[Years] = float64(at.Year() - s.BirthYear)
	}
	v[Weight] = s.WeightKg
	if s.Diabetes == "type2" {
		v[Type2] = 1
	}
	if s.Regimen == "pump" {
		v[Pump] = 1
	}
}
