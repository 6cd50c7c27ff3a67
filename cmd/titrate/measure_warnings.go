package main

import (
	"context"
	"fmt"
	"os"

	"github.com/spf13/cobra"
	"github.com/titrate/titrate/cleanse/lake"
	"github.com/titrate/titrate/train"
	"github.com/titrate/titrate/train/bench"
	"github.com/titrate/titrate/train/trial/hindsight"
)

// warningBench asks how the scorer would have warned people whose lives were recorded.
type warningBench struct {
	lake, data    string
	models, model string
}

func newBenchWarnings() *cobra.Command {
	var job warningBench
	cmd := &cobra.Command{
		Use:   "warnings",
		Short: "Judge the scorer's warnings of lows on lives that were recorded, beside a plain CGM's line",
		Long: "Warnings plays recorded lives to the scorer, as if each event had come when it happened, and judges what it would have\n" +
			"warned of by what glucose then did: a warning is right if the sensor showed less than 70 mg/dL within the hour after it; a low was\n" +
			"foretold if a warning came in the hour before. Beside it stands the line through the last 15 minutes, 20 minutes ahead.",
		Example: `  titrate bench warnings --lake data/lake --model prior
  titrate bench warnings --data t1d_uom --model prior`,
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
	flags.StringVar(&job.lake, "lake", "", "lake of the people: a directory, or s3://bucket/prefix")
	flags.StringVar(&job.data, "data", "", "instead of a lake: directory of the study T1D-UOM's files")
	modelFlags(cmd, &job.models, &job.model)
	return cmd
}

func (j *warningBench) run(ctx context.Context) (any, error) {
	if (j.lake == "") == (j.data == "") {
		return nil, usagef("want either --lake or --data: whose lives")
	}
	model, err := openModel(ctx, j.models, j.model)
	if err != nil {
		return nil, err
	}
	replay, err := j.lives(ctx)
	if err != nil {
		return nil, err
	}
	scores, err := hindsight.Judge(replay, model.Unadapted())
	if err != nil {
		return nil, fmt.Errorf("bench warnings: %w", err)
	}
	writeLine(os.Stderr, "| warned by | people, days | lows | foretold | warnings a day | right | lead, min |\n|---|---|---|---|---|---|---|")
	for _, s := range scores {
		writeLine(os.Stderr, "| %s | %d, %.0f | %d | %.0f %% | %.1f | %.0f %% | %.0f |", s.Who, s.People, s.Days, s.Lows, 100*s.Recall, s.PerDay, 100*s.Precision, s.LeadMinutes)
	}
	return struct {
		Model  string            `json:"model"`
		Scores []hindsight.Score `json:"scores"`
	}{model.Name(), scores}, nil
}

func (j *warningBench) lives(ctx context.Context) (train.Replay, error) {
	if j.data != "" {
		return bench.Recorded("t1d-uom", j.data)
	}
	bucket, err := readLake(ctx, j.lake)
	if err != nil {
		return nil, err
	}
	return train.FromLake(ctx, bucket, lake.EventOptions{}), nil
}
