package predict

import (
	"testing"
	"time"

	"github.com/titrate/titrate/cleanse"
	"github.com/titrate/titrate/train"
	"github.com/titrate/titrate/train/feature"
	"pgregory.net/rapid"
)

// narrow is a model that forecasts 20 mg/dL more than the prior within half its spread,
// and has seen nothing of glucose above most.
func narrow(most float64) *train.Model {
	m := train.Prior()
	m.Version = "2026-11-20.1"
	w := &m.Weights
	w.Least, w.Most = make([]float64, feature.Inputs), make([]float64, feature.Inputs)
	for i := range w.Most {
		w.Least[i], w.Most[i] = -1e6, 1e6
	}
	w.Least[feature.Glucose], w.Most[feature.Glucose] = most-1, most
	for h := range train.Horizons {
		w.B3[train.OutDrift+h] = 20 / train.Scale[h]
		for i := range w.Spread {
			w.Spread[i], w.SpreadBolus[i] = 0.5, 0.5
		}
	}
	return m
}

func watched(mgdl float64) (w feature.Window) {
	for i := range 5 {
		w.Observe(&cleanse.Event{Kind: cleanse.Glucose, At: noon.Add(time.Duration(i-4) * 5 * time.Minute), Source: "cgm",
			Glucose: cleanse.GlucoseReading{MgdL: cleanse.MgdL(mgdl)}})
	}
	return w
}

// TestUnlikeMomentsGetTheWiderForecast: what the model says where it has been, and as
// wide as the prior elsewhere, with its lower median. It costs no memory.
func TestUnlikeMomentsGetTheWiderForecast(t *testing.T) {
	plan := train.Plan{Carbs: 30, Dose: 2}
	for _, c := range []struct {
		mgdl   float64
		unlike int
	}{{150, 0}, {151.5, 1}} {
		w := watched(c.mgdl)
		d, prior := newDesk(narrow(150)), newDesk(train.Prior())
		if !d.look(&w, noon) || !prior.look(&w, noon) {
			t.Fatal("no forecast")
		}
		if d.unlike != c.unlike || prior.unlike != 0 {
			t.Errorf("%v mg/dL: %d unlike, of the prior %d", c.mgdl, d.unlike, prior.unlike)
		}
		var own train.Forecast
		d.model.Forecast(&d.vector, plan, &own)
		want := own
		if other := prior.forecast(plan); c.unlike > 0 {
			want.Widen(&other)
			if want.P50 != other.P50 || want.P05[6] != other.P05[6] || want.P95[0] == other.P95[0] || want.P95[6] != other.P95[6] {
				t.Errorf("%+v is not wider than\n%+v and\n%+v", want, own, other)
			}
		}
		if got := d.forecast(plan); got != want {
			t.Errorf("%v mg/dL: got\n%+v\nwant\n%+v", c.mgdl, got, want)
		}
		if allocs := testing.AllocsPerRun(100, func() { d.look(&w, noon); d.forecast(plan) }); allocs != 0 {
			t.Errorf("%v mg/dL: %v allocations", c.mgdl, allocs)
		}
	}
}

// TestUnlikeIsSaid in the record of a dose, by the champion and for its challenger.
func TestUnlikeIsSaid(t *testing.T) {
	for most, want := range map[float64]string{150: Pass, 140: Reduce} {
		p := NewPerson("p", narrow(most))
		p.window = watched(150)
		r := p.Advise(noon, 40)
		for _, g := range r.Gates {
			if g.ID == "unlike" && g.Outcome != want {
				t.Errorf("seen up to %v mg/dL, 150: %s, %s", most, g.Outcome, g.Note)
			}
		}
		champion := NewPerson("p", train.Prior())
		champion.window = watched(150)
		champion.desk.challenger = newDesk(narrow(most))
		s := champion.situation(noon)
		champion.desk.kernel.weigh(s)
		champion.compare(s, &cleanse.Event{})
		if got := champion.desk.challenger.kernel.outcomeOf("unlike"); got != want || champion.desk.kernel.outcomeOf("unlike") != Pass {
			t.Errorf("seen up to %v mg/dL: the challenger says %s", most, got)
		}
	}
}

// TestUnlikeNeverGetsMoreThanTheFormula, whatever the model wants.
func TestUnlikeNeverGetsMoreThanTheFormula(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawSituation(t)
		s.Calibrated, s.Unlike = true, rapid.IntRange(1, 9).Draw(t, "unlike")
		var k kernel
		k.weigh(&s)
		if k.dose.factor != 1 || k.steps > k.rx.stepsIn(k.dose.formula) {
			t.Fatalf("factor %v, %d steps of %v U", k.dose.factor, k.steps, k.dose.formula)
		}
		alike := s
		alike.Unlike = 0
		alike.Forecast = s.Forecast
		var other kernel
		other.weigh(&alike)
		if k.steps > other.steps && k.steps > 0 && other.dose.factor >= 1 {
			t.Fatalf("%d steps unlike, %d alike, whose factor is %v", k.steps, other.steps, other.dose.factor)
		}
	})
}
