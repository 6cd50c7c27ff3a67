package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"
	"github.com/titrate/titrate/cleanse/lake"
	"github.com/titrate/titrate/train"
)

// registryJob works on a registry of models.
type registryJob struct {
	models   string
	registry lake.Bucket
}

func newModels() *cobra.Command {
	job := new(registryJob)
	cmd := &cobra.Command{
		Use:   "models",
		Short: "List, compare, promote and export trained models",
		Long: "Models works on the registry that train publishes to. Nothing in it is ever overwritten: promote,\n" +
			"rollback and shadow append to the log of an alias (champion: in charge; challenger: answers beside it\n" +
			"and isn't heard). A model that fails its gates is promoted only with --force and a --reason.",
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) (err error) {
			if job.registry, err = openBucket(cmd.Context(), job.models); err != nil {
				return fmt.Errorf("--models: %w", err)
			}
			return nil
		},
	}
	cmd.PersistentFlags().StringVar(&job.models, "models", "data/models", "registry of models: a directory, or s3://bucket/prefix")
	cmd.AddCommand(job.list(), job.show(), job.diff(), job.adapt(), job.promote(), job.rollback(), job.shadow(), job.export())
	return cmd
}

func (j *registryJob) list() *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List the versions with their errors and gates, oldest first", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			entries, err := train.Versions(cmd.Context(), j.registry)
			if err != nil {
				return err
			}
			if len(entries) == 0 {
				return fmt.Errorf("%w in %s: run `titrate train --models %s` first, or say with --models where they are", errNoModel, j.models, j.models)
			}
			w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
			writeLine(w, "VERSION\tALIAS\tMADE\tEXAMPLES\tPEOPLE\tRMSE 30\tRMSE 60\tINSIDE 90 %%\tGATES")
			for _, e := range entries {
				writeLine(w, "%s", entryLine(e))
			}
			return w.Flush()
		},
	}
}

func entryLine(e train.Entry) string {
	alias := strings.Join(e.Aliases, ",")
	if e.Problem != "" || e.Report == nil {
		return fmt.Sprintf("%s\t%s\t\t\t\t\t\t\tunusable: %s", e.Version, alias, e.Problem)
	}
	r := e.Report
	gates := "pass"
	if failed := r.Failed(); len(failed) > 0 {
		gates = fmt.Sprintf("%d of %d fail", len(failed), len(r.Gates()))
	}
	return fmt.Sprintf("%s\t%s\t%s\t%d\t%d\t%s\t%s\t%s\t%s", e.Version, alias, r.Made.Format(time.DateOnly), r.Examples,
		len(r.Split.Train)+len(r.Split.Tune)+len(r.Split.Test), rmse(r, 30), rmse(r, 60), inside(r, 60), gates)
}

func rmse(r *train.Report, minutes int) string {
	if s := r.Score(minutes); s != nil {
		return fmt.Sprintf("%.1f", s.Forecasters[0].RMSE.Value)
	}
	return ""
}

func inside(r *train.Report, minutes int) string {
	for _, c := range r.Coverage {
		if c.Minutes == minutes {
			return fmt.Sprintf("%.1f %%", 100*c.Wide)
		}
	}
	return ""
}

// version resolves an alias.
func (j *registryJob) version(ctx context.Context, name string) (string, error) {
	if name != train.ChampionAlias && name != train.ChallengerAlias {
		return name, nil
	}
	m, err := train.Aliased(ctx, j.registry, name)
	if errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("%w is the %s in %s: run `titrate train --models %s` first, or name a version of `titrate models list`", errNoModel, name, j.models, j.models)
	}
	if err != nil {
		return "", err
	}
	return m.Version, nil
}

// report is that of a version or an alias.
func (j *registryJob) report(ctx context.Context, name string) (*train.Report, error) {
	version, err := j.version(ctx, name)
	if err != nil {
		return nil, err
	}
	r, err := train.Published(ctx, j.registry, version)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w %s in %s: `titrate models list` tells what is there", errNoModel, version, j.models)
	}
	return r, err
}

func (j *registryJob) show() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use: "show VERSION|ALIAS", Short: "Show the model card, the gates and the lineage of a version", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			r, err := j.report(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			learned := j.adaptations(cmd.Context(), r.Model)
			if asJSON {
				return printSummary(cmd.OutOrStdout(), struct {
					*train.Report
					Adaptations learnedSummary `json:"adaptations"`
				}{r, learned})
			}
			card, err := train.Card(cmd.Context(), j.registry, r.Model)
			if err != nil {
				return err
			}
			writeLine(cmd.OutOrStdout(), "%s", card)
			showGates(cmd.OutOrStdout(), r)
			writeLine(cmd.OutOrStdout(), "\n%s", learned)
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "the whole report as one JSON object")
	return cmd
}

func showGates(out io.Writer, r *train.Report) {
	for _, g := range r.Gates() {
		word := "pass"
		if !g.Passed {
			word = "FAIL"
		}
		writeLine(out, "%s  %s: %s", word, g.Name, g.Note)
	}
}

func (j *registryJob) diff() *cobra.Command {
	return &cobra.Command{
		Use: "diff VERSION|ALIAS VERSION|ALIAS", Short: "Compare two versions", Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			a, err := j.report(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			b, err := j.report(cmd.Context(), args[1])
			if err != nil {
				return err
			}
			return compare(cmd.OutOrStdout(), a, b)
		},
	}
}

// compare prints what differs between two reports.
func compare(out io.Writer, a, b *train.Report) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	row := func(what, of, is string) {
		mark := ""
		if of != is {
			mark = "≠"
		}
		writeLine(w, "%s\t%s\t%s\t%s", what, of, is, mark)
	}
	row("", a.Model, b.Model)
	row("made", a.Made.Format(time.DateOnly), b.Made.Format(time.DateOnly))
	row("code", a.Lineage.Code, b.Lineage.Code)
	row("features", a.Features, b.Features)
	row("seed", fmt.Sprint(a.Seed), fmt.Sprint(b.Seed))
	row("examples", fmt.Sprint(a.Examples), fmt.Sprint(b.Examples))
	row("data", span(a), span(b))
	row("judged by", fmt.Sprint(len(a.Split.Test)), fmt.Sprint(len(b.Split.Test)))
	for _, s := range a.Horizons {
		row(fmt.Sprintf("RMSE at %d min", s.Minutes), rmse(a, s.Minutes), rmse(b, s.Minutes))
	}
	for _, c := range a.Coverage {
		row(fmt.Sprintf("inside 90 %% at %d min", c.Minutes), inside(a, c.Minutes), inside(b, c.Minutes))
	}
	row("F1 of lows foretold", fmt.Sprintf("%.2f", a.Alarm.F1), fmt.Sprintf("%.2f", b.Alarm.F1))
	row("false alarms a day", fmt.Sprintf("%.2f", a.Alarm.FalsePerDay), fmt.Sprintf("%.2f", b.Alarm.FalsePerDay))
	for _, minutes := range []int{30, 60, 120, 240} {
		row(fmt.Sprintf("a dose's effect at %d min: rank, size", minutes), ofDoses(a, minutes), ofDoses(b, minutes))
	}
	row("insulin against the settings", fmt.Sprintf("%.2f", a.Probes.Insulin.Value), fmt.Sprintf("%.2f", b.Probes.Insulin.Value))
	row("gates failed", fmt.Sprint(len(a.Failed())), fmt.Sprint(len(b.Failed())))
	if fmt.Sprint(a.Split.Test) != fmt.Sprint(b.Split.Test) {
		writeLine(w, "They were judged by other people: the errors can't be compared one to one.")
	}
	return w.Flush()
}

// ofDoses is how right a model is about other doses, as the simulator judged it.
func ofDoses(r *train.Report, minutes int) string {
	if r.Interventions != nil {
		for _, s := range r.Interventions.Horizons {
			if s.Minutes == minutes {
				return fmt.Sprintf("%.3f, %.2f", s.Rank, s.Size.Value)
			}
		}
	}
	return ""
}

func span(r *train.Report) string {
	return r.Since.Format(time.DateOnly) + " to " + r.Until.Format(time.DateOnly)
}

func (j *registryJob) promote() *cobra.Command {
	var force bool
	var reason string
	cmd := &cobra.Command{
		Use: "promote VERSION", Short: "Put a version in charge, if it passes its gates", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if force != (reason != "") {
				return usagef("--force and --reason go together: the log of the registry keeps why a gate was overruled")
			}
			version, err := j.version(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			err = train.Promote(cmd.Context(), j.registry, version, reason, time.Now())
			var failed *train.GateError
			switch {
			case errors.As(err, &failed):
				return fmt.Errorf("%w: train on more, or overrule with --force --reason TEXT", err)
			case errors.Is(err, fs.ErrNotExist):
				return fmt.Errorf("%w %s in %s: `titrate models list` tells what is there", errNoModel, version, j.models)
			case err != nil:
				return err
			}
			return printSummary(cmd.OutOrStdout(), map[string]any{"champion": version, "forced": force})
		},
	}
	cmd.Flags().BoolVar(&force, "force", false, "promote although gates fail; needs --reason")
	cmd.Flags().StringVar(&reason, "reason", "", "why, for the registry's log")
	return cmd
}

func (j *registryJob) rollback() *cobra.Command {
	var reason string
	cmd := &cobra.Command{
		Use: "rollback", Short: "Put the previous champion in charge again", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			version, err := train.Rollback(cmd.Context(), j.registry, reason, time.Now())
			if err != nil {
				return err
			}
			return printSummary(cmd.OutOrStdout(), map[string]any{"champion": version})
		},
	}
	cmd.Flags().StringVar(&reason, "reason", "", "why, for the registry's log")
	return cmd
}

func (j *registryJob) shadow() *cobra.Command {
	var stop bool
	cmd := &cobra.Command{
		Use: "shadow VERSION", Short: "Make a version the challenger: it answers and isn't heard", Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			version, err := j.version(cmd.Context(), strings.Join(args, ""))
			if err != nil {
				return err
			}
			if stop == (version != "") {
				return usagef("name a version, or give --stop")
			}
			err = train.Shadow(cmd.Context(), j.registry, version, time.Now())
			if errors.Is(err, fs.ErrNotExist) {
				return fmt.Errorf("%w %s in %s: `titrate models list` tells what is there", errNoModel, version, j.models)
			}
			if err != nil {
				return err
			}
			return printSummary(cmd.OutOrStdout(), map[string]any{"challenger": version})
		},
	}
	cmd.Flags().BoolVar(&stop, "stop", false, "no challenger from now on")
	return cmd
}

func (j *registryJob) export() *cobra.Command {
	var onnx string
	cmd := &cobra.Command{
		Use: "export VERSION|ALIAS", Short: "Write a model for other programs", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if onnx == "" {
				return usagef("say where to: --onnx FILE")
			}
			if err := directoryOf("--onnx", onnx); err != nil {
				return err
			}
			m, err := openModel(cmd.Context(), j.models, args[0])
			if err != nil {
				return err
			}
			if err := os.WriteFile(onnx, m.ONNX(), 0o644); err != nil {
				return fmt.Errorf("export: %w", err)
			}
			return printSummary(cmd.OutOrStdout(), map[string]any{"model": m.Version, "onnx": onnx})
		},
	}
	cmd.Flags().StringVar(&onnx, "onnx", "", "ONNX file: features and a plan in, quantiles in mg/dL out")
	return cmd
}
