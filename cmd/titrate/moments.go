package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"time"

	"github.com/spf13/cobra"
	"github.com/titrate/titrate/cleanse"
	"github.com/titrate/titrate/cleanse/lake"
	"github.com/titrate/titrate/predict"
)

func newMoments() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "moments",
		Short: "Named situations that a coach acts on: check a file of them, or ask the lake when they came up",
		Args:  cobra.NoArgs,
	}
	cmd.AddCommand(newMomentsStandard(), newMomentsCheck(), newMomentsBacktest())
	return cmd
}

func newMomentsStandard() *cobra.Command {
	return &cobra.Command{
		Use:   "standard",
		Short: "Print the definitions that come with the program, to begin a file from",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := cmd.OutOrStdout().Write(predict.StandardMomentsYAML())
			return err
		},
	}
}

func newMomentsCheck() *cobra.Command {
	return &cobra.Command{
		Use:     "check FILE",
		Short:   "Say what is wrong with a file of definitions",
		Example: "  titrate moments check moments.yaml",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			m, err := readMoments(args[0])
			if err == nil {
				writeLine(cmd.OutOrStdout(), "%s: nothing is wrong; moments: %d", args[0], m.Len())
			}
			return err
		},
	}
}

func newMomentsBacktest() *cobra.Command {
	var where, file, since, until string
	var events lake.EventOptions
	var history bool
	cmd := &cobra.Command{
		Use:   "backtest",
		Short: "Tell when the moments of a file came up in the lake",
		Long: "Backtest replays the lake in log order through the same code as the scorer and writes each moment as a line\n" +
			"of JSON to stdout: what a scorer with these definitions would have told that saw the log from its beginning.\n" +
			"It ends with one JSON object that counts them by name, on stderr. Events that were declared history, as those\n" +
			"of imports are, make no moments; with --history each counts as having come when it happened.",
		Example: "  titrate moments backtest --lake ./lake --moments moments.yaml --since 2026-11-01",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			if events.Since, events.Until, err = days(since, until); err != nil {
				return err
			}
			moments, err := readMoments(file)
			if err != nil {
				return usageError{err}
			}
			bucket, err := readLake(cmd.Context(), where)
			if err != nil {
				return err
			}
			return backtest(cmd, bucket, events, moments, history)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&where, "lake", "data/lake", "directory, or s3://bucket/prefix")
	flags.StringVar(&file, "moments", "", "file of definitions (default: those that come with the program)")
	flags.StringVar(&since, "since", "", "first day of the events, YYYY-MM-DD (default: all)")
	flags.StringVar(&until, "until", "", "day after the last, YYYY-MM-DD (default: all)")
	flags.StringSliceVar(&events.Patients, "patients", nil, "only these people (repeatable)")
	flags.BoolVar(&history, "history", false, "take declared history and what came late as if it had come when it happened")
	return cmd
}

// backtest writes the moments of everybody in the lake.
func backtest(cmd *cobra.Command, bucket lake.Bucket, o lake.EventOptions, moments *predict.Moments, history bool) error {
	out := json.NewEncoder(cmd.OutOrStdout())
	people, passed, names := 0, 0, map[string]int{}
	err := lake.Events(cmd.Context(), bucket, o, func(patient string, events []cleanse.Event) error {
		people++
		if history {
			asItHappened(events)
		} else {
			passed += declared(events)
		}
		for _, m := range moments.Backtest(patient, events) {
			names[m.Name]++
			if err := out.Encode(m); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("backtest moments: %w", err)
	}
	if passed > 0 {
		slog.Info("events that were declared history made no moments: --history counts them too", "events", passed)
	}
	return printSummary(cmd.ErrOrStderr(), map[string]any{"people": people, "moments": names})
}

// asItHappened has each event come when it happened.
func asItHappened(events []cleanse.Event) {
	for i := range events {
		events[i].Backfill, events[i].Late, events[i].Seen = false, false, events[i].At
	}
	slices.SortStableFunc(events, func(a, b cleanse.Event) int { return a.At.Compare(b.At) })
}

// declared is how many were declared history.
func declared(events []cleanse.Event) (n int) {
	for i := range events {
		if events[i].Backfill {
			n++
		}
	}
	return n
}

// readMoments reads a file of definitions; no name means those of the program.
func readMoments(file string) (*predict.Moments, error) {
	if file == "" {
		return predict.StandardMoments(), nil
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("--moments: %w", err)
	}
	m, err := predict.ReadMoments(text)
	if err != nil {
		return nil, fmt.Errorf("moments of %s: %w", file, err)
	}
	return m, nil
}

// momentsEvery is how often a file of definitions is looked at.
const momentsEvery = 2 * time.Second

// watchMoments puts the definitions of a file in place whenever it changes. A bad one
// leaves the old ones there, and is told once.
func (c *charge) watchMoments(ctx context.Context, file string, every time.Duration) error {
	tick := time.NewTicker(every)
	defer tick.Stop()
	text, _ := os.ReadFile(file)
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		next, err := os.ReadFile(file)
		if err == nil && string(next) == string(text) {
			continue
		}
		if err == nil {
			text = next
			var m *predict.Moments
			if m, err = predict.ReadMoments(next); err == nil {
				c.change(func(s *standing) { s.moments = m })
				slog.Info("moments were read again", "file", file)
				continue
			}
		} else if text == nil {
			continue // told already that it is gone
		} else {
			text = nil
		}
		slog.Warn("the moments stay as they are", "file", file, "error", err)
	}
}
