package train

import (
	"github.com/titrate/titrate/cleanse"
)

// Horizons are the minutes ahead that a forecast speaks of.
var Horizons = [...]int{5, 15, 30, 45, 60, 90, 120, 150, 180, 210, 240}

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
