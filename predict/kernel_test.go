package predict

import (
	"encoding/json"
	"math"
	"reflect"
	"testing"
	"time"

	"github.com/titrate/titrate/cleanse"
	"github.com/titrate/titrate/train"
	"github.com/titrate/titrate/train/feature"
	"pgregory.net/rapid"
)

// drawSituation is a plausible moment of a plausible person: most draws pass most
// gates, so that the formula, the model and the caps are reached.
func drawSituation(t *rapid.T) Situation {
	seldom := func(label string) bool { return rapid.IntRange(0, 9).Draw(t, label) == 0 }
	between := func(label string, least, most float64) float64 {
		return rapid.Float64Range(least, most).Draw(t, label)
	}
	s := Situation{Now: noon.Add(time.Duration(rapid.IntRange(0, 1439).Draw(t, "minute")) * time.Minute)}
	s.Ask = rapid.SampledFrom([]Ask{AboutMeal, AboutMeal, AboutReading, AboutNow}).Draw(t, "ask")
	low := between("low", 87, 130)
	s.Settings = &cleanse.Settings{
		BirthYear: rapid.IntRange(1940, 2020).Draw(t, "born"), Diabetes: "type1", Regimen: "mdi", Zone: time.UTC,
		ICR: constant(cents(between("icr", 3, 40))), ISF: constant(cents(between("isf", 12, 200))),
		TargetLow: constant(cents(low)), TargetHigh: constant(cents(low + between("range", 0, 50))),
		BasalPerDay: constant(between("basal", 5, 60)),
		MaxBolus:    cleanse.Units(between("max", 0, 30)), Insulin: "lispro",
		DoseStep: cleanse.Units(rapid.SampledFrom([]float64{0.025, 0.05, 0.1, 0.5, 1, 2}).Draw(t, "step")),
	}
	s.Glucose = Sense{OK: true, MgdL: cleanse.MgdL(between("mgdl", 45, 400)), Source: "cgm",
		At:    s.Now.Add(-time.Duration(rapid.IntRange(0, 5).Draw(t, "age")) * time.Minute),
		Slope: between("slope", -1.5, 3), SlopeOK: true, Noise: between("noise", 0, 0.4)}
	s.Meal = Announced{Carbs: cleanse.Some(cleanse.Grams(rapid.IntRange(0, 180).Draw(t, "carbs"))), At: s.Now}
	s.Insulin = Taken{OnBoard: cleanse.Units(between("iob", 0, 8)), PerDay: 80, Total24: cleanse.Units(between("total", 0, 60))}
	if seldom("unconfirmed?") {
		s.Insulin.Unconfirmed = cleanse.Units(between("unconfirmed", 0, 8))
	}
	if seldom("given?") {
		s.Insulin.ForMeal = cleanse.Units(between("given", 0, 8))
	}
	if seldom("exercise?") {
		s.Exercise = Exertion{s.Now.Add(-time.Hour), time.Hour, rapid.SampledFrom([]string{"light", "vigorous"}).Draw(t, "intensity")}
	}
	if seldom("fell?") {
		s.Glucose.FellAt = s.Now.Add(-30 * time.Minute)
	}
	s.Calibrated = rapid.Bool().Draw(t, "calibrated")
	s.Forecast = drawForecast(t, &s)
	return s
}

// drawForecast is a model of the kind that train makes: every quantile is linear
// in carbs and dose, and insulin lowers it. It may think otherwise of the person
// than the settings do.
func drawForecast(t *rapid.T, s *Situation) func(train.Plan) train.Forecast {
	isf := s.Settings.ISF[0].Value * rapid.Float64Range(0.5, 2).Draw(t, "isf×")
	csf := s.Settings.ISF[0].Value / s.Settings.ICR[0].Value * rapid.Float64Range(0.5, 2).Draw(t, "csf×")
	spread := rapid.Float64Range(2, 60).Draw(t, "spread")
	drift := rapid.Float64Range(-30, 60).Draw(t, "drift")
	bg, iob := float64(s.Glucose.MgdL), float64(s.Insulin.OnBoard)
	curve := feature.CurveFor("lispro", 0, false)
	return func(plan train.Plan) (f train.Forecast) {
		for h, m := range train.Horizons {
			share := float64(m) / 240
			used := 1 - curve.IOB(float64(m))
			x := bg + drift*share + csf*float64(plan.Carbs)*feature.Absorbed(float64(m)) - isf*(float64(plan.Dose)+iob)*used
			w := spread * math.Sqrt(share)
			bound := func(x float64) cleanse.MgdL { return cleanse.MgdL(min(max(x, 20), 600)) }
			f.P05[h], f.P25[h], f.P50[h] = bound(x-1.6*w), bound(x-0.7*w), bound(x)
			f.P75[h], f.P95[h] = bound(x+0.7*w), bound(x+2*w)
		}
		return f
	}
}

// TestDoseIsSafe: whatever the situation, the dose is a whole number of steps,
// within every cap, and the answer can be written as JSON.
func TestDoseIsSafe(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawSituation(t)
		checkSafe(t, s, Decide(s))
	})
}

func checkSafe(t interface{ Fatalf(string, ...any) }, s Situation, d Decision) {
	if _, err := json.Marshal(d); err != nil {
		t.Fatalf("not JSON: %v", err)
	}
	u := float64(d.Units)
	if math.IsNaN(u) || u < 0 || d.Carbs < 0 || math.IsNaN(float64(d.Carbs)) || d.Carbs > carbsAtOnce {
		t.Fatalf("%v U, %v g", d.Units, d.Carbs)
	}
	if len(d.Gates) != len(Gates()) {
		t.Fatalf("%d of %d gates reported", len(d.Gates), len(Gates()))
	}
	blocked := false
	for _, g := range d.Gates {
		blocked = blocked || g.Outcome == Block
	}
	if u == 0 {
		return
	}
	p := s.Settings
	step := float64(p.DoseStep)
	if step > 0 && math.Abs(u-math.Round(u/step)*step) > 1.01e-4 {
		t.Fatalf("%v U is no multiple of %v", u, p.DoseStep)
	}
	hard := hardMost[classOf(p, s.Now)]
	switch {
	case blocked || d.Kind != Bolus && d.Kind != Correction:
		t.Fatalf("%v U although a gate blocks, or as %s", u, d.Kind)
	case u > hard, p.MaxBolus > 0 && u > float64(p.MaxBolus)+1e-9, p.MaxBolus <= 0 && u > 10:
		t.Fatalf("%v U over a cap (own %v, hard %v)", u, p.MaxBolus, hard)
	case s.Insulin.PerDay > 0 && u+float64(s.Insulin.Total24) > 1.5*float64(s.Insulin.PerDay)+1e-6:
		t.Fatalf("%v U over the daily cap", u)
	case math.Round(float64(s.Glucose.MgdL)) < 70:
		t.Fatalf("%v U at %v mg/dL", u, s.Glucose.MgdL)
	}
	f := s.Forecast(train.Plan{Carbs: plannedCarbs(s), Dose: d.Units})
	for h, m := range train.Horizons {
		if x := float64(f.P05[h]); s.Calibrated && m >= 30 && !(x >= 70) {
			t.Fatalf("%v U with a lower bound of %v at %d min", u, x, m)
		}
		if x := float64(f.P50[h]); m >= 30 && !(x >= 70) {
			t.Fatalf("%v U with a median of %v at %d min", u, x, m)
		}
	}
}

func plannedCarbs(s Situation) cleanse.Grams {
	if s.Ask == AboutMeal {
		return s.Meal.Carbs.V
	}
	return 0
}

// TestDoseNeverRisesWithInsulinOnBoard, whether the forecast knows of it or not.
func TestDoseNeverRisesWithInsulinOnBoard(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawSituation(t)
		more := s
		extra := rapid.Float64Range(0, 10).Draw(t, "more")
		more.Insulin.OnBoard += cleanse.Units(extra)
		a, b := Decide(s), Decide(more)
		if b.Units > a.Units {
			t.Fatalf("%v U with %v U on board, %v U with %v\n%s\n%s", a.Units, s.Insulin.OnBoard, b.Units, more.Insulin.OnBoard, a.Because, b.Because)
		}
	})
}

// TestDoseNeverFallsWithCarbs, as long as the entry is not refused as too large.
func TestDoseNeverFallsWithCarbs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawSituation(t)
		s.Ask = AboutMeal
		more := s
		more.Meal.Carbs.V += cleanse.Grams(rapid.IntRange(0, 70).Draw(t, "more"))
		a, b := Decide(s), Decide(more)
		if b.Units < a.Units {
			t.Fatalf("%v U for %v g, %v U for %v g\n%s\n%s", a.Units, s.Meal.Carbs.V, b.Units, more.Meal.Carbs.V, a.Because, b.Because)
		}
	})
}

// TestNoCorrectionPermitsMoreInsulin: what was learned of a person moves the forecast up
// here and down there, and the dose is never larger than without it; nor does an upward
// part keep quiet about a low that holds for everybody.
func TestNoCorrectionPermitsMoreInsulin(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawSituation(t)
		moved, plain := s, s.Forecast
		var by train.Correction
		for h := range by {
			by[h] = rapid.Float64Range(-train.Scale[h], train.Scale[h]).Draw(t, "by")
			moved.Raised[h] = max(0, by[h])
		}
		moved.Forecast = func(plan train.Plan) train.Forecast {
			f, down := plain(plan), by
			for h := range down {
				down[h] = -down[h]
			}
			f.Lower(&down)
			return f
		}
		a, b := Decide(s), Decide(moved)
		if b.Units > a.Units {
			t.Fatalf("%v U, and %v U with what was learned\n%s\n%s", a.Units, b.Units, a.Because, b.Because)
		}
		if a.topic == aboutPredictedLow && b.Units == 0 && b.topic != aboutPredictedLow && b.topic != aboutLow {
			t.Fatalf("%q is told, and with what was learned %q", a.Because, b.Because)
		}
	})
}

// TestFormulaNeverFallsWithGlucose, where no gate about lows or highs is near.
func TestFormulaNeverFallsWithGlucose(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawSituation(t)
		s.Ask, s.Calibrated = AboutMeal, false
		s.Glucose.MgdL = max(s.Glucose.MgdL, 80)
		s.Forecast = shifted(&s, 1000)
		more := s
		more.Glucose.MgdL = min(s.Glucose.MgdL+cleanse.MgdL(rapid.Float64Range(0, 200).Draw(t, "more")), 400)
		if a, b := Decide(s), Decide(more); b.Units < a.Units {
			t.Fatalf("%v U at %v mg/dL, %v U at %v", a.Units, s.Glucose.MgdL, b.Units, more.Glucose.MgdL)
		}
	})
}

// TestUnitsAgree: the same glucose read in mmol/L gets the same dose.
func TestUnitsAgree(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawSituation(t)
		s.Glucose.MgdL = cleanse.MgdL(math.Round(float64(s.Glucose.MgdL)))
		s.Forecast = drawForecast(t, &s)
		other := s
		other.Glucose.MgdL = cleanse.MgdL(s.Glucose.MgdL.MmolL() * cleanse.MgdLPerMmolL)
		if a, b := Decide(s), Decide(other); !reflect.DeepEqual(a, b) {
			t.Fatalf("%+v\n%+v", a, b)
		}
	})
}

// TestZonesAgree: schedules that don't change make the zone irrelevant.
func TestZonesAgree(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawSituation(t)
		s.Glucose.FellAt = time.Time{} // night is a matter of the zone
		other, settings := s, *s.Settings
		settings.Zone = time.FixedZone("somewhere", rapid.IntRange(-12, 14).Draw(t, "hours")*3600)
		other.Settings, other.Now = &settings, s.Now.In(settings.Zone)
		if a, b := Decide(s), Decide(other); a.Units != b.Units || a.Because != b.Because || a.Kind != b.Kind {
			t.Fatalf("%+v\n%+v", a, b)
		}
	})
}

// TestDecidingTwiceIsOnce: the same situation gets the same answer.
func TestDecidingTwiceIsOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawSituation(t)
		if a, b := Decide(s), Decide(s); !reflect.DeepEqual(a, b) {
			t.Fatalf("%+v\n%+v", a, b)
		}
	})
}

// TestModelStaysInBounds: the model moves the formula's dose by a fifth at most,
// and not at all before its spread was learned.
func TestModelStaysInBounds(t *testing.T) {
	moved := 0
	rapid.Check(t, func(t *rapid.T) {
		s := drawSituation(t)
		d := Decide(s)
		factor := d.Components.ModelFactor
		if factor < 0.8 || factor > 1.2 || !s.Calibrated && factor != 1 {
			t.Fatalf("factor %v, calibrated %v", factor, s.Calibrated)
		}
		if step := s.Settings.DoseStep; step >= 0.5 && factor != cents(factor) {
			t.Fatalf("factor %v where two decimals do", factor)
		}
		if factor != 1 {
			moved++
		}
	})
	if moved == 0 && !testing.Short() { // which draws twenty
		t.Error("the model never moved a dose: nothing was tested")
	}
}

// TestRisk fixes Kovatchev's function at known values, and that it is convex.
func TestRisk(t *testing.T) {
	for mgdl, want := range map[float64]float64{40: 36.418, 54: 18.461, 70: 7.755, 100: .482, 112.5: 0, 140: 1.665, 180: 7.729, 250: 22.436, 300: 33.952} {
		if got := risk(mgdl); math.Abs(got-want) > 0.001 {
			t.Errorf("risk(%v) = %v, want %v", mgdl, got, want)
		}
	}
	for x := 21.0; x < 600; x++ {
		if risk(x-1)+risk(x+1) < 2*risk(x)-1e-9 {
			t.Errorf("not convex at %v", x)
		}
	}
}

// FuzzDecide: no bit pattern of a number gets past the kernel.
func FuzzDecide(f *testing.F) {
	f.Add(164.0, 45.0, 1.2, 10.0, 45.0, 100.0, 120.0, 0.5, 10.0, 30.0, 36.0, uint8(1), 5.0)
	f.Add(math.NaN(), math.Inf(1), -1.0, 0.0, 1e-300, math.Inf(-1), math.NaN(), math.Inf(1), 1e300, math.NaN(), -5.0, uint8(2), math.NaN())
	f.Fuzz(func(t *testing.T, mgdl, carbs, iob, icr, isf, low, high, step, most, total, perDay float64, ask uint8, shift float64) {
		s := usualMeal()
		s.Ask = Ask(ask % 4)
		s.Glucose.MgdL, s.Meal.Carbs.V = cleanse.MgdL(mgdl), cleanse.Grams(carbs)
		s.Insulin.OnBoard, s.Insulin.Total24, s.Insulin.PerDay = cleanse.Units(iob), cleanse.Units(total), cleanse.Units(perDay)
		p := s.Settings
		p.ICR, p.ISF, p.TargetLow, p.TargetHigh = constant(icr), constant(isf), constant(low), constant(high)
		p.DoseStep, p.MaxBolus = cleanse.Units(step), cleanse.Units(most)
		s.Calibrated = ask&4 != 0
		s.Forecast = shifted(&s, cleanse.MgdL(shift))
		checkSafe(t, s, Decide(s))
	})
}
