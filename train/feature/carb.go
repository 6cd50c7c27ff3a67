package feature

import "math"

// carbPeak is the time, in minutes, at which absorption of a meal is fastest:
// t_max,G of the Hovorka model (Physiol. Meas. 25:905, 2004).
const carbPeak = 40.0

// Absorbed is the fraction of a meal's carbohydrate that has appeared in the
// blood some minutes after it was eaten, by Hovorka's two equal compartments in
// a row: rate t/τ²·e^(−t/τ), hence 1 − (1 + t/τ)·e^(−t/τ) with τ = 40 min. Half
// is absorbed after 67 minutes, 98 % after four hours.
func Absorbed(minutes float64) float64 {
	if minutes <= 0 {
		return 0
	}
	x := minutes / carbPeak
	return 1 - (1+x)*math.Exp(-x)
}

// absorption is the rate of Absorbed, per minute.
func absorption(minutes float64) float64 {
	if minutes <= 0 {
		return 0
	}
	x := minutes / carbPeak
	return x / carbPeak * math.Exp(-x)
}
