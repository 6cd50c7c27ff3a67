package fit

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/titrate/titrate/cleanse"
	"github.com/titrate/titrate/train"
)

// trainedOn runs the whole way with so many passes at most; 0 is the default.
func trainedOn(t testing.TB, replay train.Replay, epochs int) *train.Report {
	t.Helper()
	start := time.Now()
	result, err := train.Run(context.Background(), train.Options{Replay: replay, Fit: Weights, Seed: 1, Epochs: epochs})
	if err != nil {
		t.Fatal(err)
	}
	r := &result.Report
	t.Logf("%d examples, %v to read, fit and judge", r.Examples, time.Since(start).Round(time.Millisecond))
	cover := map[int]train.CoverScore{}
	for _, c := range r.Coverage {
		cover[c.Minutes] = c
	}
	for _, s := range r.Horizons {
		line := ""
		for _, f := range s.Forecasters {
			line += fmt.Sprintf("%s %.2f [%.2f, %.2f]; ", f.Name, f.RMSE.Value, f.RMSE.Low, f.RMSE.High)
		}
		c := cover[s.Minutes]
		t.Logf("%3d min: %sinside 90%% %.3f, after a bolus %.3f", s.Minutes, line, c.Wide, c.AfterBolus)
	}
	t.Logf("probes %+v; %d epochs, stopped by %s; split %+v", r.Probes, len(r.Epochs), r.Stopped, r.Split)
	return r
}

func beatsTheLastValue(t *testing.T, r *train.Report) {
	t.Helper()
	for _, minutes := range []int{30, 60} {
		s := r.Score(minutes)
		if s == nil {
			t.Fatalf("no score at %d minutes", minutes)
		}
		if model, last := s.Forecaster("model").RMSE.Value, s.Forecaster("last value").RMSE.Value; model >= last {
			t.Errorf("%d minutes ahead the model errs by %.2f, the last value by %.2f", minutes, model, last)
		}
	}
	if r.Probes.DoseWrong != 0 || r.Probes.CarbsWrong != 0 {
		t.Errorf("the direction of an intervention is wrong: %+v", r.Probes)
	}
}

// The tests train on a part and for a few passes, to be bearable under the race
// detector; BenchmarkRun trains on all of it and prints docs/model.md's figures.
const fewPasses = 3

func TestVirtualPeopleAreForecastBetterThanByTheLastValue(t *testing.T) {
	beatsTheLastValue(t, trainedOn(t, virtual(t, 10, 5), fewPasses))
}

func TestRealPeopleAreForecastBetterThanByTheLastValue(t *testing.T) {
	beatsTheLastValue(t, trainedOn(t, first(5000, uom(t)), fewPasses))
}

// first replays the first n events of each person.
func first(n int, replay train.Replay) train.Replay {
	return func(fn func(string, []cleanse.Event) error) error {
		return replay(func(patient string, events []cleanse.Event) error {
			return fn(patient, events[:min(n, len(events))])
		})
	}
}

func BenchmarkRun(b *testing.B) {
	for name, replay := range map[string]func(testing.TB) train.Replay{
		"virtual": func(t testing.TB) train.Replay { return virtual(t, 20, 14) },
		"t1d-uom": uom,
	} {
		b.Run(name, func(b *testing.B) {
			people := replay(b)
			for b.Loop() {
				r := trainedOn(b, people, 0)
				b.ReportMetric(r.Score(30).Forecasters[0].RMSE.Value, "rmse30")
				b.ReportMetric(r.Score(60).Forecasters[0].RMSE.Value, "rmse60")
			}
		})
	}
}
