package train

import (
	"slices"

	"github.com/titrate/titrate/train/feature"
)

// Probes tell what the model believes of interventions: the same moment is asked
// about with more insulin, and with more carbs.
type Probes struct {
	Asked      int      `json:"asked"`       // moments × horizons
	DoseWrong  int      `json:"dose_wrong"`  // of them, where more insulin raised any quantile
	CarbsWrong int      `json:"carbs_wrong"` // where more carbs lowered any quantile
	Insulin    Interval `json:"insulin"`     // strength against the settings: median, 5th and 95th percentile
	Carbs      Interval `json:"carbs"`
}

const probeRows = 500

// probe asks about some of the rows, evenly taken.
func (m *Model) probe(x *Examples, rows []int) Probes {
	var p Probes
	var v feature.Vector
	var net [Outputs]float64
	var insulin, carbs []float64
	for k := range min(len(rows), probeRows) {
		x.Vector(rows[k*len(rows)/min(len(rows), probeRows)], &v)
		m.Weights.run(&v, &net)
		var none, dosed, fed Forecast
		m.Forecast(&v, Plan{}, &none)
		m.Forecast(&v, Plan{Dose: 1}, &dosed)
		m.Forecast(&v, Plan{Carbs: 10}, &fed)
		for h := range horizons {
			p.Asked++
			p.DoseWrong += int(truth(raised(none.At(h), dosed.At(h))))
			p.CarbsWrong += int(truth(raised(fed.At(h), none.At(h))))
			insulin = append(insulin, m.Weights.insulinStrength(&net, h))
			carbs = append(carbs, m.Weights.carbsStrength(&net, h))
		}
	}
	p.Insulin, p.Carbs = middle(insulin), middle(carbs)
	return p
}

// raised tells whether any quantile of b lies above that of a.
func raised[T ~float64](a, b [len(Levels)]T) bool {
	for k := range a {
		if b[k] > a[k]+1e-9 {
			return true
		}
	}
	return false
}

func middle(x []float64) Interval {
	if len(x) == 0 {
		return Interval{}
	}
	slices.Sort(x)
	return Interval{quantile(x, 0.5), quantile(x, 0.05), quantile(x, 0.95)}
}
