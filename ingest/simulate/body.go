package simulate

import "math"

// MgdLPerMmolL converts mmol/L of glucose to mg/dL (molar mass 180.1559 g/mol).
const MgdLPerMmolL = 18.01559

const mmolPerGram = 1000 / 180.1559

// The states of a Body: glucose in mmol, insulin in mU, time in minutes.
const (
	gut1      = iota // mixed meal, first compartment
	gut2             // mixed meal, second compartment
	fast1            // glucose tablets and juice
	fast2            //
	depot1           // rapid-acting insulin under the skin
	depot2           //
	slow1            // long-acting insulin: precipitate
	slow2            // long-acting insulin: dissolved
	plasma           // insulin in plasma
	action1          // insulin action on distribution, 1/min
	action2          // insulin action on disposal, 1/min
	action3          // insulin action on hepatic production, fraction
	q1               // glucose, accessible compartment
	q2               // glucose, non-accessible compartment
	release          // own insulin secretion, mU/min
	effort           // present exercise intensity, 0 to 1
	afterglow        // what past exercise adds to sensitivity, fraction
	tissue           // interstitial glucose, mmol/L
	absorbed         // account: glucose that left the gut
	cleared          // account: insulin that left the plasma
	secreted         // account: own insulin released
	nStates
)

type vector [nStates]float64

// Body is one person's glucose and insulin: the Cambridge (Hovorka) model.
//
// Glucose kinetics and the three insulin actions: Hovorka R et al., Am J Physiol
// Endocrinol Metab 2002;282:E992. Subcutaneous absorption, gut and renal
// excretion: Hovorka R et al., Physiol Meas 2004;25:905. Saturable
// insulin-independent use, ceiling of gut absorption and variability: Wilinska ME
// et al., J Diabetes Sci Technol 2010;4:132.
//
// It is integrated by classical Runge-Kutta with a fixed step of one minute: the
// fastest rate of the model is below 0.5 a minute, so the step is far inside the
// region of stability and halving it moves glucose by less than 0.01 mg/dL
// (tested); boluses and meals fall on whole minutes, where an adaptive method
// would have to restart; and a fixed step takes the same path on every machine.
// RK4 keeps linear invariants, so the accounts of carbs and insulin close to
// rounding error.
type Body struct {
	params Params
	x      vector
	eaten  float64 // account: bioavailable glucose taken, mmol
	given  float64 // account: insulin given, mU
}

// Input is what enters a Body in one Step. Amounts arrive at its beginning, rates
// hold throughout. Zero multipliers mean 1.
type Input struct {
	CarbsG       float64 // carbohydrate of a mixed meal
	FastCarbsG   float64 // glucose tablets, juice
	GlucoseIVG   float64 // glucose into the vein
	RapidU       float64 // rapid-acting insulin under the skin
	InsulinIVU   float64 // insulin into the vein
	LongU        float64 // long-acting insulin under the skin
	BasalUPerMin float64 // rapid-acting insulin by pump
	Exercise     float64 // intensity, 0 (rest) to 1 (all out); 0.5 is moderate

	Sensitivity float64 // multiplies the three insulin actions
	Liver       float64 // multiplies hepatic glucose production
	Digestion   float64 // multiplies the time-to-peak of a mixed meal
}

// NewBody is a body with these parameters, at rest: fasting at 115 mg/dL with the
// pump basal (BasalFor) that keeps it there.
func NewBody(p Params) *Body {
	b := &Body{params: p}
	b.Settle(restMgdL, 0)
	return b
}

// restMgdL is where basal insulin is titrated to, the middle of 110–120 mg/dL.
const restMgdL = 115.0

// Clone is an independent copy, for counterfactuals.
func (b *Body) Clone() *Body {
	c := *b
	return &c
}

// Glucose is plasma glucose in mg/dL.
func (b *Body) Glucose() float64 { return b.concentration(&b.x) * MgdLPerMmolL }

// Interstitial is glucose in interstitial fluid, which sensors see, in mg/dL.
func (b *Body) Interstitial() float64 { return b.x[tissue] * MgdLPerMmolL }

// Insulin is plasma insulin in mU/L.
func (b *Body) Insulin() float64 { return b.x[plasma] / b.insulinVolume() }

// Params are the parameters the body was made with.
func (b *Body) Params() Params { return b.params }

func (b *Body) glucoseVolume() float64 { return b.params.VG * b.params.WeightKg }
func (b *Body) insulinVolume() float64 { return b.params.VI * b.params.WeightKg }

func (b *Body) concentration(x *vector) float64 { return x[q1] / b.glucoseVolume() }

// Step lives through minutes (any positive length; whole minutes are exact) under
// in.
func (b *Body) Step(minutes float64, in Input) {
	in.fill()
	b.take(in)
	for left := minutes; left > 1e-9; left-- {
		b.rungeKutta(math.Min(left, 1), &in)
	}
}

func (in *Input) fill() {
	for _, f := range []*float64{&in.Sensitivity, &in.Liver, &in.Digestion} {
		if *f == 0 {
			*f = 1
		}
	}
}

// take adds the amounts of in to the compartments where they arrive. What of the
// carbs is not bioavailable (1-AG) never enters.
func (b *Body) take(in Input) {
	mixed, quick := in.CarbsG*mmolPerGram*b.params.AG, in.FastCarbsG*mmolPerGram*b.params.AG
	b.x[gut1] += mixed
	b.x[fast1] += quick
	b.eaten += mixed + quick
	b.x[q1] += in.GlucoseIVG * mmolPerGram
	b.x[depot1] += in.RapidU * 1000
	b.x[slow1] += in.LongU * 1000
	b.x[plasma] += in.InsulinIVU * 1000
	b.given += (in.RapidU + in.LongU + in.InsulinIVU) * 1000
}

func (b *Body) rungeKutta(h float64, in *Input) {
	var k1, k2, k3, k4, y vector
	b.flow(&b.x, in, &k1)
	advance(&y, &b.x, &k1, h/2)
	b.flow(&y, in, &k2)
	advance(&y, &b.x, &k2, h/2)
	b.flow(&y, in, &k3)
	advance(&y, &b.x, &k3, h)
	b.flow(&y, in, &k4)
	for i := range b.x {
		b.x[i] += h / 6 * (k1[i] + 2*k2[i] + 2*k3[i] + k4[i])
	}
	b.given += h * in.BasalUPerMin * 1000
}

func advance(y, x, k *vector, h float64) {
	for i := range y {
		y[i] = x[i] + h*k[i]
	}
}

// flow is the time derivative d of the states x.
func (b *Body) flow(x *vector, in *Input, d *vector) {
	p := &b.params
	appearance := b.digest(x, in, d)
	b.absorb(x, in, d)
	b.act(x, in, d)
	b.exert(x, in, d)

	g := b.concentration(x)
	transport := x[action1] * x[q1]
	d[q1] = appearance + b.production(g, x[action3])*in.Liver + p.K12*x[q2] -
		transport - b.use(g) - b.excretion(g) - strain(x, g)
	d[q2] = transport - (p.K12+x[action2])*x[q2]
	d[tissue] = (g - x[tissue]) / p.TauTissue
}

// act moves insulin's three actions toward what plasma insulin asks for (Hovorka
// 2002). Sensitivity scales all three.
func (b *Body) act(x *vector, in *Input, d *vector) {
	p := &b.params
	drive := x[plasma] / b.insulinVolume() * in.Sensitivity * (1 + x[afterglow])
	d[action1] = p.Ka1 * (p.SIT*drive - x[action1])
	d[action2] = p.Ka2 * (p.SID*drive - x[action2])
	d[action3] = p.Ka3 * (p.SIE*drive - x[action3])
}

// use is glucose use that needs no insulin, mmol/min, at g mmol/L: F01/0.85·g/(g+1)
// (Wilinska 2010; it equals about F01 at euglycaemia).
func (b *Body) use(g float64) float64 {
	return b.params.F01 / 0.85 * g / (g + 1) * b.params.WeightKg
}

// excretion is renal loss, mmol/min: RCl·(g-RTh) above the threshold (Hovorka
// 2004). From 18 mmol/L on, where reabsorption is saturated, the slope is Wilinska
// 2010's 0.01 a minute, which is about the glomerular filtration rate.
func (b *Body) excretion(g float64) float64 {
	p := &b.params
	saturated := (0.01 - p.RCl) * math.Max(0, g-18)
	return b.glucoseVolume() * (p.RCl*math.Max(0, g-p.RTh) + saturated)
}

// production is hepatic glucose output, mmol/min: EGP0·(1-x3), never negative, and
// a counter-regulatory part that begins at 3.7 mmol/L, is the fraction Counter of
// EGP0 at 1.7 and rises without bound toward 0. The Cambridge model has none; in
// type 1 diabetes it is blunted, not absent (Bolli G et al., Diabetes 1983;32:134).
// Its shape is this project's choice: small where people are treated, and a floor
// under overdoses, below which nobody's measurements say anything.
func (b *Body) production(g, x3 float64) float64 {
	p := &b.params
	rescue := 0.0
	if alarm := (3.7 - g) / 2; alarm > 0 {
		rescue = p.Counter * alarm * alarm * alarm * 1.7 / math.Max(g, 0.1)
	}
	return p.EGP0 * p.WeightKg * (math.Max(0, 1-x3) + rescue)
}
