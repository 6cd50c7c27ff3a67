package fit

import (
	"context"
	"testing"
	"time"

	"github.com/titrate/titrate/train"
)

// trainedOn runs the whole way and logs the report's figures.
func trainedOn(t *testing.T, replay train.Replay) *train.Result {
	t.Helper()
	start := time.Now()
	var fitting time.Time
	result, err := train.Run(context.Background(), train.Options{
		Replay: replay, Fit: Weights, Seed: 1,
		Progress: func(p train.Progress) {
			if p.Stage == "fitting" && fitting.IsZero() {
				fitting = time.Now()
			}
			if p.Stage == "judging" {
				t.Logf("%d examples, %v to read and fit", p.Examples, time.Since(start).Round(time.Millisecond))
			}
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	r := &result.Report
	t.Logf("%s", r.Verdict())
	for _, s := range r.Horizons {
		line := ""
		for _, f := range s.Forecasters {
			line += f.Name + " " + show(f.RMSE) + "; "
		}
		t.Logf("%3d min: %s gain %s", s.Minutes, line, show(s.Gain))
	}
	for _, c := range r.Coverage {
		t.Logf("%3d min: inside 90%% %.3f, 50%% %.3f, after a bolus %.3f", c.Minutes, c.Wide, c.Narrow, c.AfterBolus)
	}
	t.Logf("probes %+v; %d epochs, stopped by %s; split %+v", r.Probes, len(r.Epochs), r.Stopped, r.Split)
	return result
}

func beatsTheLastValue(t *testing.T, r *train.Report) {
	t.Helper()
	for _, minutes := range []int{30, 60} {
		s := r.Score(minutes)
		if s == nil {
			t.Fatalf("no score at %d minutes", minutes)
		}
		if model, last := s.Forecasters[0].RMSE.Value, s.Forecasters[1].RMSE.Value; model >= last {
			t.Errorf("%d minutes ahead the model errs by %.2f, the last value by %.2f", minutes, model, last)
		}
	}
	if r.Probes.DoseWrong != 0 || r.Probes.CarbsWrong != 0 {
		t.Errorf("the direction of an intervention is wrong: %+v", r.Probes)
	}
}

func TestVirtualPeopleAreForecastBetterThanByTheLastValue(t *testing.T) {
	people, days := 20, 14
	if testing.Short() {
		t.Skip("trains for seconds")
	}
	result := trainedOn(t, virtual(t, people, days))
	beatsTheLastValue(t, &result.Report)
}

func TestRealPeopleAreForecastBetterThanByTheLastValue(t *testing.T) {
	if testing.Short() {
		t.Skip("trains for seconds")
	}
	result := trainedOn(t, uom(t))
	beatsTheLastValue(t, &result.Report)
}
