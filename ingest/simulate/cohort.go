package simulate

import "math/rand/v2"

// cohort is what distinguishes a population from Wilinska's adults.
type cohort struct {
	name        string
	age         [2]float64 // years, uniform
	weight      func(r *rand.Rand, age float64) float64
	turnover    float64    // glucose production and use per kg against adults
	sensitivity float64    // insulin action against adults
	pump        float64    // share on pumps
	basalPerKg  [2]float64 // U/kg/day, plausible
	isf         [2]float64 // mg/dL per U, plausible
	icr         [2]float64 // g per U, plausible
	carbs       float64    // g a day at typicalKg; others eat by the square root of weight
	typicalKg   float64
	mealG       float64    // the meal by which ICR is titrated
	doseStep    float64    // of the pen
	treatG      float64    // carbs against a low
	secretion   [2]float64 // against the static β-cell response of type 2; zero in type 1
	boluses     bool
}

// cohorts. Children's glucose turnover per kg is more than an adult's and falls with
// age: 7.1 mg/kg/min below six years and 5.4 in late childhood against 2.3 (Bier DM et
// al., Diabetes 1977;26:1016). Here it is 1.4-fold, for with more no child had the
// settings of a clinic. Puberty costs 25–30 % of insulin's action (Amiel SA et al., N
// Engl J Med 1986;315:215) at its height, here 20 % over all of adolescence. Type 2 on basal
// insulin is constructed: two fifths of the sensitivity, secretion around the static
// β-cell response of Dalla Man 2007's type 2 (0.05 pmol/kg/min per mg/dL, half of
// it extracted by the liver), better counter-regulation, and no rapid-acting
// insulin. Type 2 on multiple daily injections is the same with the little secretion
// that is left when basal insulin no longer does, and boluses at meals.
//
// Bodies outside the plausible ranges are drawn again: drawn independently,
// published marginals also combine into people whom no clinic has seen. Of adults,
// about half of the draws are kept.
var cohorts = map[string]cohort{
	"adult": {
		name: "adult", age: [2]float64{20, 68}, weight: bell(76, 11, 50, 115), turnover: 1, sensitivity: 1, pump: 0.5,
		basalPerKg: [2]float64{0.15, 0.55}, isf: [2]float64{20, 100}, icr: [2]float64{5, 22},
		carbs: 205, typicalKg: 76, mealG: 60, doseStep: 0.5, treatG: 15, boluses: true,
	},
	"adolescent": {
		name: "adolescent", age: [2]float64{12, 19}, weight: bell(56, 8, 38, 85), turnover: 1.15, sensitivity: 0.8, pump: 0.6,
		basalPerKg: [2]float64{0.2, 0.7}, isf: [2]float64{20, 110}, icr: [2]float64{4, 22},
		carbs: 230, typicalKg: 56, mealG: 60, doseStep: 0.5, treatG: 15, boluses: true,
	},
	"child": {
		name: "child", age: [2]float64{6, 12}, weight: byAge, turnover: 1.4, sensitivity: 1.1, pump: 0.75,
		basalPerKg: [2]float64{0.15, 0.6}, isf: [2]float64{50, 300}, icr: [2]float64{9, 50},
		carbs: 165, typicalKg: 34, mealG: 40, doseStep: 0.5, treatG: 10, boluses: true,
	},
	"type2": {
		name: "type2", age: [2]float64{45, 78}, weight: bell(92, 14, 65, 135), turnover: 0.95, sensitivity: 0.4, pump: 0,
		basalPerKg: [2]float64{0.12, 0.7}, isf: [2]float64{5, 80}, icr: [2]float64{1.5, 40},
		carbs: 170, typicalKg: 92, mealG: 60, doseStep: 1, treatG: 15, secretion: [2]float64{0.4, 1.6},
	},
	"type2-mdi": {
		name: "type2-mdi", age: [2]float64{45, 78}, weight: bell(92, 14, 65, 135), turnover: 0.95, sensitivity: 0.4, pump: 0,
		basalPerKg: [2]float64{0.15, 0.8}, isf: [2]float64{10, 80}, icr: [2]float64{2, 20},
		carbs: 170, typicalKg: 92, mealG: 60, doseStep: 1, treatG: 15, secretion: [2]float64{0.1, 0.5}, boluses: true,
	},
}

// mixture is the make-up of the mixed cohort, in the order of the draw.
var mixture = []struct {
	name  string
	share float64
}{{"adult", 0.6}, {"adolescent", 0.15}, {"child", 0.1}, {"type2", 0.15}}

func pick(name string, r *rand.Rand) cohort {
	u := r.Float64()
	if name != "mixed" {
		return cohorts[name]
	}
	for _, m := range mixture {
		if u -= m.share; u < 0 {
			return cohorts[m.name]
		}
	}
	return cohorts["adult"]
}

// bell is a weight, kg, from a truncated normal distribution.
func bell(mean, sd, low, high float64) func(*rand.Rand, float64) float64 {
	return func(r *rand.Rand, _ float64) float64 {
		return min(max(mean+sd*r.NormFloat64(), low), high)
	}
}

// byAge is a child's weight, kg: 3·age + 7 (Luscombe M, Owens B, Arch Dis Child
// 2007;92:412), SD 12 %.
func byAge(r *rand.Rand, age float64) float64 {
	return (3*age + 7) * (1 + 0.12*trunc(r, 2))
}

func (c cohort) isType2() bool { return c.secretion != [2]float64{} }

// body draws a body of this cohort.
func (c cohort) body(r *rand.Rand, age float64) Params {
	p := drawBody(r, c.weight(r, age))
	p.EGP0 *= c.turnover
	p.F01 *= c.turnover
	p.SIT *= c.sensitivity
	p.SID *= c.sensitivity
	p.SIE *= c.sensitivity
	if c.isType2() {
		p.Secretion = 0.075 * (c.secretion[0] + (c.secretion[1]-c.secretion[0])*r.Float64())
		p.SecretionFrom = 4.5 + 1.5*r.Float64()
		p.Counter = 0.8
	}
	return p
}
