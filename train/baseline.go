package train

import (
	"math"

	"github.com/titrate/titrate/train/feature"
)

// The forecasters of the report, in its order.
const (
	theModel    = iota
	toldModel   // the model, told what was done after the moment: the plan that came about
	commonModel // the model before it learns of the person
	lastValue
	straightLine
	nightscout
	ridgePooled
	ridgeOwn
	forecasters

	firstSimple = lastValue
)

// forecasterNames are theirs.
var forecasterNames = [forecasters]string{
	theModel: "model", toldModel: "model, told", commonModel: "model, of all", lastValue: "last value", straightLine: "straight line",
	nightscout: "AR2", ridgePooled: "ridge, pooled", ridgeOwn: "ridge, per person",
}

// simply is what the forecasters that are no model say, in order.
func simply(v *feature.Vector, everybody, alone *linear) [forecasters - firstSimple][horizons]float64 {
	return [...][horizons]float64{persistence(v), straight(v), ar2(v), everybody.forecast(v), alone.forecast(v)}
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
