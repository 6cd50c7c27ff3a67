package train

import (
	"math"

	"github.com/titrate/titrate/train/feature"
)

// baseline is a forecaster that needs no training: glucose in mg/dL per horizon.
type baseline func(v *feature.Vector) [horizons]float64

// baselines are what the model is measured against, in the report's order.
var baselines = []struct {
	name     string
	forecast baseline
}{
	{"last value", persistence},
	{"straight line", straight},
	{"AR2", ar2},
}

// persistence says that glucose stays as it is.
func persistence(v *feature.Vector) (out [horizons]float64) {
	for h := range out {
		out[h] = v[feature.Glucose]
	}
	return out
}

// straight says that the trend of the last 20 minutes goes on.
func straight(v *feature.Vector) (out [horizons]float64) {
	for h, minutes := range Horizons {
		out[h] = min(max(v[feature.Glucose]+v[feature.Trend]*float64(minutes), 40), 400)
	}
	return out
}

// ar2 is Nightscout's forecast: with y = ln(glucose/140) every five minutes,
// y' = 1.716·y − 0.723·y₋₁, kept between 36 and 400 mg/dL.
func ar2(v *feature.Vector) (out [horizons]float64) {
	now := math.Log(v[feature.Glucose] / 140)
	before := math.Log(max(v[feature.Glucose]+v[feature.Lag], 20) / 140)
	least, most := math.Log(36./140), math.Log(400./140)
	h := 0
	for minutes := 5; h < horizons; minutes += 5 {
		now, before = min(max(1.716*now-0.723*before, least), most), now
		if minutes == Horizons[h] {
			out[h] = 140 * math.Exp(now)
			h++
		}
	}
	return out
}
