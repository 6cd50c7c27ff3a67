package simulate

import (
	"math"
	"testing"
)

// peakOf steps a body minute by minute and returns when, in minutes, what f sees is
// largest, and how large.
func peakOf(b *Body, minutes int, first, then Input, f func() float64) (int, float64) {
	at, top := 0, math.Inf(-1)
	for m := 1; m <= minutes; m++ {
		in := then
		if m == 1 {
			in = first
		}
		b.Step(1, in)
		if x := f(); x > top {
			at, top = m, x
		}
	}
	return at, top
}

// Hovorka 2004 gives gut absorption in closed form: D·AG·t·exp(-t/tmax)/tmax².
func TestGutAbsorptionFollowsTheClosedForm(t *testing.T) {
	p := MeanParams()
	p.UGCeil = 1 // out of the way
	b := NewBody(p)
	b.Step(1, Input{CarbsG: 50})
	for minute := 1.0; minute <= 300; minute++ {
		want := 50 * p.AG * mmolPerGram * minute * math.Exp(-minute/p.TmaxG) / (p.TmaxG * p.TmaxG)
		if got := b.x[gut2] / p.TmaxG; math.Abs(got-want) > 1e-6 {
			t.Fatalf("at %g min: %g mmol/min, want %g", minute, got, want)
		}
		b.Step(1, Input{})
	}
}

func TestLargeMealsTakeLongerInsteadOfComingFaster(t *testing.T) {
	p := MeanParams()
	b := NewBody(p)
	last := 0.0
	_, top := peakOf(b, 300, Input{CarbsG: 150}, Input{}, func() float64 {
		rate := b.x[absorbed] - last
		last = b.x[absorbed]
		return rate
	})
	if ceiling := p.UGCeil * p.WeightKg; top > ceiling*1.0001 || top < ceiling*0.99 {
		t.Fatalf("fastest absorption of 150 g is %g mmol/min, want the ceiling %g", top, ceiling)
	}
}

// Hovorka 2004, likewise for rapid-acting insulin: U·t·exp(-t/tmax)/tmax².
func TestRapidInsulinFollowsTheClosedForm(t *testing.T) {
	p := MeanParams()
	b := NewBody(p)
	b.x[depot1], b.x[depot2] = 0, 0
	b.Step(1, Input{RapidU: 1})
	for minute := 1.0; minute <= 300; minute++ {
		want := 1000 * minute * math.Exp(-minute/p.TmaxI) / (p.TmaxI * p.TmaxI)
		if got := b.x[depot2] / p.TmaxI; math.Abs(got-want) > 1e-6 {
			t.Fatalf("at %g min: %g mU/min, want %g", minute, got, want)
		}
		b.Step(1, Input{})
	}
}

// Plasma insulin after rapid-acting analogues peaks 40 to 70 min after injection
// (Home PD, Diabetes Obes Metab 2012;14:780); the model's TmaxI is 55 min.
func TestPlasmaInsulinPeaksWithinAnHourOrSo(t *testing.T) {
	b := NewBody(MeanParams())
	basal := Input{BasalUPerMin: b.BasalFor(restMgdL)}
	dose := basal
	dose.RapidU = 10
	at, top := peakOf(b, 400, dose, basal, b.Insulin)
	if at < 50 || at > 75 {
		t.Errorf("peak after %d min, want 50 to 75", at)
	}
	if top < 50 || top > 90 {
		t.Errorf("peak of 10 U at %g mU/L, want 50 to 90", top)
	}
}

// The effect of a bolus is largest after 90 to 150 min as a rate of fall, and the
// lowest glucose comes after 3 to 5 h, when it has waned (Home 2012).
func TestBolusLowersMostAfterFourHours(t *testing.T) {
	b := NewBody(MeanParams())
	basal := Input{BasalUPerMin: b.BasalFor(restMgdL)}
	dose := basal
	dose.RapidU = 1
	at, top := peakOf(b, 600, dose, basal, func() float64 { return -b.Glucose() })
	if at < 180 || at > 300 {
		t.Errorf("lowest glucose after %d min, want 180 to 300", at)
	}
	if fall := restMgdL + top; fall < 15 || fall > 50 {
		t.Errorf("1 U lowers by %g mg/dL, want 15 to 50", fall)
	}
}

// Without insulin 60 g raise glucose for two hours or so, by 2.5 to 4.5 mg/dL per
// gram in an adult of 75 kg; with a bolus that fits, glucose peaks after 60 to 100
// min and returns.
func TestMealRaisesAndBolusReturnsGlucose(t *testing.T) {
	p := MeanParams()
	b := NewBody(p)
	basal := Input{BasalUPerMin: b.BasalFor(restMgdL)}
	meal := basal
	meal.CarbsG = 60
	at, top := peakOf(b, 480, meal, basal, b.Glucose)
	if rise := (top - restMgdL) / 60; at < 90 || at > 180 || rise < 2.5 || rise > 4.5 {
		t.Errorf("meal alone: +%g mg/dL per g after %d min, want 2.5 to 4.5 after 90 to 180", rise, at)
	}
	covered := NewBody(p)
	meal.RapidU = 60 / titrateICR(p, 60)
	at, top = peakOf(covered, 270, meal, basal, covered.Glucose)
	if at < 60 || at > 100 || top > restMgdL+120 {
		t.Errorf("meal with bolus: peak %g after %d min, want at most %g after 60 to 100", top, at, restMgdL+120)
	}
	if g := covered.Glucose(); math.Abs(g-restMgdL) > 2 {
		t.Errorf("meal with bolus: %g mg/dL after 4.5 h, want %g", g, restMgdL)
	}
}

// An intravenous glucose tolerance test of 0.3 g/kg: glucose jumps by the dose over
// its volume; the disappearance constant between 10 and 40 min is below 1 %/min
// without the secretion that makes it 1.2 to 2.2 in health (Dunaif A, Finegood DT,
// J Clin Endocrinol Metab 1996;81:942 for the method).
func TestIntravenousGlucose(t *testing.T) {
	p := MeanParams()
	b := NewBody(p)
	b.Settle(90, 0)
	basal := Input{BasalUPerMin: b.BasalFor(90)}
	dose := basal
	dose.GlucoseIVG = 0.3 * p.WeightKg
	b.take(dose)
	if jump, want := b.Glucose()-90, 0.3*mmolPerGram/p.VG*MgdLPerMmolL; math.Abs(jump-want) > 0.1 {
		t.Fatalf("glucose jumps by %g mg/dL, want %g", jump, want)
	}
	b.Step(10, basal)
	ten := b.Glucose()
	b.Step(30, basal)
	if k := 100 * math.Log(ten/b.Glucose()) / 30; k < 0.4 || k > 1.1 {
		t.Errorf("disappearance %g %%/min, want 0.4 to 1.1", k)
	}
	b.Step(480, basal)
	if math.Abs(b.Glucose()-90) > 35 {
		t.Errorf("glucose is %g mg/dL eight hours later, want it to be on its way to 90", b.Glucose())
	}
}

// Without any insulin glucose passes 250 mg/dL within half a day.
func TestNoInsulinMeansHighGlucose(t *testing.T) {
	b := NewBody(MeanParams())
	b.Step(720, Input{})
	if g := b.Glucose(); g < 250 || g > 500 {
		t.Errorf("%g mg/dL after 12 h without insulin, want 250 to 500", g)
	}
}

// At steady state a daily injection of glargine U100 keeps plasma insulin within
// 40 % of its mean, degludec within a sixth: half-lives of 12.5 and 25.4 h in a
// single stage would give 45 and 23 %, flatter than which both are (Heise 2012).
func TestLongActingInsulinIsFlat(t *testing.T) {
	for _, c := range []struct {
		halfLife, limit float64
	}{{glargineHalfLife, 0.4}, {degludecHalfLife, 0.17}} {
		p := MeanParams()
		p.LongHalfLife = c.halfLife
		b := NewBody(p)
		b.Settle(restMgdL, 1)
		daily := b.BasalFor(restMgdL) * 1440
		for range 10 {
			b.Step(1440, Input{LongU: daily})
		}
		low, high := math.Inf(1), 0.0
		b.take(Input{LongU: daily})
		for range 1440 {
			b.Step(1, Input{})
			low, high = math.Min(low, b.Insulin()), math.Max(high, b.Insulin())
		}
		if swing := (high - low) / (high + low); swing > c.limit || swing < c.limit/4 {
			t.Errorf("half-life %g h: insulin swings by ±%.0f %%, want at most ±%.0f %%", c.halfLife/60, 100*swing, 100*c.limit)
		}
	}
}

// 45 min of moderate exercise lower glucose by 2 to 4 mmol/L more than rest, and
// leave insulin more effective (García-García 2015).
func TestExerciseLowersGlucose(t *testing.T) {
	b := NewBody(MeanParams())
	b.Settle(160, 0)
	basal := Input{BasalUPerMin: b.BasalFor(160)}
	effort := basal
	effort.Exercise = 0.5
	b.Step(45, effort)
	b.Step(15, basal)
	if fall := 160 - b.Glucose(); fall < 2*MgdLPerMmolL || fall > 4*MgdLPerMmolL {
		t.Errorf("falls by %g mg/dL, want %g to %g", fall, 2*MgdLPerMmolL, 4*MgdLPerMmolL)
	}
	if b.x[afterglow] < 0.1 || b.x[afterglow] > 0.4 {
		t.Errorf("sensitivity is up by %g, want 0.1 to 0.4", b.x[afterglow])
	}
}

func TestRescueCarbsWorkWithinTwentyMinutes(t *testing.T) {
	b := NewBody(MeanParams())
	b.Settle(65, 0)
	basal := Input{BasalUPerMin: b.BasalFor(65)}
	rescue := basal
	rescue.FastCarbsG = 15
	b.Step(20, rescue)
	if rise := b.Glucose() - 65; rise < 18 || rise > 60 {
		t.Errorf("15 g raise glucose by %g mg/dL in 20 min, want 18 to 60", rise)
	}
}
