package predict

import (
	"math"
	"strings"
	"testing"

	"github.com/titrate/titrate/cleanse"
	"github.com/titrate/titrate/train"
	"pgregory.net/rapid"
)

// TestChoiceIsTheLeastRisk: within the model's bounds no dose beside the chosen one has
// less expected risk, and of equal ones the smallest is chosen.
func TestChoiceIsTheLeastRisk(t *testing.T) {
	moved := 0
	rapid.Check(t, func(t *rapid.T) {
		s := drawSituation(t)
		s.Calibrated = true
		var k kernel
		k.weigh(&s)
		if k.dose.formula == 0 {
			return
		}
		least := k.rx.stepsIn(cents(factorLeast * k.dose.formula))
		most := k.rx.stepsIn(cents(min(factorMost, togetherMost/k.need) * k.dose.formula))
		at := k.riskOf(k.wanted)
		if k.wanted < least || k.wanted > most || k.wanted < most && k.riskOf(k.wanted+1) < at || k.wanted > least && k.riskOf(k.wanted-1) <= at && !k.offScale(k.wanted-1) {
			t.Fatalf("%d steps, of %d to %d: a neighbour has less risk, or the same with less insulin", k.wanted, least, most)
		}
		if k.wanted != k.rx.stepsIn(k.dose.formula) {
			moved++
		}
	})
	if moved == 0 {
		t.Error("the model never moved a dose: nothing was tested")
	}
	s := usualMeal()
	s.Calibrated, s.Forecast = true, level(150, 200)
	var k kernel
	k.weigh(&s)
	if least := k.rx.stepsIn(cents(factorLeast * k.dose.formula)); k.wanted != least {
		t.Errorf("%d steps where all are alike, want the fewest, %d", k.wanted, least)
	}
}

// TestDosesAreLargestOffTheScale: a forecast ends at 600 mg/dL, where no dose changes it. As
// glucose comes near that end the model asks for the most; at it, and not for a glucose
// that might be lower, it does as well, or more carbs would get less insulin.
func TestDosesAreLargestOffTheScale(t *testing.T) {
	for _, c := range []struct {
		least cleanse.MgdL // of the forecast's lowest quantile
		most  bool
	}{{600, true}, {401.5, true}, {401, false}, {300, false}, {cleanse.MgdL(math.NaN()), false}} {
		s := usualMeal()
		flat := level(c.least, 600)
		s.Calibrated, s.Forecast = true, flat
		var k kernel
		k.weigh(&s)
		want := k.rx.stepsIn(cents(factorLeast * k.dose.formula))
		if c.most {
			want = k.rx.stepsIn(cents(min(factorMost, togetherMost/k.need) * k.dose.formula))
		}
		if k.wanted != want {
			t.Errorf("from %v mg/dL: %d steps, want %d", c.least, k.wanted, want)
		}
		s.Forecast = func(plan train.Plan) train.Forecast {
			f := flat(plan)
			f.P05[4] = 300 // at one horizon it might be lower
			return f
		}
		k.weigh(&s)
		if least := k.rx.stepsIn(cents(factorLeast * k.dose.formula)); k.wanted != least {
			t.Errorf("from %v mg/dL, but once from 300: %d steps, want %d", c.least, k.wanted, least)
		}
	}
}

// TestFactorReadsWell: the factor that is shown has the fewest decimals with which the
// arithmetic on the card comes out.
func TestFactorReadsWell(t *testing.T) {
	for _, c := range []struct {
		formula, step float64
		steps         int
		want          float64
	}{
		{5, 0.5, 8, 0.8},
		{5, 0.5, 10, 1},
		{6.5, 0.5, 12, 0.93},
		{5, 0.5, 12, 1.2},
		{9.37, 0.025, 341, 0.91},
		{10.01, 0.01, 905, 0.9041},
	} {
		k := kernel{rx: therapy{step: c.step}, dose: dose{formula: c.formula}}
		if got := k.factorFor(c.steps); got != c.want || k.rx.stepsIn(cents(got*c.formula)) != c.steps {
			t.Errorf("%v U in %d steps of %v U: × %v, want × %v", c.formula, c.steps, c.step, got, c.want)
		}
	}
}

// TestStepsAreNumbers: what is no number, or negative, is no dose.
func TestStepsAreNumbers(t *testing.T) {
	for _, c := range []struct {
		units, step float64
		want        int
	}{
		{1, 0.5, 2}, {0.99, 0.5, 1}, {0.3, 0.1, 3}, {-1, 0.5, 0}, {math.NaN(), 0.5, 0}, {1, math.NaN(), 0}, {1, 0, 0}, {math.Inf(1), 0.5, 0}, {1e9, 0.01, 1e6},
	} {
		rx := therapy{step: c.step}
		if got := rx.stepsIn(c.units); got != c.want {
			t.Errorf("%v U by %v U: %d steps, want %d", c.units, c.step, got, c.want)
		}
	}
}

// TestNotesNameTheForecastOfEverybody where what was learned of a person is higher, and
// show what is likeliest.
func TestNotesNameTheForecastOfEverybody(t *testing.T) {
	for raised, want := range map[float64]bool{0: false, 60: true} {
		s := usualMeal()
		s.Raised = everywhere(raised)
		d := Decide(s)
		shown := s.Forecast(train.Plan{Carbs: s.Meal.Carbs.V, Dose: d.Units})
		if got := d.Forecast[3].P50; math.Abs(float64(got-shown.P50[3])) > 0.051 {
			t.Errorf("raised by %v: %v is shown, likeliest is %v", raised, got, shown.P50[3])
		}
		for _, g := range d.Gates {
			if g.ID == "predicted_low" && strings.HasSuffix(g.Note, ", by what holds for everybody") != want {
				t.Errorf("raised by %v: %s", raised, g.Note)
			}
		}
	}
}

// TestEachHorizonIsNamedByItself: what was learned five minutes ahead says nothing of the
// other horizons, and minutes that are no horizon have nothing learned.
func TestEachHorizonIsNamedByItself(t *testing.T) {
	for h, minutes := range train.Horizons {
		var k kernel
		k.s = &Situation{}
		k.s.Raised[h] = 1
		for _, other := range append([]int{7}, train.Horizons[:]...) {
			if got := k.commonly(other) != ""; got != (other == minutes) {
				t.Errorf("raised %d min ahead, asked about %d: %v", minutes, other, got)
			}
		}
	}
}
