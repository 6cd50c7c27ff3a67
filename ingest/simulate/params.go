package simulate

import (
	"math"
	"math/rand/v2"
)

// Params describe one body. Rates are per minute, masses per kg of body weight.
type Params struct {
	WeightKg float64

	EGP0 float64 // hepatic glucose production at zero insulin, mmol/kg/min
	F01  float64 // insulin-independent glucose use, mmol/kg/min
	K12  float64 // return from the non-accessible compartment, 1/min
	Ka1  float64 // onset of action on distribution, 1/min
	Ka2  float64 // onset of action on disposal, 1/min
	Ka3  float64 // onset of action on production, 1/min
	SIT  float64 // sensitivity of distribution, 1/min per mU/L
	SID  float64 // sensitivity of disposal, 1/min per mU/L
	SIE  float64 // sensitivity of production, per mU/L
	VG   float64 // glucose volume, L/kg
	VI   float64 // insulin volume, L/kg
	Ke   float64 // insulin clearance, 1/min
	RTh  float64 // renal threshold, mmol/L
	RCl  float64 // renal clearance, 1/min

	TmaxI        float64 // time-to-peak of rapid-acting absorption, min
	LongHalfLife float64 // of the long-acting depot, min
	TmaxG        float64 // time-to-peak of a mixed meal's absorption, min
	AG           float64 // share of carbohydrate that is absorbed
	UGCeil       float64 // ceiling of gut absorption, mmol/kg/min
	TauTissue    float64 // lag of interstitial glucose, min
	Counter      float64 // counter-regulation, fraction of EGP0

	Secretion     float64 // own insulin, mU/kg/min per mmol/L above SecretionFrom
	SecretionFrom float64 // mmol/L
	SecretionLag  float64 // min
}

// MeanParams are the medians of the Cambridge simulator's adults (Wilinska 2010,
// who keeps the geometric means of the six subjects of Hovorka 2002 for K12 and
// Ka1–3); VG, VI, TmaxI, TmaxG, AG and the renal threshold and clearance are Hovorka
// 2004's; the ceiling of gut absorption is the middle of Wilinska 2010's range. The
// tissue lag is between the 5.3–6.2 min that Basu A et al., Diabetes 2013;62:4083,
// measured in fasting health and the median of 10.7 min of Wilinska 2010; Boyne MS et
// al., Diabetes 2003;52:2790, found 4–10 min. The lag of secretion is this project's:
// Dalla Man 2007 has 20 min in health and 77 min in type 2.
func MeanParams() Params {
	return Params{
		WeightKg: 74.9,
		EGP0:     0.0169, F01: 0.0111, K12: 0.060,
		Ka1: 0.0034, Ka2: 0.056, Ka3: 0.024,
		SIT: 18.41e-4, SID: 5.05e-4, SIE: 190e-4,
		VG: 0.16, VI: 0.12, Ke: 0.14,
		RTh: 9, RCl: 0.003,
		TmaxI: 55, LongHalfLife: glargineHalfLife, TmaxG: 40, AG: 0.8, UGCeil: 0.0275,
		TauTissue: 8, Counter: 0.4,
		SecretionFrom: 5, SecretionLag: 29,
	}
}

const (
	glargineHalfLife = 12.5 * 60
	degludecHalfLife = 25.4 * 60
)

// logSD are standard deviations of the logarithms between people, from the six
// subjects of Hovorka 2002, Table 2.
var logSD = struct{ egp0, f01, k12, ka1, ka2, ka3, sit, sid, sie float64 }{
	egp0: 0.25, f01: 0.23, k12: 0.46, ka1: 1.12, ka2: 0.70, ka3: 0.77,
	sit: 0.73, sid: 1.17, sie: 0.87,
}

// drawBody draws the parameters of an adult of that weight. Sensitivities and rates
// are log-normal, volumes, clearance and absorption as in Wilinska 2010: VG
// log-normal (SD 0.23 of the logarithm), VI N(0.12, 0.012²), Ke N(0.14, 0.035²),
// 1/TmaxI N(0.018, 0.0045²), ln(1/TmaxG) N(-3.689, 0.25²), AG U(0.7, 1.0; a share
// above 1 would make glucose), ceiling U(0.02, 0.035). Deviations are truncated
// (trunc) so that no single number leaves what is physical.
func drawBody(r *rand.Rand, weight float64) Params {
	p := MeanParams()
	p.WeightKg = weight
	for _, v := range []struct {
		x  *float64
		sd float64
	}{
		{&p.EGP0, logSD.egp0}, {&p.F01, logSD.f01}, {&p.K12, logSD.k12},
		{&p.Ka1, logSD.ka1}, {&p.Ka2, logSD.ka2}, {&p.Ka3, logSD.ka3},
		{&p.SIT, logSD.sit}, {&p.SID, logSD.sid}, {&p.SIE, logSD.sie}, {&p.VG, 0.23},
	} {
		*v.x *= math.Exp(v.sd * trunc(r, 1.2))
	}
	p.VI = 0.12 + 0.012*trunc(r, 2)
	p.Ke = 0.14 + 0.035*trunc(r, 2)
	p.TmaxI = 1 / (0.018 + 0.0045*trunc(r, 1.5))
	p.TmaxG = math.Exp(3.689 + 0.25*trunc(r, 1.5))
	p.AG = 0.7 + 0.3*r.Float64()
	p.UGCeil = 0.02 + 0.015*r.Float64()
	p.TauTissue = 8 + 1.5*trunc(r, 2)
	return p
}

// trunc is a standard normal variate no further than limit from 0.
func trunc(r *rand.Rand, limit float64) float64 {
	for {
		if z := r.NormFloat64(); math.Abs(z) <= limit {
			return z
		}
	}
}
