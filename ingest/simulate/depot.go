package simulate

import "math"

// absorb moves insulin from under the skin through plasma.
//
// Rapid-acting insulin takes two compartments in a row with time-to-peak TmaxI and
// is cleared from plasma at Ke (Hovorka 2004).
//
// Long-acting insulin dissolves and is absorbed in two equal stages (slowRate).
// Their mean residence time is that of the published half-lives: 12.5 h for
// glargine U100 and 25.4 h for degludec (Heise T et al., Diabetes Obes Metab
// 2012;14:944). One stage of that half-life would make daily injections swing by
// ±45 %, which the flat profiles of clamp studies exclude; two give ±38 and ±10 %.
//
// Secretion, in type 2, follows glucose above a threshold with a lag (the static
// β-cell response of Dalla Man C et al., IEEE Trans Biomed Eng 2007;54:1740).
func (b *Body) absorb(x *vector, in *Input, d *vector) {
	p := &b.params
	k, slow := 1/p.TmaxI, p.slowRate()
	d[depot1] = in.BasalUPerMin*1000 - k*x[depot1]
	d[depot2] = k * (x[depot1] - x[depot2])
	d[slow1] = -slow * x[slow1]
	d[slow2] = slow * (x[slow1] - x[slow2])
	d[release] = (b.secretion(b.concentration(x)) - x[release]) / p.SecretionLag
	d[plasma] = k*x[depot2] + slow*x[slow2] + x[release] - p.Ke*x[plasma]
	d[cleared] = p.Ke * x[plasma]
	d[secreted] = x[release]
}

// slowRate is the rate of each of the two stages of long-acting insulin, 1/min.
func (p *Params) slowRate() float64 { return 2 * math.Ln2 / p.LongHalfLife }

// secretion is the insulin, mU/min, that the pancreas adds to peripheral plasma at
// a steady glucose of g mmol/L.
func (b *Body) secretion(g float64) float64 {
	p := &b.params
	return p.Secretion * p.WeightKg * math.Max(0, g-p.SecretionFrom)
}

// BasalFor is the basal insulin, U/min, that holds a fasting body at mgdl; 0 where
// it needs none.
func (b *Body) BasalFor(mgdl float64) float64 {
	insulin := b.steadyInsulin(mgdl / MgdLPerMmolL)
	need := b.params.Ke*insulin*b.insulinVolume() - b.secretion(mgdl/MgdLPerMmolL)
	return math.Max(0, need) / 1000
}

// steadyInsulin is the plasma insulin, mU/L, at which a fasting glucose of g mmol/L
// stands still. Net flux falls as insulin rises, so bisection finds it.
func (b *Body) steadyInsulin(g float64) float64 {
	lo, hi := 0.0, 500.0
	for range 60 {
		mid := (lo + hi) / 2
		if b.netFlux(g, mid) > 0 {
			lo = mid
		} else {
			hi = mid
		}
	}
	return lo
}

// netFlux is the flux into q1, mmol/min, when everything has settled at g and
// insulin.
func (b *Body) netFlux(g, insulin float64) float64 {
	p := &b.params
	x1, x2, x3 := p.SIT*insulin, p.SID*insulin, p.SIE*insulin
	disposal := g * b.glucoseVolume() * x1 * x2 / (p.K12 + x2)
	return b.production(g, x3) - b.use(g) - b.excretion(g) - disposal
}

// Settle puts the body into the fasting steady state at mgdl, with the share long
// (0 to 1) of its basal insulin as long-acting injections and the rest by pump.
// The accounts start anew.
func (b *Body) Settle(mgdl, long float64) {
	p := &b.params
	g, rate := mgdl/MgdLPerMmolL, b.BasalFor(mgdl)*1000
	insulin := b.steadyInsulin(g)
	b.x = vector{}
	b.x[q1] = g * b.glucoseVolume()
	b.x[tissue] = g
	b.x[action1], b.x[action2], b.x[action3] = p.SIT*insulin, p.SID*insulin, p.SIE*insulin
	b.x[q2] = b.x[action1] * b.x[q1] / (p.K12 + b.x[action2])
	b.x[release] = b.secretion(g)
	b.x[plasma] = (rate + b.x[release]) / p.Ke
	b.x[depot1] = rate * (1 - long) * p.TmaxI
	b.x[depot2] = b.x[depot1]
	b.x[slow1] = rate * long / p.slowRate()
	b.x[slow2] = b.x[slow1]
	b.eaten, b.given = 0, 0
}

// InsulinOnBoard is the insulin still under the skin, in units, long-acting
// included.
func (b *Body) InsulinOnBoard() float64 {
	return (b.x[depot1] + b.x[depot2] + b.x[slow1] + b.x[slow2]) / 1000
}
