package train

import (
	"math"

	"github.com/titrate/titrate/train/feature"
)

// Forecaster forecasts many plans at one moment at a time: what doesn't depend on the
// plan, which is nearly everything, is worked out once. It equals Model.ForecastOf bit
// for bit, allocates nothing, and isn't safe for concurrent use.
type Forecaster struct {
	w      *Weights
	doubts [horizons]doubts
	v      feature.Vector
	at     [horizons]prospect
	seen   bool // at is that of v
	net    [Outputs]float64
}

// Forecaster makes one by m, whose weights may not change any more.
func (m *Model) Forecaster() *Forecaster {
	f := &Forecaster{w: &m.Weights}
	for h := range f.doubts {
		f.doubts[h] = m.Weights.doubtsAt(h)
	}
	return f
}

// See takes the moment of which is asked from now on.
func (f *Forecaster) See(v *feature.Vector) { f.v, f.seen = *v, false }

// Forecast writes the quantiles of glucose ahead under a plan, moved by a correction, to
// out.
func (f *Forecaster) Forecast(plan Plan, by *Correction, out *Forecast) {
	if !f.seen {
		f.w.run(&f.v, &f.net)
		for h := range f.at {
			f.at[h] = f.w.prospect(&f.v, &f.net, h)
		}
		f.seen = true
	}
	for h := range f.at {
		insulin := float64(plan.Dose)*f.w.acted(&f.v, h) + f.w.BoardInsulin[h]*f.v[feature.Used+h]
		carbs := float64(plan.Carbs)*absorbed[h] + f.w.BoardCarbs[h]*f.v[feature.Eaten+h]
		p := f.at[h].parts(insulin, carbs, &f.doubts[h])
		p.quantiles().moved(by[h]).write(out, h)
	}
}

// prospect is a forecast at one horizon but for the insulin and carbs at work.
type prospect struct {
	median          float64 // in mg/dL
	perUnit         float64 // isf
	insulinStrength float64
	perGram         float64 // csf
	carbsStrength   float64
	width           [widths]float64 // in mg/dL
}

func (w *Weights) prospect(v *feature.Vector, net *[Outputs]float64, h int) prospect {
	p := prospect{
		median:  v[feature.Glucose] + drift(v, h) + Scale[h]*net[OutDrift+h],
		perUnit: v[feature.ISF], insulinStrength: w.insulinStrength(net, h),
		perGram: v[feature.CSF], carbsStrength: w.carbsStrength(net, h),
	}
	spread := w.spread(v)
	for k := range widths {
		i := k*horizons + h
		p.width[k] = spread[i] * Scale[h] * Normal[k] * softplus(net[OutWidths+i]+SoftplusUnit)
	}
	return p
}

// parts are the forecast with so many units and grams at work by its horizon.
func (p *prospect) parts(insulin, carbs float64, d *doubts) parts {
	fall := insulin * p.perUnit * p.insulinStrength
	rise := carbs * p.perGram * p.carbsStrength
	out := parts{median: p.median - fall + rise, width: p.width}
	for k := range widths {
		out.doubt[k] = DoubtMost * (d.insulin[k]*fall + d.carbs[k]*rise)
	}
	return out
}

// doubts are by how much of the effects at work each width grows at one horizon.
type doubts struct{ insulin, carbs [widths]float64 }

func (w *Weights) doubtsAt(h int) (d doubts) {
	for k := range widths {
		d.insulin[k], d.carbs[k] = sigmoid(w.InsulinDoubt[k*horizons+h]), sigmoid(w.CarbsDoubt[k*horizons+h])
	}
	return d
}

func sigmoid(x float64) float64 { return 1 / (1 + math.Exp(-x)) }
