package train

import (
	"math"
)

// LowLimits are the limits, in mg/dL, of which the chance of less is asked: level 2
// and level 1 of low glucose.
var LowLimits = [...]float64{54, 70}

// Below is the chance, at horizon h, of less than LowLimits[limit]. It never falls with
// the dose, nor rises with carbs. What the quantiles alone would say of it is wrong far
// out: bodies release glucose when they are low, and people eat, so that less than 54
// comes true at four hours six times less often than a log-normal tail has it. The
// tuning people tell by how much (calibrateLows); without them the tail is believed.
func (w *Weights) Below(f *Forecast, h, limit int) float64 {
	z := f.score(h, LowLimits[limit])
	at := 2 * (limit*horizons + h)
	if len(w.Lows) != lowsSize || w.Lows[at+1] == 0 {
		return 0.5 * math.Erfc(-z/math.Sqrt2)
	}
	return sigmoid(w.Lows[at] + w.Lows[at+1]*z)
}

// lowsSize is an offset and a slope per limit and horizon.
const lowsSize = 2 * len(LowLimits) * horizons

const scoreMost = 8

// score is how many standard deviations from the median x lies, as the quantiles have
// it: a straight line between them, and a log-normal tail below the lowest.
func (f *Forecast) score(h int, x float64) float64 {
	q := f.At(h)
	for _, level := range q {
		if math.IsNaN(float64(level)) {
			return scoreMost
		}
	}
	normal := [...]float64{-1.645, -0.6745, 0, 0.6745, 1.645}
	if x < float64(q[0]) {
		z := normal[0] * math.Log(float64(q[2])/x) / math.Log(float64(q[2]/q[0]))
		return finiteScore(z, -scoreMost)
	}
	for k := 1; k < len(q); k++ {
		if x < float64(q[k]) {
			part := (x - float64(q[k-1])) / float64(q[k]-q[k-1])
			return normal[k-1] + part*(normal[k]-normal[k-1])
		}
	}
	return finiteScore(normal[4]+(x-float64(q[4]))/max(1, float64(q[4]-q[2]))*normal[4], scoreMost)
}

// finiteScore bounds z; where quantiles coincide it is what the limit says.
func finiteScore(z, limit float64) float64 {
	if math.IsNaN(z) {
		return limit
	}
	return min(max(z, -scoreMost), scoreMost)
}

const (
	lowRows    = 20  // with less than the limit; fewer tell nothing
	slopeLeast = 0.2 // of the score: chances always rise with it
)

// calibrateLows finds how often glucose really was below each limit, by what the
// forecast said of it, on people whom the weights have not seen: a logistic curve in
// the score (Platt's), per horizon.
func (w *Weights) calibrateLows(x *Examples, rows []int) {
	var seen [len(LowLimits)][horizons][]outcome
	for _, own := range fewer(x.byPerson(rows), calibrateRows) {
		x.each(w, own, func(_, h int, q quantiles, came float64) {
			var f Forecast
			q.write(&f, h)
			for l, limit := range LowLimits {
				seen[l][h] = append(seen[l][h], outcome{f.score(h, limit), came < limit})
			}
		})
	}
	lows := make([]float64, lowsSize)
	for l := range LowLimits {
		for h := range horizons {
			a, b, ok := logistic(seen[l][h])
			if !ok {
				continue // too few lows: the tail is believed, which is the safe side
			}
			at := 2 * (l*horizons + h)
			lows[at], lows[at+1] = a, b
		}
	}
	w.Lows = lows
}

// outcome is what was said, and whether it came true.
type outcome struct {
	score float64
	low   bool
}

// logistic fits chance = 1/(1 + e^−(a + b·score)) by Newton's method, with b at least
// slopeLeast. Not ok with too few lows.
func logistic(seen []outcome) (a, b float64, ok bool) {
	n := 0
	for _, o := range seen {
		n += int(truth(o.low))
	}
	if n < lowRows || n == len(seen) {
		return 0, 0, false
	}
	a, b = 0, 1.6 // the logistic curve that is closest to the normal distribution
	for range 30 {
		ga, gb, haa, hab, hbb := 0.0, 0.0, 1e-9, 0.0, 1e-9
		for _, o := range seen {
			p := sigmoid(a + b*o.score)
			d, v := truth(o.low)-p, p*(1-p)
			ga, gb = ga+d, gb+d*o.score
			haa, hab, hbb = haa+v, hab+v*o.score, hbb+v*o.score*o.score
		}
		det := haa*hbb - hab*hab
		if det <= 0 {
			break
		}
		da, db := (hbb*ga-hab*gb)/det, (haa*gb-hab*ga)/det
		a, b = a+bounded1(da), max(b+bounded1(db), slopeLeast)
		if math.Abs(da)+math.Abs(db) < 1e-9 {
			break
		}
	}
	return a, b, true
}

// bounded1 keeps a step of Newton's from running away.
func bounded1(x float64) float64 { return min(max(x, -1), 1) }
