package glycemia

import "math"

// The constants of Kovatchev's symmetrisation of the glucose scale, f = scale·(ln(g)^
// power − shift) with g in mg/dL (Kovatchev BP et al., Diabetes Care 1997;20:1655).
const (
	riskScale = 1.509
	riskPower = 1.084
	riskShift = 5.381
)

// Risk is the blood glucose risk of one reading in mg/dL, 10·f², and whether it
// belongs to high glucose. It is 0 at 112.5, 18 at 54 and 8 at 180: a low costs more
// than a high.
func Risk(mgdl float64) (risk float64, high bool) {
	f := symmetric(math.Log(mgdl))
	return 10 * f * f, f > 0
}

// RiskSlope is the derivative of Risk, per mg/dL.
func RiskSlope(mgdl float64) float64 {
	ln := math.Log(mgdl)
	return 20 * symmetric(ln) * riskScale * riskPower * math.Pow(ln, riskPower-1) / mgdl
}

func symmetric(ln float64) float64 { return riskScale * (math.Pow(ln, riskPower) - riskShift) }

// indices are the low and the high blood glucose index: means over all readings of
// the risk of those on their side.
func indices(mgdl []float64) (lbgi, hbgi float64) {
	for _, x := range mgdl {
		r, high := Risk(x)
		if high {
			hbgi += r / float64(len(mgdl))
		} else {
			lbgi += r / float64(len(mgdl))
		}
	}
	return lbgi, hbgi
}

// GRI is the glycemia risk index of percentages of time: below 54, from 54 to 69,
// from 181 to 250, and above 250 mg/dL (Klonoff DC et al., J Diabetes Sci Technol
// 2023;17:1226). It ends at 100.
func GRI(veryLow, low, high, veryHigh float64) float64 {
	return math.Min(100, 3*veryLow+2.4*low+1.6*veryHigh+0.8*high)
}

// Zone is the zone of a glycemia risk index, A (best, up to 20) to E.
func Zone(gri float64) string {
	switch {
	case gri <= 20:
		return "A"
	case gri <= 40:
		return "B"
	case gri <= 60:
		return "C"
	case gri <= 80:
		return "D"
	}
	return "E"
}
