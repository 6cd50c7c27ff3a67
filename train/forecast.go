package train

import (
	"github.com/titrate/titrate/cleanse"
	"github.com/titrate/titrate/train/feature"
)

// Horizons are the minutes ahead that a forecast speaks of.
var Horizons = feature.Horizons

// Plan is what would be done at the moment of the forecast, beyond what the
// window already holds.
type Plan struct {
	Carbs cleanse.Grams
	Dose  cleanse.Units // rapid-acting, at once
}

// Forecast is glucose ahead as quantiles per horizon; P05 ≤ P25 ≤ P50 ≤ P75 ≤ P95.
type Forecast struct {
	P05, P25, P50, P75, P95 [len(Horizons)]cleanse.MgdL
}

// At is the forecast at horizon h, lowest quantile first.
func (f *Forecast) At(h int) [len(Levels)]cleanse.MgdL {
	return [...]cleanse.MgdL{f.P05[h], f.P25[h], f.P50[h], f.P75[h], f.P95[h]}
}

// Lower takes an amount in mg/dL off every quantile, per horizon.
func (f *Forecast) Lower(by *Correction) {
	if *by == (Correction{}) {
		return
	}
	for h, mgdl := range by {
		for _, q := range [...]*cleanse.MgdL{&f.P05[h], &f.P25[h], &f.P50[h], &f.P75[h], &f.P95[h]} {
			*q = bounded(float64(*q) - mgdl)
		}
	}
}
