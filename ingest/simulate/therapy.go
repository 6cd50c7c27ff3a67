package simulate

import (
	"errors"
	"math"
	"math/rand/v2"
)

// Therapy are a person's settings.
type Therapy struct {
	ICR        float64   // g of carbohydrate per U
	ISF        float64   // mg/dL per U
	Basal      []float64 // U per hour for each hour of the local day; equal for injections
	TargetLow  float64   // mg/dL
	TargetHigh float64   // mg/dL
	MaxBolus   float64   // U
	DoseStep   float64   // U, the smallest step that can be delivered
	LongStep   float64   // U, of long-acting doses
}

// BasalPerDay is the basal insulin of a day, U.
func (t Therapy) BasalPerDay() float64 {
	var sum float64
	for _, rate := range t.Basal {
		sum += rate
	}
	return sum
}

// titrate finds the settings that fit a body, by the procedure of a clinic that
// could try everything:
//
//   - basal: what holds a fasting body at 115 mg/dL, for pumps at each hour's
//     sensitivity and hepatic production, for injections at the day's mean;
//   - ISF: the fall that a correction of high glucose causes within four hours, per
//     unit;
//   - ICR: the dose that brings a standard meal back to 115 mg/dL after four and a
//     half hours, as grams per unit.
func titrate(p Params, rhythm Rhythm, c cohort, pump bool) Therapy {
	t := Therapy{TargetLow: 100, TargetHigh: 120, DoseStep: c.doseStep, LongStep: 1}
	if pump {
		t.DoseStep = 0.05
	}
	if p.WeightKg < 45 {
		t.LongStep = 0.5
	}
	t.Basal = basalProfile(p, rhythm, pump)
	t.ISF = titrateISF(p)
	t.ICR = titrateICR(p, c.mealG)
	return t
}

func basalProfile(p Params, rhythm Rhythm, pump bool) []float64 {
	rates := make([]float64, 24)
	var sum float64
	for hour := range rates {
		rates[hour] = hourlyBasal(p, rhythm, float64(hour)*60+90) // insulin given now acts in an hour and a half
		sum += rates[hour]
	}
	if !pump {
		for hour := range rates {
			rates[hour] = sum / 24
		}
	}
	return rates
}

func hourlyBasal(p Params, rhythm Rhythm, minute float64) float64 {
	s := rhythm.Sensitivity(minute) - 0.05*math.Sin(2*math.Pi*(minute+rhythm.Phase)/180)
	p.SIT, p.SID, p.SIE = p.SIT*s, p.SID*s, p.SIE*s
	p.EGP0 *= rhythm.Liver(minute)
	return NewBody(p).BasalFor(restMgdL) * 60
}

// titrateISF gives a correction of about one unit (0.015 U/kg, so that children are
// not overdosed) to a body on its basal whose glucose was raised to about 200
// mg/dL, and compares with the same body without it.
func titrateISF(p Params) float64 {
	without := NewBody(p)
	basal := without.BasalFor(restMgdL)
	rise := (200 - restMgdL) / MgdLPerMmolL * without.glucoseVolume() / mmolPerGram
	without.Step(1, Input{GlucoseIVG: rise, BasalUPerMin: basal})
	with, dose := without.Clone(), 0.015*p.WeightKg
	with.Step(240, Input{RapidU: dose, BasalUPerMin: basal})
	without.Step(240, Input{BasalUPerMin: basal})
	return (without.Glucose() - with.Glucose()) / dose
}

// titrateICR finds the meal dose by the secant rule: glucose after the meal is
// nearly linear in the dose.
func titrateICR(p Params, mealG float64) float64 {
	after := func(dose float64) float64 {
		body := NewBody(p)
		body.Step(270, Input{CarbsG: mealG, RapidU: dose, BasalUPerMin: body.BasalFor(restMgdL)})
		return body.Glucose() - restMgdL
	}
	a, b := 0.02*p.WeightKg, 0.1*p.WeightKg
	fa, fb := after(a), after(b)
	for range 5 {
		if math.Abs(fb) < 0.5 || fa == fb {
			break
		}
		next := math.Min(math.Max(b-fb*(b-a)/(fb-fa), 0.002*p.WeightKg), 2*p.WeightKg)
		a, fa, b, fb = b, fb, next, after(next)
	}
	return mealG / b
}

// errImplausible: nobody plausible was drawn. It means that a cohort's ranges and
// its distributions don't meet.
var errImplausible = errors.New("no plausible body in 1000 draws")

// drawPatient draws bodies until one's settings are plausible for its cohort.
func drawPatient(r *rand.Rand, c cohort, age float64, pump bool) (Params, Rhythm, Therapy, error) {
	for range 1000 {
		p, rhythm := c.body(r, age), drawRhythm(r)
		perKg := NewBody(p).BasalFor(restMgdL) * 1440 / p.WeightKg
		if !within(perKg, c.basalPerKg) {
			continue
		}
		t := titrate(p, rhythm, c, pump)
		if within(t.ISF, c.isf) && within(t.ICR, c.icr) {
			return p, rhythm, t, nil
		}
	}
	return Params{}, Rhythm{}, Therapy{}, errImplausible
}

func within(x float64, limits [2]float64) bool { return x >= limits[0] && x <= limits[1] }

// asInClinics perturbs settings, for no clinic knows the optimum: basal SD 10 %,
// ICR and ISF SD 15 %, with a lean to caution in the ratio, then rounded to what
// people write down.
func (t Therapy) asInClinics(r *rand.Rand, weight float64) Therapy {
	basal, icr, isf := 0.96*lognormal(r, 0.10), 1.2*lognormal(r, 0.15), 1.15*lognormal(r, 0.15)
	rates := make([]float64, len(t.Basal))
	for i, rate := range t.Basal {
		rates[i] = nearest(rate*basal, 0.025)
	}
	t.Basal = rates
	t.ICR = guarded(nearest(t.ICR*icr, 0.5), guardrails.icr)
	t.ISF = guarded(nearest(t.ISF*isf, 1), guardrails.isf)
	t.MaxBolus = max(2, nearest(0.18*weight, 1))
	return t
}

// guarded is what a clinic writes down: nothing outside the guardrails.
func guarded(x float64, limits [2]float64) float64 { return min(max(x, limits[0]), limits[1]) }

func lognormal(r *rand.Rand, sd float64) float64 { return math.Exp(sd * trunc(r, 2.5)) }

func nearest(x, step float64) float64 { return max(step, math.Round(x/step)*step) }
