package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"github.com/titrate/titrate/ingest/simulate"
	"github.com/titrate/titrate/train"
	"github.com/titrate/titrate/train/trial"
)

// trialJob treats virtual people with policies and compares them.
type trialJob struct {
	options       trial.Options
	condition     string
	arms          []string
	settings      map[string]string
	models, model string
	report        string // also write the HTML report here
}

func newTrial() *cobra.Command {
	var job trialJob
	cmd := &cobra.Command{
		Use:   "trial",
		Short: "Treat virtual people with several policies and compare what becomes of them",
		Long: "Trial lets the same virtual people live the same days once with each policy, measures their true\n" +
			"glucose, and tests each against the clinic's calculator with insulin on board. It prints one JSON object.",
		Example: `  titrate trial --model prior --patients 10 --days 7 --report trial.html
  titrate trial --condition stress --cohort adolescent --arms calculator-iob,titrate --seeds 5`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			result, err := job.run(cmd.Context())
			if err != nil {
				return err
			}
			if err := printSummary(cmd.OutOrStdout(), result); err != nil {
				return err
			}
			return failedArms(result)
		},
	}
	flags := cmd.Flags()
	job.population(flags, trial.Nominal)
	flags.StringSliceVar(&job.arms, "arms", trial.Usual(), "policies to compare: "+strings.Join(trial.Names(), ", "))
	settingsFlag(flags, &job.settings)
	flags.StringVar(&job.report, "report", "", "also write an HTML report to this file, such as trial.html, and everybody's outcomes to trial.json beside it")
	modelFlags(cmd, &job.models, &job.model)
	cmd.AddCommand(newTrialRules(), newTrialLimits())
	return cmd
}

// population adds the flags that say who lives, how long and how hard.
func (j *trialJob) population(flags *pflag.FlagSet, usual trial.Condition) {
	flags.IntVar(&j.options.Patients, "patients", 30, "how many virtual people per seed")
	flags.IntVar(&j.options.Days, "days", 14, "days that count; one more is lived before them")
	flags.Uint64Var(&j.options.Seed, "seed", 1, "of the first population: same seed, same people, same lives")
	flags.IntVar(&j.options.Seeds, "seeds", 1, "populations, with seeds that follow each other")
	flags.StringVar(&j.options.Cohort, "cohort", "mixed", strings.Join(simulate.Cohorts(), ", "))
	flags.StringVar(&j.condition, "condition", usual.Name, strings.Join(trial.Conditions(), ", "))
}

func (j *trialJob) run(ctx context.Context) (*trial.Result, error) {
	if err := j.check(); err != nil {
		return nil, usageError{err}
	}
	if err := directoryOf("--report", j.report); err != nil {
		return nil, err
	}
	model, err := j.load(ctx)
	if err != nil {
		return nil, err
	}
	if j.options.Arms, err = trial.Named(j.arms, model); err != nil {
		return nil, usageError{err}
	}
	result, err := j.treat(ctx, model)
	if err != nil {
		return nil, err
	}
	return result, j.write(result)
}

// treat runs the trial of the options' arms, and shows how far it is.
func (j *trialJob) treat(ctx context.Context, model *train.Model) (*trial.Result, error) {
	show := startProgress("Treating", int64(j.options.Patients*max(1, j.options.Seeds)*len(j.options.Arms)))
	progress := make(chan int, 1)
	shown := make(chan struct{})
	go func() { // the display isn't safe for several goroutines
		defer close(shown)
		for done := range progress {
			show.set(int64(done), "")
		}
	}()
	j.options.Progress = func(done, _ int) { progress <- done }
	result, err := trial.Run(ctx, j.options)
	close(progress)
	<-shown
	if err != nil {
		return nil, fmt.Errorf("trial: %w", err)
	}
	if model != nil {
		result.Model = model.Version
	}
	show.end(fmt.Sprintf("%d people, %d days, %d arms", result.People, result.Days, len(result.Arms)))
	return result, nil
}

// check refuses mistakes before a model is looked for.
func (j *trialJob) check() (err error) {
	if j.options.Patients < 1 || j.options.Days < 1 || j.options.Seeds < 1 {
		return fmt.Errorf("--patients %d --days %d --seeds %d: all must be at least 1", j.options.Patients, j.options.Days, j.options.Seeds)
	}
	if j.report != "" && besideReport(j.report) == j.report {
		return fmt.Errorf("--report %s: the report is HTML, with JSON beside it: give a name such as trial.html", j.report)
	}
	if j.options.Condition, err = trial.ConditionNamed(j.condition); err != nil {
		return fmt.Errorf("--condition: %w", err)
	}
	if j.options.Arms, err = trial.Named(j.arms, nil); err != nil {
		return fmt.Errorf("--arms: %w", err)
	}
	if j.options.Settings, err = wrongSettings(j.settings); err != nil {
		return err
	}
	if err := j.options.Check(); err != nil {
		return fmt.Errorf("trial: %w", err)
	}
	return nil
}

// load loads the model if an arm needs one.
func (j *trialJob) load(ctx context.Context) (*train.Model, error) {
	if !slices.Contains(j.arms, trial.Titrate) {
		return nil, nil
	}
	return openModel(ctx, j.models, j.model)
}

// write writes the report, and everybody's outcomes as JSON beside it.
func (j *trialJob) write(result *trial.Result) error {
	if j.report == "" {
		return nil
	}
	html, err := result.HTML()
	if err != nil {
		return fmt.Errorf("report: %w", err)
	}
	numbers, err := result.JSON()
	if err != nil {
		return fmt.Errorf("report: %w", err)
	}
	return errors.Join(writeReport(j.report, html), writeReport(besideReport(j.report), numbers))
}

// besideReport is the name of the JSON that goes with a report.
func besideReport(report string) string {
	return strings.TrimSuffix(report, filepath.Ext(report)) + ".json"
}

// writeReport writes a file that is for others to read, whole or not at all.
func writeReport(name string, text []byte) error {
	if err := replaceFile(name, text); err != nil {
		return err
	}
	if err := os.Chmod(name, 0o644); err != nil {
		return fmt.Errorf("report: %w", err)
	}
	return nil
}

// failedArms is the failure of a policy, once everything else is told.
func failedArms(r *trial.Result) error {
	var failed []error
	for _, a := range r.Arms {
		if a.Failed != "" {
			failed = append(failed, fmt.Errorf("arm %s failed: %s", a.Arm, a.Failed))
		}
	}
	return errors.Join(failed...)
}
