package main

import (
	"fmt"

	"github.com/spf13/cobra"
	"github.com/titrate/titrate/train/trial"
)

func newTrialLimits() *cobra.Command {
	var job trialJob
	var limits []float64
	cmd := &cobra.Command{
		Use:   "limits",
		Short: "Draw the curve of lows against time in range over the forecast's limit",
		Long: "Limits treats the same virtual people under different limits of the chance of less than 70 mg/dL that a\n" +
			"dose may bring within four hours, and prints what becomes of them: as a table on stderr, as one JSON object\n" +
			"on stdout. A model that was not calibrated (prior) ignores the limit.",
		Example: "  titrate trial limits --models ./models --condition stress --limits 0.02,0.05,0.1,0.2",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := job.check(); err != nil {
				return usageError{err}
			}
			if _, err := trial.Limited(limits, nil); err != nil {
				return usageError{fmt.Errorf("--limits: %w", err)}
			}
			model, err := openModel(cmd.Context(), job.models, job.model)
			if err != nil {
				return err
			}
			if job.options.Arms, err = trial.Limited(limits, model); err != nil {
				return usageError{err}
			}
			result, err := job.treat(cmd.Context(), model)
			if err != nil {
				return err
			}
			if err := result.Curve(cmd.ErrOrStderr()); err != nil {
				return err
			}
			if err := printSummary(cmd.OutOrStdout(), result); err != nil {
				return err
			}
			return failedArms(result)
		},
	}
	job.arms = []string{trial.Titrate}
	flags := cmd.Flags()
	job.population(flags, trial.Stress)
	flags.Float64SliceVar(&limits, "limits", []float64{0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 1}, "chances of less than 70 mg/dL to compare")
	modelFlags(cmd, &job.models, &job.model)
	return cmd
}
