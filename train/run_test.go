package train

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/titrate/titrate/cleanse"
)

func TestRunRefusesWhatNothingCanBeLearnedFrom(t *testing.T) {
	flat := func(fn func(string, []cleanse.Event) error) error {
		for _, name := range []string{"a", "b", "c"} {
			var events []cleanse.Event
			for m := 0; m < 3000; m += 5 {
				events = append(events, reading(float64(m), 120))
			}
			if err := fn(name, events); err != nil {
				return err
			}
		}
		return nil
	}
	broken := func(func(string, []cleanse.Event) error) error { return errors.New("disk on fire") }
	nothing := func(func(string, []cleanse.Event) error) error { return nil }
	for name, c := range map[string]struct {
		replay Replay
		want   string
	}{
		"no data":        {nothing, "no examples"},
		"no glucose":     {only(meal(0, 20), bolus(3, 2)), "no examples"},
		"one person":     {crowd(1, 8), "one person only (p-00)"},
		"two people":     {crowd(2, 8), "at least three"},
		"a few hours":    {crowd(4, 1), "too few examples"},
		"all the same":   {flat, "the same at all 900 moments (120 mg/dL)"},
		"unreadable log": {broken, "disk on fire"},
	} {
		_, err := Run(context.Background(), Options{Replay: c.replay, Fit: asIs})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q in it", name, err, c.want)
		}
	}
}

func TestRunReportsOnUnseenPeople(t *testing.T) {
	var stages []string
	result, err := Run(context.Background(), Options{Replay: crowd(6, 5), Fit: asIs, Now: monday, Seed: 4,
		Progress: func(p Progress) { stages = append(stages, p.Stage) }})
	if err != nil {
		t.Fatal(err)
	}
	r := &result.Report
	if len(r.Persons) != len(r.Split.Test) || r.Persons[0].Patient != r.Split.Test[0] {
		t.Errorf("judged by %+v, want %v", r.Persons, r.Split.Test)
	}
	if r.Probes.Asked == 0 || r.Probes.DoseWrong != 0 || r.Probes.CarbsWrong != 0 {
		t.Errorf("probes %+v", r.Probes)
	}
	for _, s := range r.Horizons {
		last := s.Forecasters[lastValue]
		if last.Name != "last value" || !(last.RMSE.Low <= last.RMSE.Value && last.RMSE.Value <= last.RMSE.High) {
			t.Errorf("%d min: %+v", s.Minutes, last)
		}
	}
	if got := r.Score(15).Forecasters[lastValue].RMSE.Value; math.Abs(got-8.5) > 1.5 {
		t.Errorf("three steps of 5 mg/dL err by %v, want about 8.5", got)
	}
	if strings.Join(stages, " ") != "reading fitting judging" {
		t.Errorf("stages %v", stages)
	}
}

func TestTheReportIsAPageThatStandsAlone(t *testing.T) {
	result, err := Run(context.Background(), Options{Replay: crowd(5, 4), Fit: asIs, Now: monday})
	if err != nil {
		t.Fatal(err)
	}
	html, err := result.Report.HTML()
	if err != nil {
		t.Fatal(err)
	}
	text := string(html)
	wanted := append(forecasterNames[:], "<svg", "30 minutes ahead it errs by", "not a medical device", result.Report.Split.Test[0],
		"15 min", "240 min", "3 h after a bolus", "Clarke, 60 min", "Parkes, 30 min", "DTS, 60 min", "right about other doses",
		"foretells lows", "injections", "below each quantile", "loss grows", "more people would help", "prefers-color-scheme:dark")
	for _, want := range wanted {
		if !strings.Contains(text, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	for _, never := range []string{"http://", "https://", "<script", "NaN", "ZgotmplZ"} {
		if strings.Contains(text, never) {
			t.Errorf("the page holds %q", never)
		}
	}
}

func TestFitErrorsReachTheCaller(t *testing.T) {
	failing := func(context.Context, *Examples, FitOptions) (Fitted, error) { return Fitted{}, errors.New("no luck") }
	if _, err := Run(context.Background(), Options{Replay: crowd(5, 4), Fit: failing}); err == nil || !strings.Contains(err.Error(), "no luck") {
		t.Errorf("error %v", err)
	}
}

func TestALearningCurveHasAPointForEachPart(t *testing.T) {
	var stages []string
	progress := func(p Progress) {
		if len(stages) == 0 || stages[len(stages)-1] != p.Stage {
			stages = append(stages, p.Stage)
		}
	}
	result, err := Run(context.Background(), Options{Replay: crowd(12, 4), Fit: asIs, Now: monday, Curve: true, Progress: progress})
	if err != nil {
		t.Fatal(err)
	}
	if strings.Join(stages, " ") != "reading fitting judging learning curve" {
		t.Errorf("progress goes back: %v", stages)
	}
	curve, people := result.Report.Curve, len(result.Report.Split.Train)
	if len(curve) != 3 || curve[0].People != people/4 || curve[1].People != people/2 || curve[2].People != people {
		t.Fatalf("curve %+v of %d people", curve, people)
	}
	for _, p := range curve {
		if p.Loss <= 0 || p.RMSE60 <= 0 {
			t.Errorf("point %+v", p)
		}
	}
}
