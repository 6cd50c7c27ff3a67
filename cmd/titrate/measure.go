package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/titrate/titrate/train"
	"github.com/titrate/titrate/train/bench"
	"github.com/titrate/titrate/train/fit"
	"github.com/titrate/titrate/train/trial"
)

func newBench() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "bench",
		Short: "Measure forecasts by published protocols and on virtual people",
	}
	cmd.AddCommand(newBenchForecast(), newBenchAlarms(), newBenchWarnings(), newBenchTable())
	return cmd
}

func newBenchTable() *cobra.Command {
	var data string
	cmd := &cobra.Command{
		Use: "table", Short: "Write T1D-UOM's examples as CSV, for forecasters of other languages", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if data == "" {
				return usagef("--data is missing: the directory of the files of t1d-uom")
			}
			return bench.Table(data, cmd.OutOrStdout())
		},
	}
	cmd.Flags().StringVar(&data, "data", "", "directory of the study's files")
	return cmd
}

// forecastBench judges our forecasters by a protocol.
type forecastBench struct {
	protocol, data string
	methods        []string
	people, days   int
	seed           uint64
	epochs         int
	report         string
}

var (
	protocols = []string{"glucobench", "t1d-uom", "virtual"}
	methods   = []string{"simple", "titrate"}
)

func newBenchForecast() *cobra.Command {
	var job forecastBench
	cmd := &cobra.Command{
		Use:   "forecast",
		Short: "Judge forecasts by a protocol, beside what others published",
		Long: "Forecast runs a protocol and prints its table to stderr and one JSON object to stdout.\n\n" +
			"  glucobench  208 people, glucose alone, an hour ahead, ten divisions (GlucoBench, ICLR 2024, set Colas)\n" +
			"  t1d-uom     ten adults with type 1 diabetes, five folds by person\n" +
			"  virtual     virtual people with hard lives, unseen ones judged, also by paired other doses",
		Example: `  titrate bench forecast --protocol glucobench --data glucobench_colas
  titrate bench forecast --protocol virtual --people 100 --days 14`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			summary, err := job.run(cmd.Context())
			if err != nil {
				return err
			}
			return printSummary(cmd.OutOrStdout(), summary)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&job.protocol, "protocol", protocols[0], strings.Join(protocols, ", "))
	flags.StringVar(&job.data, "data", "", "directory of the protocol's data (glucobench, t1d-uom)")
	flags.StringSliceVar(&job.methods, "methods", methods, "glucobench: simple (seconds), titrate (fits the model ten times: minutes)")
	flags.IntVar(&job.people, "people", 100, "virtual: how many people; half teach, a fifth tune, the rest judge")
	flags.IntVar(&job.days, "days", 14, "virtual: days of each")
	flags.Uint64Var(&job.seed, "seed", 1, "of people and fit")
	flags.IntVar(&job.epochs, "epochs", 0, "passes over the data at most (0: default)")
	flags.StringVar(&job.report, "report", "", "t1d-uom, virtual: also write the HTML report to this file")
	return cmd
}

func (j *forecastBench) run(ctx context.Context) (any, error) {
	if err := errors.Join(atLeast("--people", j.people, 1), atLeast("--days", j.days, 1), atLeast("--epochs", j.epochs, 0)); err != nil {
		return nil, err
	}
	for _, m := range j.methods {
		if !slices.Contains(methods, m) {
			return nil, usagef("--methods %q: want some of %s", m, strings.Join(methods, ", "))
		}
	}
	if err := directoryOf("--report", j.report); err != nil {
		return nil, err
	}
	switch {
	case !slices.Contains(protocols, j.protocol):
		return nil, usagef("--protocol %q: want one of %s", j.protocol, strings.Join(protocols, ", "))
	case j.protocol != "virtual" && j.data == "":
		return nil, usagef("--data is missing: the directory of the files of %s", j.protocol)
	case j.protocol == "glucobench":
		return j.glucobench(ctx)
	}
	return j.onPeople(ctx)
}

func (j *forecastBench) glucobench(ctx context.Context) (any, error) {
	divisions, err := bench.GlucoBench(j.data)
	if err != nil {
		return nil, err
	}
	var forecasters []bench.Forecaster
	for _, m := range j.methods {
		switch m {
		case "simple":
			forecasters = append(forecasters, bench.LastValue(), bench.LeastSquares(), bench.LeastDistance())
		case "titrate":
			forecasters = append(forecasters, bench.Titrate(fit.Weights))
		}
	}
	show := startProgress("Forecasting", int64(len(divisions)*len(forecasters)))
	done := int64(0)
	results, err := bench.Run(ctx, divisions, forecasters, func(note string) {
		show.set(done, note)
		done++
	})
	if err != nil {
		return nil, err
	}
	show.end(fmt.Sprintf("%d forecasts a line", results[0].Forecasts))
	results = append(results, bench.Published()...)
	forecastTable(os.Stderr, results)
	return struct {
		Protocol string         `json:"protocol"`
		Results  []bench.Result `json:"results"`
	}{"glucobench", results}, nil
}

func forecastTable(out io.Writer, results []bench.Result) {
	writeLine(out, "| mg/dL, an hour ahead | known people: RMSE | MAE | unknown people: RMSE | MAE | RMSE of the mean, known |")
	writeLine(out, "|---|---|---|---|---|---|")
	mae := func(x float64) string {
		if x == 0 {
			return ""
		}
		return fmt.Sprintf("%.2f", x)
	}
	for _, r := range results {
		name := r.Name
		if r.Published {
			name += " (published)"
		}
		writeLine(out, "| %s | %.2f | %s | %.2f | %s | %.2f |", name, r.Known.RMSE, mae(r.Known.MAE), r.Unknown.RMSE, mae(r.Unknown.MAE), r.Known.RMSEMean)
	}
}

func (j *forecastBench) onPeople(ctx context.Context) (any, error) {
	show, pace := startProgress("Training", 100), new(trainPace)
	options := train.Options{
		Fit: fit.Weights, Seed: j.seed, Epochs: j.epochs, Now: time.Now(),
		Progress: func(p train.Progress) { show.set(trainPercent(p), pace.note(p, time.Now())) },
	}
	var report *train.Report
	var err error
	if j.protocol == "t1d-uom" {
		report, err = bench.UoM(ctx, j.data, options)
	} else {
		report, err = bench.Virtual(ctx, bench.VirtualOptions{
			People: j.people, Days: j.days, Seed: j.seed, Strain: trial.Stress.Strain, Faults: trial.Stress.Faults,
		}, options)
	}
	if err != nil {
		return nil, err
	}
	report.Model = j.protocol
	show.end(fmt.Sprintf("%d moments of %d people judged", report.TestRows, len(report.Split.Test)))
	errorTable(os.Stderr, report)
	if j.report != "" {
		html, err := report.HTML()
		if err != nil {
			return nil, err
		}
		if err := replaceFile(j.report, html); err != nil {
			return nil, err
		}
	}
	return report, nil
}

func errorTable(out io.Writer, r *train.Report) {
	for i, s := range r.Horizons {
		if i == 0 {
			head, rule := "| RMSE, mg/dL |", "|---|"
			for _, f := range s.Forecasters {
				head, rule = head+" "+f.Name+" |", rule+"---|"
			}
			writeLine(out, "%s inside 90 %% | after a bolus |\n%s---|---|", head, rule)
		}
		line := fmt.Sprintf("| %d min |", s.Minutes)
		for _, f := range s.Forecasters {
			line += fmt.Sprintf(" %.1f [%.1f, %.1f] |", f.RMSE.Value, f.RMSE.Low, f.RMSE.High)
		}
		for _, c := range r.Coverage {
			if c.Minutes == s.Minutes {
				line += fmt.Sprintf(" %.1f %% | %.1f %% |", 100*c.Wide, 100*c.AfterBolus)
			}
		}
		writeLine(out, "%s", line)
	}
	if a := r.Alarm; a.Lows > 0 {
		writeLine(out, "lows: %d, foretold %.0f %%, precision %.0f %%, F1 %.2f, lead %.0f min, false alarms %.2f a day",
			a.Lows, 100*a.Recall, 100*a.Precision, a.F1, a.LeadMinutes, a.FalsePerDay)
	}
	if v := r.Interventions; v != nil {
		for _, s := range v.Horizons {
			writeLine(out, "other doses, %d min: sign right %.2f %%, rank %.3f (within a moment %.3f), size %.2f [%.2f, %.2f] of the truth; %d pairs",
				s.Minutes, 100*s.Sign, s.Rank, s.Within, s.Size.Value, s.Size.Low, s.Size.High, v.Pairs)
		}
	}
}
