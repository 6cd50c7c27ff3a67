package train

import (
	"testing"
	"time"

	"github.com/titrate/titrate/cleanse"
	"github.com/titrate/titrate/train/feature"
)

// steady is a person at 140 mg/dL with settings and nothing on board.
func steady(t testing.TB) *feature.Vector {
	t.Helper()
	var w feature.Window
	at := time.Date(2026, 11, 21, 8, 0, 0, 0, time.UTC)
	w.Observe(&cleanse.Event{Kind: cleanse.Profile, At: at.Add(-time.Hour), Profile: &cleanse.Settings{
		Zone: time.UTC, ISF: cleanse.Schedule{{Value: 50}}, ICR: cleanse.Schedule{{Value: 10}},
	}})
	for minutes := -60; minutes <= 0; minutes += 5 {
		w.Observe(&cleanse.Event{Kind: cleanse.Glucose, Source: "cgm",
			At: at.Add(time.Duration(minutes) * time.Minute), Glucose: cleanse.GlucoseReading{MgdL: 140}})
	}
	var v feature.Vector
	if !w.Vector(at, &v) {
		t.Fatal("no vector of a steady hour")
	}
	return &v
}

func TestPriorHoldsASteadyPersonSteady(t *testing.T) {
	var f Forecast
	Prior().Forecast(steady(t), Plan{}, &f)
	for h, minutes := range Horizons {
		if f.P50[h] != 140 {
			t.Errorf("median at %d min is %v, want 140", minutes, f.P50[h])
		}
	}
}

func TestPriorTakesTheSettingsAtTheirWord(t *testing.T) {
	v := steady(t)
	last := horizons - 1
	var f Forecast
	Prior().Forecast(v, Plan{Dose: 1}, &f)
	curve := feature.CurveFor("", 0, false)
	want := 140 - 50*(1-curve.IOB(240))
	if got := float64(f.P50[last]); got < want-1e-9 || got > want+1e-9 {
		t.Errorf("one unit leads to %v at 240 min, want %v", got, want)
	}
	Prior().Forecast(v, Plan{Carbs: 10}, &f)
	want = 140 + 50*feature.Absorbed(240)
	if got := float64(f.P50[last]); got < want-1e-9 || got > want+1e-9 {
		t.Errorf("ten grams lead to %v at 240 min, want %v", got, want)
	}
}

func TestForecastAllocatesNothing(t *testing.T) {
	v, m, f := steady(t), Prior(), new(Forecast)
	if n := testing.AllocsPerRun(100, func() { m.Forecast(v, Plan{Dose: 2, Carbs: 30}, f) }); n != 0 {
		t.Errorf("%v allocations a forecast", n)
	}
}

func BenchmarkForecast(b *testing.B) {
	v, m, f := steady(b), Prior(), new(Forecast)
	b.ReportAllocs()
	for b.Loop() {
		m.Forecast(v, Plan{Dose: 2, Carbs: 30}, f)
	}
}
