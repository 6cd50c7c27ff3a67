package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/spf13/cobra"
	"github.com/titrate/titrate/cleanse/lake"
	"github.com/titrate/titrate/train"
	"github.com/titrate/titrate/train/fit"
)

// trainJob trains on a lake and publishes what it found.
type trainJob struct {
	lake, registry lake.Bucket
	events         lake.EventOptions
	seed           uint64
	epochs         int
	report         string // also write the HTML report here
}

func newTrain() *cobra.Command {
	var job trainJob
	var where, models, since, until string
	cmd := &cobra.Command{
		Use:   "train",
		Short: "Train a forecaster on the lake, judge it on people it has not seen, publish it",
		Long: "Train replays the lake in log order through the features of live scoring, fits a model, judges it\n" +
			"on people who were held out, and publishes it with its report as the registry's champion.\n" +
			"It prints one JSON object with the errors in mg/dL beside those of simpler forecasters.",
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			if job.events.Since, err = day("--since", since); err != nil {
				return err
			}
			if job.events.Until, err = day("--until", until); err != nil {
				return err
			}
			if job.lake, err = openBucket(cmd.Context(), where); err != nil {
				return err
			}
			if job.registry, err = openBucket(cmd.Context(), models); err != nil {
				return err
			}
			_, report, err := job.run(cmd.Context())
			if err != nil {
				return fmt.Errorf("%w (lake %s)", err, where)
			}
			return printSummary(cmd.OutOrStdout(), trainSummaryOf(report))
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&where, "lake", "data/lake", "directory, or s3://bucket/prefix")
	flags.StringVar(&models, "models", "data/models", "registry of models: a directory, or s3://bucket/prefix")
	flags.StringVar(&since, "since", "", "first day of the events, YYYY-MM-DD (default: all)")
	flags.StringVar(&until, "until", "", "day after the last, YYYY-MM-DD (default: all)")
	flags.StringSliceVar(&job.events.Patients, "patients", nil, "only these people (repeatable)")
	flags.StringVar(&job.report, "report", "", "also write the HTML report to this file")
	flags.Uint64Var(&job.seed, "seed", 1, "same lake, seed and machine: same model")
	flags.IntVar(&job.epochs, "epochs", 0, "passes over the data at most (0: default)")
	return cmd
}

func day(flag, text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	at, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return at, usagef("%s %q: want YYYY-MM-DD", flag, text)
	}
	return at, nil
}

// run trains, publishes and promotes.
func (j *trainJob) run(ctx context.Context) (*train.Model, train.Report, error) {
	now := time.Now()
	show := startProgress("Training", 100)
	result, err := train.Run(ctx, train.Options{
		Replay: train.FromLake(ctx, j.lake, j.events), Fit: fit.Weights, Seed: j.seed, Epochs: j.epochs, Now: now,
		Progress: func(p train.Progress) { show.set(trainPercent(p), trainNote(p)) },
	})
	if err != nil {
		return nil, train.Report{}, err
	}
	model, err := train.Publish(ctx, j.registry, result, now)
	if err != nil {
		return nil, train.Report{}, err
	}
	if err := train.Promote(ctx, j.registry, model.Version, now); err != nil {
		return nil, train.Report{}, err
	}
	report := result.Report
	report.Model = model.Version
	if err := j.write(report); err != nil {
		return nil, train.Report{}, err
	}
	show.end(trainResult(report))
	return model, report, nil
}

func (j *trainJob) write(report train.Report) error {
	if j.report == "" {
		return nil
	}
	html, err := report.HTML()
	if err != nil {
		return err
	}
	return replaceFile(j.report, html)
}

func trainPercent(p train.Progress) int64 {
	switch {
	case p.Stage == "judging":
		return 95
	case p.Epoch.Of > 0:
		return 5 + int64(90*p.Epoch.Number/p.Epoch.Of)
	}
	return 1
}

func trainNote(p train.Progress) string {
	if p.Epoch.Of == 0 {
		return p.Stage
	}
	return fmt.Sprintf("loss %.4f", p.Epoch.Tune)
}

// trainResult is the one line that a person wants to read.
func trainResult(r train.Report) string {
	text := fmt.Sprintf("model %s from %d examples", r.Model, r.Examples)
	if s := r.Score(30); s != nil {
		text += fmt.Sprintf(", RMSE at 30 min %.1f mg/dL", s.Forecasters[0].RMSE.Value)
	}
	return text
}

// trainSummary is the JSON that the job ends with.
type trainSummary struct {
	Model    string               `json:"model"`
	Examples int                  `json:"examples"`
	Split    train.Split          `json:"split"`
	Horizons []train.HorizonScore `json:"horizons"`
	Coverage []train.CoverScore   `json:"coverage"`
	Probes   train.Probes         `json:"probes"`
	Stopped  string               `json:"stopped"`
}

func trainSummaryOf(r train.Report) trainSummary {
	return trainSummary{r.Model, r.Examples, r.Split, r.Horizons, r.Coverage, r.Probes, r.Stopped}
}

// loadModel loads by alias or version; the error wraps fs.ErrNotExist if there is none.
func loadModel(ctx context.Context, registry lake.Bucket, model string) (*train.Model, error) {
	if model == champion {
		return train.Champion(ctx, registry)
	}
	return train.Named(ctx, registry, model)
}

// model is the demo's champion; the first start trains it.
func (d *demo) model(ctx context.Context, bucket lake.Bucket) (*train.Model, error) {
	registry, err := openBucket(ctx, d.path("models"))
	if err != nil {
		return nil, err
	}
	m, err := train.Champion(ctx, registry)
	if !errors.Is(err, fs.ErrNotExist) {
		return m, err
	}
	job := trainJob{lake: bucket, registry: registry, seed: d.who.seed}
	m, _, err = job.run(ctx)
	return m, err
}
