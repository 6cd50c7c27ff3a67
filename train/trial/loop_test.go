package trial

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/titrate/titrate/train/feature"
)

// What Loop's own tests expect of its algorithm: the effect of insulin and of carbs
// on glucose by the curves that this trial's policies use. Loop's insulin acts ten
// minutes after it was given, and a rate is a dose every five minutes.
const loopDelay = 10 * time.Minute

// effect is a point of an expected timeline, in mg/dL or grams.
type effect struct {
	at     time.Time
	amount float64
}

func loopEffects(t *testing.T, name string) []effect {
	t.Helper()
	var points []struct {
		Date   string
		Amount float64
	}
	readLoop(t, name, &points)
	effects := make([]effect, len(points))
	for i, p := range points {
		effects[i] = effect{loopTime(t, p.Date), p.Amount}
	}
	return effects
}

// equal compares a timeline with what the curves say, to a thousandth of its range.
func equal(t *testing.T, name string, got func(at time.Time) float64) {
	t.Helper()
	want := loopEffects(t, name)
	if len(want) < 70 {
		t.Fatalf("%s: only %d points", name, len(want))
	}
	size := 0.0
	for _, w := range want {
		size = math.Max(size, math.Abs(w.amount))
	}
	for _, w := range want {
		if have := got(w.at); math.Abs(have-w.amount) > 1e-3*size {
			t.Errorf("%s at %s: %.4f, Loop has %.4f", name, w.at.Format("15:04"), have, w.amount)
		}
	}
}

// given is net insulin, in units.
type given struct {
	at    time.Time
	units float64
}

// lowered is the effect of doses on glucose, in mg/dL.
func lowered(doses []given, isf float64) func(time.Time) float64 {
	curve := feature.CurveFor("lispro", 0, false)
	return func(at time.Time) (sum float64) {
		for _, d := range doses {
			sum -= isf * d.units * (1 - curve.IOB(at.Sub(d.at.Add(loopDelay)).Minutes()))
		}
		return sum
	}
}

func TestInsulinEffectsEqualLoops(t *testing.T) {
	day := time.Date(2015, 7, 13, 12, 0, 0, 0, time.UTC)
	equal(t, "effect_from_bolus_output", lowered([]given{{day.Add(157 * time.Second), 1.5}}, 40))
	// 2 U within an hour in which 1 U is basal.
	equal(t, "effect_from_basal_output", lowered(spread(day, day.Add(time.Hour), 2-1), 40))
}

// spread is a rate as doses every five minutes.
func spread(from, to time.Time, units float64) (doses []given) {
	whole := to.Sub(from)
	for at := from; at.Before(to); at = at.Add(5 * time.Minute) {
		part := min(5*time.Minute, to.Sub(at))
		doses = append(doses, given{at, units * part.Seconds() / whole.Seconds()})
	}
	return doses
}

func TestCarbEffectsEqualLoops(t *testing.T) {
	var entries []struct {
		Amount float64
		Start  string  `json:"start_at"`
		Time   float64 `json:"absorption_time"`
	}
	readLoop(t, "carb_entry_input", &entries)
	// Nothing of it has been observed: Loop then takes twice the entered time.
	meal := entries[2]
	eaten := loopTime(t, meal.Start)
	left := func(delay time.Duration) func(time.Time) float64 {
		return func(at time.Time) float64 {
			return meal.Amount * (1 - absorbedEvenly(at.Sub(eaten.Add(delay)).Minutes(), 2*meal.Time))
		}
	}
	const isf, ratio = 40.0, 9.0
	equal(t, "dynamic_glucose_effect_none_observed_output", func(at time.Time) float64 {
		return isf / ratio * (meal.Amount - left(0)(at))
	})
	equal(t, "ice_35_min_none_output", func(at time.Time) float64 {
		if at.Before(eaten.Add(-5 * time.Minute)) { // Loop counts carbs of the next five minutes
			return 0
		}
		return left(loopDelay)(at)
	})
}

// TestTheCurvesOfThisTestCanFail makes sure that the comparison notices a curve
// that is a few percent off.
func TestTheCurvesOfThisTestCanFail(t *testing.T) {
	want := loopEffects(t, "effect_from_bolus_output")
	late := lowered([]given{{time.Date(2015, 7, 13, 12, 4, 37, 0, time.UTC), 1.5}}, 40)
	if !slices.ContainsFunc(want, func(w effect) bool { return math.Abs(late(w.at)-w.amount) > 1e-3*60 }) {
		t.Error("two minutes more of delay go unnoticed")
	}
}

func loopTime(t *testing.T, text string) time.Time {
	t.Helper()
	at, err := time.Parse("2006-01-02T15:04:05", text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// readLoop reads a fixture of LoopAlgorithm.
func readLoop(t *testing.T, name string, into any) {
	t.Helper()
	readShared(t, filepath.Join("loopalgorithm_vectors", "fixtures", name+".json"), into)
}

// readShared reads JSON of the reference data beside the repository, or skips.
func readShared(t *testing.T, name string, into any) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "..", "..", "shared", "data", name))
	if os.IsNotExist(err) {
		t.Skipf("../shared/data not found: %s is compared where it is", name)
	}
	if err == nil {
		err = json.Unmarshal(data, into)
	}
	if err != nil {
		t.Fatal(err)
	}
}
