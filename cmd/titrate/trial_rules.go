package main

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"
	"github.com/titrate/titrate/train/trial/detect"
)

func newTrialRules() *cobra.Command {
	var who population
	cmd := &cobra.Command{
		Use:   "rules",
		Short: "Score the cleansing rules on sensor faults whose truth is known",
		Long: "Rules lets virtual people with faulty sensors live, cleanses what they transmit as the pipeline does, and\n" +
			"tells for each fault which share of its readings the rules mark, and which share of the marks are right:\n" +
			"as a table on stderr, as one JSON object on stdout.",
		Example: "  titrate trial rules --patients 30 --days 14",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if _, err := who.options(time.Now()); err != nil {
				return err
			}
			r, err := detect.Run(cmd.Context(), detect.Options{
				Patients: who.patients, Days: who.days, Seed: who.seed, Cohort: who.cohort, Faults: who.faults,
			})
			if err != nil {
				return fmt.Errorf("score rules: %w", err)
			}
			if err := r.Table(cmd.ErrOrStderr()); err != nil {
				return err
			}
			return printSummary(cmd.OutOrStdout(), r)
		},
	}
	who.add(cmd, 30, 14)
	cmd.Flags().Lookup("faults").Usage += " (default all)"
	return cmd
}
