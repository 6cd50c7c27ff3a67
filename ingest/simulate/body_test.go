package simulate

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

// somebody draws a body of any cohort from a test's randomness.
func somebody(t *rapid.T) Params {
	c := cohorts[rapid.SampledFrom([]string{"adult", "adolescent", "child", "type2", "type2-mdi"}).Draw(t, "cohort")]
	r := newDice(rapid.Uint64().Draw(t, "seed"), 1).nth("body", 0)
	return c.body(r, c.age[0]+3)
}

// anything draws what may happen in one step.
func anything(t *rapid.T, weight float64) Input {
	return Input{
		CarbsG:       rapid.SampledFrom([]float64{0, 0, 0, 0.3, 0.8}).Draw(t, "carbs") * weight,
		FastCarbsG:   rapid.SampledFrom([]float64{0, 0, 0, 0.2}).Draw(t, "fast") * weight,
		RapidU:       rapid.SampledFrom([]float64{0, 0, 0, 0, 0, 0, 0, 0.03}).Draw(t, "rapid") * weight,
		LongU:        rapid.SampledFrom([]float64{0, 0, 0, 0, 0, 0, 0, 0.1}).Draw(t, "long") * weight,
		BasalUPerMin: rapid.Float64Range(0, 0.0004).Draw(t, "basal") * weight,
		Exercise:     rapid.SampledFrom([]float64{0, 0, 0.5, 1}).Draw(t, "exercise"),
		Sensitivity:  rapid.Float64Range(0.6, 1.6).Draw(t, "sensitivity"),
		Liver:        rapid.Float64Range(0.8, 1.3).Draw(t, "liver"),
		Digestion:    rapid.Float64Range(0.6, 1.8).Draw(t, "digestion"),
	}
}

// Plausible bodies keep physical states through half a day of fasts, feasts and
// doses of up to one and a half meals without the meal, at any sensitivity that a day may bring.
func TestStatesStayPhysical(t *testing.T) {
	var pool []*Person
	for cohort := range cohorts {
		pool = append(pool, people(t, Options{Patients: 15, Seed: 2, Cohort: cohort})...)
	}
	rapid.Check(t, func(t *rapid.T) {
		p := pool[rapid.IntRange(0, len(pool)-1).Draw(t, "person")]
		b := NewBody(p.body.params)
		basal, meal := p.therapy.BasalPerDay(), p.cohort.mealG
		for range rapid.IntRange(1, 12).Draw(t, "hours") {
			in := anything(t, p.body.params.WeightKg)
			in.BasalUPerMin = basal / 1440 * rapid.Float64Range(0, 1.5).Draw(t, "share of basal")
			in.RapidU = meal / p.therapy.ICR * rapid.SampledFrom([]float64{0, 0, 0, 0, 0, 1, 1.5}).Draw(t, "boluses")
			in.LongU = basal * rapid.SampledFrom([]float64{0, 0, 0, 0, 0, 0, 0, 1}).Draw(t, "injections")
			b.Step(60, in)
			for i, x := range b.x {
				if math.IsNaN(x) || x < -1e-9 {
					t.Fatalf("state %d is %g", i, x)
				}
			}
			if g := b.Glucose(); g < 10 || g > 1000 {
				t.Fatalf("glucose is %g mg/dL", g)
			}
		}
	})
}

func TestNeitherCarbsNorInsulinAreLostOrMade(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := somebody(t)
		b := NewBody(p)
		long := rapid.Float64Range(0, 1).Draw(t, "long")
		b.Settle(115, long)
		stored := func() float64 { return b.InsulinOnBoard()*1000 + b.x[plasma] }
		before := stored()
		var carbs, insulin float64
		for range rapid.IntRange(1, 10).Draw(t, "steps") {
			minutes, in := rapid.Float64Range(0.5, 300).Draw(t, "minutes"), anything(t, p.WeightKg)
			carbs += (in.CarbsG + in.FastCarbsG) * p.AG
			insulin += (in.RapidU + in.LongU + minutes*in.BasalUPerMin) * 1000
			b.Step(minutes, in)
		}
		if got := b.CarbsOnBoard() + b.x[absorbed]/mmolPerGram; math.Abs(got-carbs) > 1e-9*(1+carbs) {
			t.Fatalf("ate %g g of available carbs, account for %g", carbs, got)
		}
		in, out := before+insulin+b.x[secreted], stored()+b.x[cleared]
		if math.Abs(in-out) > 1e-9*(1+in) {
			t.Fatalf("%g mU of insulin in, account for %g", in, out)
		}
	})
}

// Whatever the states, the body's glucose changes by what the gut, the liver, tissue
// and kidneys bring and take, and by nothing else: what leaves one compartment for
// the other arrives there.
func TestGlucoseMovesByItsFluxesOnly(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := somebody(t)
		b, in := NewBody(p), anything(t, p.WeightKg)
		var x, d, scratch vector
		for i := range x {
			x[i] = b.x[i] * rapid.Float64Range(0, 3).Draw(t, "state")
		}
		x[gut2] = rapid.Float64Range(0, 300).Draw(t, "gut")
		x[effort] = rapid.Float64Range(0, 1).Draw(t, "effort")
		b.flow(&x, &in, &d)
		g := b.concentration(&x)
		came := b.digest(&x, &in, &scratch) + b.production(g, x[action3])*in.Liver
		went := b.use(g) + b.excretion(g) + strain(&x, g) + x[action2]*x[q2]
		if got := d[q1] + d[q2]; math.Abs(got-(came-went)) > 1e-9*(1+came+went) {
			t.Fatalf("glucose changes by %g mmol/min, fluxes by %g", got, came-went)
		}
	})
}

func TestBasalHoldsGlucoseStill(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := somebody(t)
		goal := rapid.Float64Range(90, 160).Draw(t, "goal")
		b := NewBody(p)
		b.Settle(goal, 0)
		if b.BasalFor(goal) == 0 {
			t.Skip("needs no basal")
		}
		b.Step(1440, Input{BasalUPerMin: b.BasalFor(goal)})
		if math.Abs(b.Glucose()-goal) > 0.01 {
			t.Fatalf("a day at basal moved glucose from %g to %g", goal, b.Glucose())
		}
	})
}

func TestHalvingTheStepChangesNothing(t *testing.T) {
	whole := NewBody(MeanParams())
	half := whole.Clone()
	basal := whole.BasalFor(restMgdL)
	for minute := range 1440 {
		in := Input{BasalUPerMin: basal}
		switch minute {
		case 100, 600:
			in.CarbsG, in.RapidU = 60, 5
		case 900:
			in.FastCarbsG, in.Exercise = 15, 1
		}
		whole.Step(1, in)
		half.Step(0.5, in)
		in.CarbsG, in.RapidU, in.FastCarbsG = 0, 0, 0
		half.Step(0.5, in)
		if d := math.Abs(whole.Glucose() - half.Glucose()); d > 0.01 {
			t.Fatalf("minute %d: steps of 1 and 0.5 min differ by %g mg/dL", minute, d)
		}
	}
}

func TestCloneIsIndependent(t *testing.T) {
	b := NewBody(MeanParams())
	c := b.Clone()
	c.Step(60, Input{CarbsG: 60})
	if b.Glucose() != NewBody(MeanParams()).Glucose() || c.Glucose() < b.Glucose()+20 {
		t.Fatalf("original %g, fed clone %g", b.Glucose(), c.Glucose())
	}
}
