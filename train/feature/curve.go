package feature

import (
	"math"
	"strings"
	"time"
)

// Curve is how a unit of insulin acts over time after its injection: the
// exponential model with a peak, of which half of the world's closed loops make
// use (LoopAlgorithm's ExponentialInsulinModel, oref0's "exponential" curves).
// DIA, the duration of action, must be more than twice Peak. Neither includes a
// delay of onset: who models one subtracts it from the minutes.
type Curve struct {
	DIA, Peak float64 // minutes
}

// IOB is the fraction of a unit that is still to act some minutes after it was
// given: 1 up to the injection, 0 from DIA on.
func (c Curve) IOB(minutes float64) float64 {
	k := c.solve()
	return k.iob(minutes)
}

// Activity is the rate, in fractions of a unit per minute, at which a unit acts.
func (c Curve) Activity(minutes float64) float64 {
	k := c.solve()
	return k.activity(minutes)
}

// solved is a Curve with its constants worked out, for many questions in a row.
//
//	τ = peak·(1 − peak/DIA) / (1 − 2·peak/DIA)   a = 2τ/DIA
//	S = 1 / (1 − a + (1 + a)·e^(−DIA/τ))
type solved struct {
	dia, tau, a, s float64
}

func (c Curve) solve() solved {
	tau := c.Peak * (1 - c.Peak/c.DIA) / (1 - 2*c.Peak/c.DIA)
	a := 2 * tau / c.DIA
	return solved{dia: c.DIA, tau: tau, a: a, s: 1 / (1 - a + (1+a)*math.Exp(-c.DIA/tau))}
}

func (k *solved) iob(t float64) float64 {
	if t <= 0 {
		return 1
	}
	if t >= k.dia {
		return 0
	}
	return k.iobAt(t, math.Exp(-t/k.tau))
}

// iobAt is iob inside (0, DIA) for who already knows decay = e^(−t/τ).
func (k *solved) iobAt(t, decay float64) float64 {
	left := (t*t/(k.tau*k.dia*(1-k.a))-t/k.tau-1)*decay + 1
	return 1 - k.s*(1-k.a)*left
}

func (k *solved) activity(t float64) float64 {
	if t <= 0 || t >= k.dia {
		return 0
	}
	return k.s / (k.tau * k.tau) * t * (1 - t/k.dia) * math.Exp(-t/k.tau)
}

// class groups the products that share a curve.
type class uint8

const (
	adult   class = iota // lispro, aspart, glulisine
	young                // the same in a child
	faster               // faster aspart (Fiasp), ultra-rapid lispro (Lyumjev)
	inhaled              // Afrezza
	regular              // soluble human insulin
	classes
)

// presets are Loop's (ExponentialInsulinModelPreset.swift). Regular insulin is
// not among them: its values follow the label, onset within 30 minutes, strongest
// between 1.5 and 3.5 hours, 7 to 8 hours in all.
var presets = [classes]Curve{
	adult:   {DIA: 360, Peak: 75},
	young:   {DIA: 360, Peak: 65},
	faster:  {DIA: 360, Peak: 55},
	inhaled: {DIA: 300, Peak: 29},
	regular: {DIA: 480, Peak: 140},
}

// CurveFor is the curve of a rapid or short-acting product by its generic or
// brand name; an unknown or empty name means a rapid-acting analogue. A dia of
// zero takes the preset's. A person's own dia holds for injected products and is
// kept between 5 hours, below which insulin on board is underrated and doses
// stack (oref0's floor), and 10.
func CurveFor(product string, dia time.Duration, child bool) Curve {
	return curveOf(classOf(product), dia, child)
}

func curveOf(c class, dia time.Duration, child bool) Curve {
	if c == adult && child {
		c = young
	}
	curve := presets[c]
	if dia <= 0 || c == inhaled {
		return curve
	}
	curve.DIA = min(max(dia.Minutes(), 300), 600)
	if c == regular {
		curve.DIA = max(curve.DIA, presets[regular].DIA)
	}
	return curve
}

func classOf(product string) class {
	switch p := strings.ToLower(product); {
	case has(p, "fiasp", "faster", "lyumjev", "ultra", "urli"):
		return faster
	case has(p, "afrezza", "inhal"):
		return inhaled
	case has(p, "regular", "actrapid", "humulin r", "novolin r", "soluble", "human"):
		return regular
	}
	return adult
}

func has(s string, parts ...string) bool {
	for _, part := range parts {
		if strings.Contains(s, part) {
			return true
		}
	}
	return false
}
