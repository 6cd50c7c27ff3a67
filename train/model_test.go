package train

import (
	"fmt"
	"runtime/debug"
	"runtime/metrics"
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

// BenchmarkCorrected is a forecast of a person of whom something was learned.
func BenchmarkCorrected(b *testing.B) {
	m := Prior()
	a, err := m.Learn(crowd(1, 4))
	if err != nil {
		b.Fatal(err)
	}
	m.Adaptation = a
	v := feature.Vector{feature.Glucose: 150, feature.Age: 1, feature.ISF: 50, feature.CSF: 5}
	var f Forecast
	b.ReportAllocs()
	for b.Loop() {
		by := m.Correction("p-00", &v)
		if by == (Correction{}) {
			b.Fatal("nothing was learned")
		}
		m.ForecastOf(&v, Plan{Dose: 1}, &by, &f)
	}
}

// BenchmarkLearn learns of people with two weeks of readings.
func BenchmarkLearn(b *testing.B) {
	m, replay := Prior(), crowd(4, 14)
	x, err := Collect(replay)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := m.Learn(replay); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(x.Len()), "ns/moment")
}

// BenchmarkAdaptationWeight is the heap that a model's adaptation takes, a person.
func BenchmarkAdaptationWeight(b *testing.B) {
	const people = 20_000
	m, events := Prior(), life(1, 1)
	for range b.N {
		one, err := m.Learn(only(events...))
		if err != nil {
			b.Fatal(err)
		}
		way, _ := one.way("p-01")
		var all ways
		for i := range people {
			all.add(fmt.Sprintf("patient-%08d", i), &taught{way: way, moments: 100})
		}
		data := all.rows.Bytes()
		before := heap()
		a, err := indexed(string(data), monday)
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(heap()-before)/people, "B/person")
		if a.People() != people || len(data) == 0 || all.moments == 0 { // and all are kept up to here
			b.Fatal("people are missing")
		}
	}
}

func heap() uint64 {
	debug.FreeOSMemory() // collects garbage
	bytes := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(bytes)
	return bytes[0].Value.Uint64()
}
