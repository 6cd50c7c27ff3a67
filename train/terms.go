package train

import (
	"math"

	"github.com/titrate/titrate/train/feature"
)

// Terms are what a row of Examples contributes to the model's equation. All but
// Inputs are per horizon in units of Scale.
type Terms struct {
	Inputs [feature.Inputs]float64
	Drift  [horizons]float64 // the prior's, from the momentum
	Fall   [horizons]float64 // by insulin at the settings' strength
	Rise   [horizons]float64 // by carbs at the settings' strength
	Target [horizons]float64 // change of glucose that came true; 0 if unknown
	Known  [horizons]bool
}

// Terms writes those of row i to t.
func (w *Weights) Terms(x *Examples, i int, t *Terms) {
	var v feature.Vector
	x.Vector(i, &v)
	w.Inputs(&v, &t.Inputs)
	insulin, carbs, glucose := x.Row(i)
	for h := range horizons {
		t.Drift[h] = drift(&v, h) / Scale[h]
		t.Fall[h] = (v[feature.Used+h] + float64(insulin[h])) * v[feature.ISF] / Scale[h]
		t.Rise[h] = (v[feature.Eaten+h] + float64(carbs[h])) * v[feature.CSF] / Scale[h]
		came := float64(glucose[h])
		t.Known[h], t.Target[h] = !math.IsNaN(came), 0
		if t.Known[h] {
			t.Target[h] = (came - v[feature.Glucose]) / Scale[h]
		}
	}
}

// NewWeights are the prior's with the inputs' statistics over some rows. An input
// that never moved there is given so wide a deviation that it stays unheard: its
// weights would be what they were at random when it moves one day.
func NewWeights(x *Examples, rows []int) Weights {
	w := ZeroWeights()
	for j := range feature.Inputs {
		var sum, squares float64
		for _, i := range rows {
			f := float64(x.Features[i*feature.Size+j])
			sum += f
			squares += f * f
		}
		n := float64(max(len(rows), 1))
		w.Mean[j] = sum / n
		deviation := math.Sqrt(max(0, squares/n-w.Mean[j]*w.Mean[j]))
		w.Std[j] = deviation
		if deviation < 1e-3*(1+math.Abs(w.Mean[j])) {
			w.Std[j] = unheard
		}
	}
	return w
}

const unheard = 1e9

// Levels are the probabilities of the five quantiles, lowest first.
var Levels = [...]float64{0.05, 0.25, 0.50, 0.75, 0.95}

// Loss is the mean pinball loss over the known horizons of some rows and the five
// levels, in units of Scale: what training makes small.
func (w *Weights) Loss(x *Examples, rows []int) float64 {
	var sum float64
	var n int
	x.each(w, rows, func(_, h int, q quantiles, came float64) {
		for k, level := range Levels {
			sum += pinball(level, (came-q[k])/Scale[h])
		}
		n++
	})
	if n == 0 {
		return math.NaN()
	}
	return sum / float64(n*len(Levels))
}

func pinball(level, above float64) float64 {
	return max(level*above, (level-1)*above)
}

// each calls fn with the forecast and the outcome, in mg/dL, of every known
// horizon of some rows.
func (x *Examples) each(w *Weights, rows []int, fn func(row, h int, q quantiles, came float64)) {
	var v feature.Vector
	var net [Outputs]float64
	for _, i := range rows {
		x.Vector(i, &v)
		w.run(&v, &net)
		insulin, carbs, glucose := x.Row(i)
		for h, came := range glucose {
			if came != came {
				continue
			}
			units, grams := v[feature.Used+h]+float64(insulin[h]), v[feature.Eaten+h]+float64(carbs[h])
			fn(i, h, w.quantiles(&v, &net, h, units, grams), float64(came))
		}
	}
}
