package predict

import (
	"flag"
	"math"
	"math/rand/v2"
	"reflect"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/titrate/titrate/cleanse"
	"github.com/titrate/titrate/train"
	"github.com/titrate/titrate/train/feature"
)

// states is how many situations TestStates draws; make test-states draws ten million.
var states = flag.Int("states", 20_000, "random situations to put through the kernel")

// TestStates: however plausible a moment of whatever person, no dose is no number,
// negative or over a cap, rises with insulin on board, falls with carbs, or differs
// between mg/dL and mmol/L, or between time zones.
func TestStates(t *testing.T) {
	workers := runtime.GOMAXPROCS(0)
	var group sync.WaitGroup
	var dosed atomic.Int64
	for w := range workers {
		group.Go(func() {
			for i := w; i < *states && !t.Failed(); i += workers {
				if checkState(t, uint64(i)) > 0 {
					dosed.Add(1)
				}
			}
		})
	}
	group.Wait()
	if got := dosed.Load(); got < int64(*states/6) {
		t.Errorf("only %d of %d got a dose: little was tested", got, *states)
	}
}

// checkState draws a situation and its four variations, compares, and returns the dose.
func checkState(t *testing.T, seed uint64) cleanse.Units {
	var k kernel
	s, person := drawState(rand.New(rand.NewPCG(seed, 7)))
	weigh := func(s Situation) Decision {
		k.weigh(&s)
		return k.said
	}
	base := weigh(s)
	if base.Kind == Basal {
		base.Units = 0
	}
	capped(t, seed, &s, &base)
	if s.Unlike > 0 && k.dose.factor != 1 {
		t.Errorf("seed %d: × %v by a model that doesn't know such moments", seed, k.dose.factor)
	}

	more := s
	more.Insulin.OnBoard += cleanse.Units(person.more)
	if d := weigh(more); d.Kind != Basal && d.Units > base.Units {
		t.Errorf("seed %d: %v U, and %v U with %v U more on board", seed, base.Units, d.Units, person.more)
	}
	more = s
	more.Meal.Carbs.V = min(more.Meal.Carbs.V+cleanse.Grams(10*person.more), carbsMost)
	if d := weigh(more); s.Ask == AboutMeal && s.Meal.Carbs.V <= carbsMost && d.Units < base.Units {
		t.Errorf("seed %d: %v U for %v g, %v U for %v g", seed, base.Units, s.Meal.Carbs.V, d.Units, more.Meal.Carbs.V)
	}
	other := s
	other.Glucose.MgdL = cleanse.MgdL(s.Glucose.MgdL.MmolL() * cleanse.MgdLPerMmolL)
	same(t, seed, "in mmol/L", base, weigh(other))

	zone := time.FixedZone("somewhere", person.hours*3600)
	settings := *s.Settings
	other, settings.Zone = s, zone
	other.Now, other.Settings = s.Now.In(zone), &settings
	if !s.Glucose.FellAt.IsZero() { // then night matters, and it is the person's own
		settings.Zone = s.Settings.Zone
	}
	same(t, seed, "in another zone", base, weigh(other))
	return base.Units
}

func same(t *testing.T, seed uint64, how string, a, b Decision) {
	if b.Kind == Basal {
		b.Units = 0
	}
	if a.Kind != b.Kind || a.Units != b.Units || !reflect.DeepEqual(a.Carbs, b.Carbs) || a.Alert != b.Alert {
		t.Errorf("seed %d: %s of %v U, %v g; %s %s of %v U, %v g", seed, a.Kind, a.Units, a.Carbs, how, b.Kind, b.Units, b.Carbs)
	}
}

// capped checks a dose against every cap by itself.
func capped(t *testing.T, seed uint64, s *Situation, d *Decision) {
	u, p := float64(d.Units), s.Settings
	if math.IsNaN(u) || math.IsInf(u, 0) || u < 0 || !(d.Carbs >= 0 && d.Carbs <= carbsAtOnce) {
		t.Errorf("seed %d: %v U, %v g", seed, u, d.Carbs)
	}
	if u == 0 {
		return
	}
	iob := float64(s.Insulin.OnBoard + s.Insulin.Unconfirmed)
	own := min(hardMost[classOf(p, s.Now)], 10)
	if p.MaxBolus > 0 {
		own = min(hardMost[classOf(p, s.Now)], float64(p.MaxBolus))
	}
	switch {
	case u > own+1e-9, u+iob > 2*own+0.011:
		t.Errorf("seed %d: %v U with %v U on board, at most %v", seed, u, iob, own)
	case s.Insulin.PerDay > 0 && !s.Insulin.PerDayShort && u+float64(s.Insulin.Total24) > 1.5*float64(s.Insulin.PerDay)+1e-6:
		t.Errorf("seed %d: %v U over the day's", seed, u)
	case s.Glucose.OK && math.Round(float64(s.Glucose.MgdL)) < lowBelow:
		t.Errorf("seed %d: %v U at %v mg/dL", seed, u, s.Glucose.MgdL)
	case s.Ask != AboutMeal && s.Now.Sub(s.Insulin.LastCorrection) < correctionsApart:
		t.Errorf("seed %d: a correction of %v U %v after the last", seed, u, s.Now.Sub(s.Insulin.LastCorrection))
	case s.Ask != AboutMeal && s.Glucose.Source == "cgm" && s.Glucose.Behind > clockMost:
		t.Errorf("seed %d: a correction of %v U by a clock that is behind", seed, u)
	case s.Ask == AboutMeal && s.Meal.Rest > 0 && (d.Units > s.Meal.Rest || s.Glucose.Slope < 0 || s.Glucose.MgdL <= 117):
		t.Errorf("seed %d: %v U as a second part: of %v, at %v mg/dL by %v", seed, u, s.Meal.Rest, s.Glucose.MgdL, s.Glucose.Slope)
	case p.Regimen == "basal":
		t.Errorf("seed %d: %v U of rapid-acting insulin without any", seed, u)
	}
}

// TestStatesInMmol: whatever is said of a state can be said in mmol/L.
func TestStatesInMmol(t *testing.T) {
	for i := range min(*states/20, 20_000) {
		s, _ := drawState(rand.New(rand.NewPCG(uint64(i), 7)))
		d := Decide(s)
		said := []string{d.Because}
		for _, g := range d.Gates {
			said = append(said, g.Note)
		}
		for _, text := range said {
			if in, known := InUnit(MmolPerL, text); !known || strings.Contains(in, MgPerDL) {
				t.Errorf("seed %d: %q is said as %q (%t)", i, text, in, known)
			}
		}
		if t.Failed() {
			return
		}
	}
}

// variation is what differs in the situations that are compared.
type variation struct {
	more  float64
	hours int
}

// drawState is a moment of somebody: usual more often than not, and each oddity now
// and then.
func drawState(r *rand.Rand) (Situation, variation) {
	between := func(least, most float64) float64 { return least + (most-least)*r.Float64() }
	seldom := func(x float64) float64 {
		if r.IntN(15) > 0 {
			return 0
		}
		return x
	}
	ago := func(minutes float64) time.Time {
		if r.IntN(15) > 0 {
			return time.Time{}
		}
		return noon.Add(-time.Duration(between(0, minutes) * float64(time.Minute)))
	}
	low := between(87, 130)
	s := Situation{
		Now: noon, Ask: []Ask{AboutMeal, AboutMeal, AboutReading, AboutNow}[r.IntN(4)],
		Settings: &cleanse.Settings{
			BirthYear: 1940 + r.IntN(85), Diabetes: []string{"type1", "type2"}[r.IntN(2)], WeightKg: between(12, 140),
			Regimen: []string{"mdi", "mdi", "pump", "mdi", "basal"}[r.IntN(5)], Zone: time.UTC,
			ICR: constant(cents(between(2, 60))), ISF: constant(cents(between(10, 300))),
			TargetLow: constant(cents(low)), TargetHigh: constant(cents(low + between(0, 50))),
			BasalPerDay: constant(between(2, 80)), MaxBolus: cleanse.Units(between(0, 30)), Insulin: "lispro",
			DoseStep: cleanse.Units([]float64{0, 0.025, 0.05, 0.1, 0.5, 1, 2}[r.IntN(7)]),
		},
		Glucose: Sense{
			OK: r.IntN(30) > 0, MgdL: cleanse.MgdL(math.Round(between(39, 401))), Source: []string{"cgm", "cgm", "cgm", "fingerstick"}[r.IntN(4)],
			At: noon.Add(-time.Duration(r.IntN(9)-2+r.IntN(2)*r.IntN(2)*r.IntN(12)) * time.Minute), Slope: between(-3, 4), SlopeOK: r.IntN(5) > 0,
			Noise: seldom(between(0, 1)), Jump: cleanse.MgdL(seldom(between(-60, 60))), FlatFor: time.Duration(seldom(90)) * time.Minute,
			HighFor: time.Duration(seldom(200)) * time.Minute, FellAt: ago(120), LowAt: ago(120), SensorStart: ago(120), Calibration: ago(30),
		},
		Insulin: Taken{
			OnBoard: cleanse.Units(between(0, 6)), Unconfirmed: cleanse.Units(seldom(between(0, 8))), ForMeal: cleanse.Units(seldom(between(0, 8))),
			LastCorrection: ago(300), Total24: cleanse.Units(between(0, 50)), PerDay: cleanse.Units(between(0, 120)), PerDayShort: r.IntN(2) == 0,
			Long: Injection{noon.Add(-10 * time.Hour), 18}, CarbsOnBoard: cleanse.Grams(between(0, 60)), CarbsJustEaten: cleanse.Grams(seldom(20)), Rescued: ago(120),
		},
		Need: between(0.7, 1.3), Modelled: true, Calibrated: r.IntN(2) == 0, LowChance: seldom(0.3),
		Exercise: Exertion{ago(300), time.Hour, []string{"light", "vigorous"}[r.IntN(2)]},
		Advised:  Advised{ago(9), 150},
		Basal:    Titration{Fasting: []float64{between(80, 250), between(80, 250), between(80, 250)}, Clinic: between(2, 80)},
	}
	if r.IntN(10) == 0 {
		s.Insulin.LongPrev = Injection{noon.Add(-20 * time.Hour), 18}
	}
	s.Meal = Announced{Carbs: cleanse.Some(cleanse.Grams(r.IntN(260))), At: noon, Rescue: r.IntN(20) == 0, Twice: r.IntN(20) == 0, Gone: seldom(0.2)}
	s.Meal.Rest = cleanse.Units(seldom(between(0, 8)))
	s.Meal.UsualMost = cleanse.Grams(r.IntN(2) * (20 + r.IntN(100)))
	s.Glucose.Behind, s.Glucose.Headed = time.Duration(seldom(between(0, 90)))*time.Minute, ago(120)
	s.Insulin.AskedLong, s.Basal.Gap = ago(24*60), ago(5*24*60)
	if r.IntN(20) > 0 {
		s.Forecast, s.Unlike = drawBody(r, &s), int(seldom(between(0, 6)))
	}
	return s, variation{between(0, 8), r.IntN(27) - 12}
}

// drawBody is a model of the kind that train makes, which may think otherwise of the
// person than the settings do: every quantile is linear in carbs and dose, and falls
// with the dose.
func drawBody(r *rand.Rand, s *Situation) func(train.Plan) train.Forecast {
	isf, icr := s.Settings.ISF[0].Value*(0.5+1.5*r.Float64()), s.Settings.ICR[0].Value*(0.5+1.5*r.Float64())
	spread, drift, bg, iob := 2+40*r.Float64(), -20+90*r.Float64(), math.Round(float64(s.Glucose.MgdL)), float64(s.Insulin.OnBoard)
	doubt := 0.25 * r.Float64()
	return func(plan train.Plan) (f train.Forecast) {
		for h, m := range train.Horizons {
			share := float64(m) / 240
			fall := isf * (float64(plan.Dose) + iob) * (1 - bodyCurve.IOB(float64(m)))
			x := bg + drift*share + isf/icr*float64(plan.Carbs)*feature.Absorbed(float64(m)) - fall
			w := spread*math.Sqrt(share) + doubt*fall
			limit := func(x float64) cleanse.MgdL { return cleanse.MgdL(min(max(x, 20), 600)) }
			f.P05[h], f.P25[h], f.P50[h] = limit(x-1.6*w), limit(x-0.7*w), limit(x)
			f.P75[h], f.P95[h] = limit(x+0.7*w), limit(x+1.6*w)
		}
		return f
	}
}

var bodyCurve = feature.CurveFor("lispro", 0, false)
