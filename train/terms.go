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
	Fall   [horizons]float64 // by insulin on board and soon, in full, at the settings' strength
	Rise   [horizons]float64 // by carbs on board and soon, in full, at the settings' strength
	// What later acts add to them if they count in full.
	LaterFall, LaterRise [horizons]float64
	Target               [horizons]float64 // change of glucose that came true; 0 if unknown
	Known                [horizons]bool
}

// Terms writes those of row i to t.
func (w *Weights) Terms(x *Examples, i int, t *Terms) {
	var v feature.Vector
	x.Vector(i, &v)
	w.Inputs(&v, &t.Inputs)
	var c Course
	x.Course(i, &c)
	for h, glucose := range x.Outcome(i) {
		perUnit, perGram := v[feature.ISF]/Scale[h], v[feature.CSF]/Scale[h]
		t.Drift[h] = drift(&v, h) / Scale[h]
		t.Fall[h] = (v[feature.Used+h] + c.SoonInsulin[h]) * perUnit
		t.Rise[h] = (v[feature.Eaten+h] + c.SoonCarbs[h]) * perGram
		t.LaterFall[h], t.LaterRise[h] = c.LaterInsulin[h]*perUnit, c.LaterCarbs[h]*perGram
		came := float64(glucose)
		t.Known[h], t.Target[h] = !math.IsNaN(came), 0
		if t.Known[h] {
			t.Target[h] = (came - v[feature.Glucose]) / Scale[h]
		}
	}
}

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
	var c Course
	for _, i := range rows {
		x.Vector(i, &v)
		x.Course(i, &c)
		w.run(&v, &net)
		for h, came := range x.Outcome(i) {
			if came == came {
				fn(i, h, w.planned(&v, &net, h, &c), float64(came))
			}
		}
	}
}
