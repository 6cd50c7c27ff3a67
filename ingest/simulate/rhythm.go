package simulate

import (
	"math"
	"math/rand/v2"
)

// Rhythm is how sensitivity and hepatic production vary with the time of day.
type Rhythm struct {
	Swing float64 // half the daily range of sensitivity, fraction; lowest at 07:00
	Dawn  float64 // rise of hepatic production before waking, fraction
	Phase float64 // of the three-hour oscillation, minutes
}

// drawRhythm draws a rhythm. Insulin works least at breakfast in most people
// (Visentin R et al., J Diabetes Sci Technol 2018;12:273); a dawn rise is found in
// about half. The three-hour oscillation has 5 % amplitude and a random phase
// (Wilinska 2010).
func drawRhythm(r *rand.Rand) Rhythm {
	rhythm := Rhythm{Swing: math.Max(0, 0.10+0.05*trunc(r, 2)), Phase: 180 * r.Float64()}
	if r.Float64() < 0.5 {
		rhythm.Dawn = 0.05 + 0.15*r.Float64()
	}
	return rhythm
}

const dawnPeak, dawnWidth = 360.0, 80.0 // minutes: 06:00, SD 80 min

// Sensitivity is the multiplier of insulin action at minute of the local day. Its
// mean over the day is 1.
func (r Rhythm) Sensitivity(minute float64) float64 {
	daily := r.Swing * math.Cos(2*math.Pi*(minute-19*60)/1440)
	return 1 + daily + 0.05*math.Sin(2*math.Pi*(minute+r.Phase)/180)
}

// Liver is the multiplier of hepatic production at minute of the local day.
func (r Rhythm) Liver(minute float64) float64 {
	z := (minute - dawnPeak) / dawnWidth
	return 1 + r.Dawn*math.Exp(-z*z/2)
}
