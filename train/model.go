package train

import (
	"math"

	"github.com/titrate/titrate/cleanse"
	"github.com/titrate/titrate/train/feature"
)

// Model forecasts glucose. It is read-only once made, and safe for concurrent
// use. By horizon h, in mg/dL, with all that is learned written in capitals:
//
//	median = glucose + momentum + DRIFT − fall + rise
//	fall   = isf·INSULIN·(BOARD·used + dose·onset·unitUsed)
//	rise   = csf·CARBS·(BOARD·eaten + carbs·absorbed)
//
// INSULIN and CARBS lie between a half and two, so that a dose can't raise glucose
// nor a meal lower it, whatever was learned. The median and every quantile are linear
// in dose and carbs: the quantiles lie at sums of positive widths from the
// median, of which a part grows with the insulin and carbs at work, less than
// their effect itself.
type Model struct {
	Version  string // "prior", or the registry's name of it
	Features string // fingerprint of the features it was trained with
	Weights  Weights
	// Adaptation is what was learned of people since; nil: nothing.
	Adaptation *Adaptation
}

// Prior is the model that has seen no data: physiology and the person's settings,
// with fixed widths. Nobody has judged it, so it takes insulin to act at once, as the
// curves do: it errs towards a smaller dose.
func Prior() *Model {
	w := ZeroWeights()
	w.Onset = nil
	return &Model{Version: "prior", Features: feature.Fingerprint(), Weights: w}
}

const (
	inputMost = 4.0 // standard deviations; beyond them the network hears no difference
	// DoubtMost bounds each width's share of the effects. An inner and an outer
	// one together stay under the effect, so every quantile falls with the dose.
	DoubtMost = 0.25
	// The forecast's own limits, in mg/dL: sensors and bodies go no further.
	glucoseLeast, glucoseMost = 20, 600
)

var (
	// StrengthMost bounds the logarithm of how much stronger or weaker than the
	// settings say insulin and carbs are taken to be. People bolus when glucose
	// rises, so their data make insulin look weaker than it is; a forecast must
	// not believe that beyond reason.
	StrengthMost = math.Ln2
	// SoftplusUnit is where softplus is one: the prior's widths.
	SoftplusUnit = math.Log(math.E - 1)
)

// Forecast writes the quantiles of glucose ahead to out: what holds for everybody. It
// allocates nothing.
func (m *Model) Forecast(v *feature.Vector, plan Plan, out *Forecast) {
	m.ForecastOf(v, plan, &Correction{}, out)
}

// Correction is what to add to each quantile of a forecast per horizon, in mg/dL.
type Correction [horizons]float64

// Correction is what a person's log has taught of the moment that v tells of; zero for
// people of whom nothing was learned.
func (m *Model) Correction(patient string, v *feature.Vector) Correction {
	return m.Adaptation.correction(patient, v)
}

// ForecastOf is Forecast, moved by a correction.
func (m *Model) ForecastOf(v *feature.Vector, plan Plan, by *Correction, out *Forecast) {
	var c Course
	for h := range horizons {
		c.Insulin[h] = float64(plan.Dose) * m.Weights.acted(v, h)
		c.Carbs[h] = float64(plan.Carbs) * absorbed[h]
	}
	m.Weights.forecast(v, &c, by, out)
}

// Course is what will have acted by each horizon, beyond what the window holds:
// units of insulin and grams of carbs. The first two are a plan, an intervention
// whose effect is wanted. The others are there to learn from what people did on
// their own: within feature.Ahead of the moment, which counts as what is on board
// does, and later.
type Course struct {
	Insulin, Carbs           [horizons]float64
	SoonInsulin, SoonCarbs   [horizons]float64
	LaterInsulin, LaterCarbs [horizons]float64
}

// Forecast writes the quantiles of glucose ahead to out if that course is taken.
func (w *Weights) Forecast(v *feature.Vector, c *Course, out *Forecast) {
	w.forecast(v, c, &Correction{}, out)
}

func (w *Weights) forecast(v *feature.Vector, c *Course, by *Correction, out *Forecast) {
	var net [Outputs]float64
	w.run(v, &net)
	for h := range horizons {
		w.planned(v, &net, h, c).moved(by[h]).write(out, h)
	}
}

// quantiles are the five of one horizon, lowest first, in mg/dL.
type quantiles [5]float64

// planned are the quantiles at horizon h if that course is taken.
func (w *Weights) planned(v *feature.Vector, net *[Outputs]float64, h int, c *Course) quantiles {
	p := w.parts(v, net, h, c)
	return p.quantiles()
}

func (p parts) quantiles() quantiles {
	for k := range widths {
		p.width[k] += p.doubt[k]
	}
	low, high := p.median-p.width[lowInner], p.median+p.width[highInner]
	return quantiles{low - p.width[lowOuter], low, p.median, high, high + p.width[highOuter]}
}

// parts are a forecast at one horizon in mg/dL: the median, and of each width the
// part that is always there and the doubt about the effects at work.
type parts struct {
	median       float64
	width, doubt [widths]float64
}

func (w *Weights) parts(v *feature.Vector, net *[Outputs]float64, h int, c *Course) parts {
	insulin := c.Insulin[h] + w.BoardInsulin[h]*(v[feature.Used+h]+c.SoonInsulin[h]) + w.LaterInsulin[h]*c.LaterInsulin[h]
	carbs := c.Carbs[h] + w.BoardCarbs[h]*(v[feature.Eaten+h]+c.SoonCarbs[h]) + w.LaterCarbs[h]*c.LaterCarbs[h]
	p, d := w.prospect(v, net, h), w.doubtsAt(h)
	return p.parts(insulin, carbs, &d)
}

// spread are the widths' multiples that hold at a moment.
func (w *Weights) spread(v *feature.Vector) []float64 {
	if afterBolus(v) {
		return w.SpreadBolus
	}
	return w.Spread
}

// afterBolus tells whether the newest bolus is at most three hours old.
func afterBolus(v *feature.Vector) bool { return v[feature.LastBolusEbb] >= threeHours }

var threeHours = math.Exp(-180. / 90)

func (w *Weights) insulinStrength(net *[Outputs]float64, h int) float64 {
	return math.Exp(StrengthMost * math.Tanh(net[OutInsulin]+w.InsulinShape[h]))
}

func (w *Weights) carbsStrength(net *[Outputs]float64, h int) float64 {
	return math.Exp(StrengthMost * math.Tanh(net[OutCarbs]+w.CarbsShape[h]))
}

func (q quantiles) write(out *Forecast, h int) {
	out.P05[h], out.P25[h], out.P50[h] = bounded(q[0]), bounded(q[1]), bounded(q[2])
	out.P75[h], out.P95[h] = bounded(q[3]), bounded(q[4])
}

func bounded(mgdl float64) cleanse.MgdL {
	return cleanse.MgdL(min(max(mgdl, glucoseLeast), glucoseMost))
}

func softplus(x float64) float64 {
	if x > 30 {
		return x
	}
	return math.Log1p(math.Exp(x))
}
