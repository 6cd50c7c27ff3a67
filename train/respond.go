package train

import (
	"github.com/titrate/titrate/cleanse"
	"github.com/titrate/titrate/train/feature"
)

// Response is the whole family of forecasts at one moment: every quantile is
// linear in dose and carbs, so that many plans cost no more than one, and the
// dose that brings a quantile to a target follows by division. In mg/dL per
// horizon and level.
type Response struct {
	still   [horizons]quantiles // if nothing is done
	perUnit [horizons]quantiles // what a unit adds; nowhere positive
	perGram [horizons]quantiles // what a gram adds; nowhere negative
}

// Respond writes the family of forecasts of a vector to out. It allocates nothing.
func (m *Model) Respond(v *feature.Vector, out *Response) {
	var net [Outputs]float64
	m.Weights.run(v, &net)
	var none, unit, gram Course
	for h := range horizons {
		unit.Insulin[h], gram.Carbs[h] = m.Weights.acted(v, h), absorbed[h]
	}
	for h := range horizons {
		out.still[h] = m.Weights.planned(v, &net, h, &none)
		out.perUnit[h] = m.Weights.planned(v, &net, h, &unit).less(out.still[h])
		out.perGram[h] = m.Weights.planned(v, &net, h, &gram).less(out.still[h])
	}
}

// Forecast writes the forecast under a plan to out.
func (r *Response) Forecast(plan Plan, out *Forecast) {
	for h := range horizons {
		q := r.still[h]
		for k := range q {
			q[k] += float64(plan.Dose)*r.perUnit[h][k] + float64(plan.Carbs)*r.perGram[h][k]
		}
		q.write(out, h)
	}
}

// PerUnit is what a unit of insulin adds to a level (index into Levels) at horizon h,
// in mg/dL; never above zero.
func (r *Response) PerUnit(h, level int) float64 { return r.perUnit[h][level] }

// DoseFor is the dose, not below zero, that brings a level (index into Levels) at
// horizon h down to a target, if those carbs are eaten. It is not ok if insulin
// has not begun to act by then.
func (r *Response) DoseFor(target cleanse.MgdL, carbs cleanse.Grams, h, level int) (dose cleanse.Units, ok bool) {
	perUnit := r.perUnit[h][level]
	if perUnit > -1e-6 {
		return 0, false
	}
	above := r.still[h][level] + float64(carbs)*r.perGram[h][level] - float64(target)
	return cleanse.Units(max(0, above/-perUnit)), true
}

func (q quantiles) less(o quantiles) quantiles {
	for k := range q {
		q[k] -= o[k]
	}
	return q
}
