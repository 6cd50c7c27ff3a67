package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"
	"github.com/titrate/titrate/train"
	"github.com/titrate/titrate/train/bench"
	"github.com/titrate/titrate/train/fit"
	"github.com/titrate/titrate/train/trial"
)

// alarmBench asks how well lows are foretold, and how well they could be.
type alarmBench struct {
	people, days, epochs int
	seed                 uint64
	ordinary             bool
}

func newBenchAlarms() *cobra.Command {
	var job alarmBench
	cmd := &cobra.Command{
		Use:   "alarms",
		Short: "Judge predicted-low alarms on virtual people beside the trend and the true body",
		Long: "Alarms trains on virtual people and judges on others how well lows are foretold, at every reading: by the model,\n" +
			"by the trend of 20 minutes, and by an oracle that lives the true body on for 45 minutes with nothing that is yet to be\n" +
			"eaten, dosed or done. Lows are what the sensor shows below 70 mg/dL for a quarter of an hour, and what plasma glucose does.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			result, err := job.run(cmd.Context())
			if err != nil {
				return err
			}
			return printSummary(cmd.OutOrStdout(), result)
		},
	}
	flags := cmd.Flags()
	flags.IntVar(&job.people, "people", 160, "how many people; half teach, a fifth tune, the rest judge")
	flags.IntVar(&job.days, "days", 14, "days of each")
	flags.Uint64Var(&job.seed, "seed", 1, "of people and fit")
	flags.IntVar(&job.epochs, "epochs", 0, "passes over the data at most (0: default)")
	flags.BoolVar(&job.ordinary, "ordinary", false, "ordinary lives and sensors without faults, instead of hard ones")
	return cmd
}

func (j *alarmBench) run(ctx context.Context) (any, error) {
	if err := errors.Join(atLeast("--people", j.people, 1), atLeast("--days", j.days, 1), atLeast("--epochs", j.epochs, 0)); err != nil {
		return nil, err
	}
	lives := bench.VirtualOptions{People: j.people, Days: j.days, Seed: j.seed}
	if !j.ordinary {
		lives.Strain, lives.Faults = trial.Stress.Strain, trial.Stress.Faults
	}
	show, pace := startProgress("Training", 100), new(trainPace)
	scores, err := bench.Alarms(ctx, lives, train.Options{
		Fit: fit.Weights, Seed: j.seed, Epochs: j.epochs,
		Progress: func(p train.Progress) { show.set(trainPercent(p), pace.note(p, time.Now())) },
	})
	if err != nil {
		return nil, err
	}
	show.end(fmt.Sprintf("%d lows of the sensor judged", scores[0].Alarm.Lows))
	writeLine(os.Stderr, "| foretold by | lows | recall | precision | F1 | lead, min | false a day |\n|---|---|---|---|---|---|---|")
	for _, s := range scores {
		a := s.Alarm
		writeLine(os.Stderr, "| %s | %s, %d | %.2f | %.2f | %.2f | %.0f | %.2f |", s.Who, s.Lows, a.Lows, a.Recall, a.Precision, a.F1, a.LeadMinutes, a.FalsePerDay)
	}
	return struct {
		Ordinary bool               `json:"ordinary"`
		Scores   []bench.AlarmScore `json:"scores"`
	}{j.ordinary, scores}, nil
}
