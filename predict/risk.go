package predict

import (
	"github.com/titrate/titrate/train"
	"github.com/titrate/titrate/train/glycemia"
)

// riskStraightAbove is the glucose, in mg/dL, from which risk goes on as a straight
// line. Up to there Kovatchev's function is convex, and with it the expected risk
// as a function of the dose: so that the best dose never falls as carbs are added
// and never rises with insulin on board.
const riskStraightAbove = 300.0

// risk is Kovatchev's risk of a glucose in mg/dL, which then goes on straight.
func risk(mgdl float64) float64 {
	at, _ := glycemia.Risk(min(mgdl, riskStraightAbove))
	return at + riskSlopeAbove*max(0, mgdl-riskStraightAbove)
}

// riskSlopeAbove is the slope of the line, per mg/dL.
var riskSlopeAbove = glycemia.RiskSlope(riskStraightAbove)

// expectedRisk is the mean risk over the forecast's quantiles and over the time
// from now to its end, each horizon standing for the minutes around it.
func expectedRisk(f *train.Forecast) float64 {
	sum, minutes := 0.0, 0.0
	for h := range train.Horizons {
		w := around(h)
		// Each quantile stands for the part of the distribution around it.
		sum += w * (0.15*(risk(float64(f.P05[h]))+risk(float64(f.P95[h]))) +
			0.225*(risk(float64(f.P25[h]))+risk(float64(f.P75[h]))) +
			0.25*risk(float64(f.P50[h])))
		minutes += w
	}
	return sum / minutes
}

// around is how many minutes horizon h stands for: half of the way to each
// neighbour.
func around(h int) float64 {
	from, to := 0, train.Horizons[len(train.Horizons)-1]
	if h > 0 {
		from = train.Horizons[h-1]
	}
	if h+1 < len(train.Horizons) {
		to = train.Horizons[h+1]
	}
	return float64(to-from) / 2
}
