package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"runtime/debug"
	"time"

	"github.com/spf13/cobra"
	"github.com/titrate/titrate/cleanse/lake"
	"github.com/titrate/titrate/train"
	"github.com/titrate/titrate/train/bench"
	"github.com/titrate/titrate/train/fit"
	"github.com/titrate/titrate/train/trial"
)

// trainJob trains on a lake and publishes what it found.
type trainJob struct {
	lake, registry lake.Bucket
	events         lake.EventOptions
	seed           uint64
	epochs         int
	report         string // also write the HTML report here
	where          string // the lake's address, for the lineage
	since, until   string
	baseline       string // version or alias to compare with
	reason         string // why gates are overruled; empty: they aren't
	curve          bool
	scratch        string // directory for examples
	checkpoint     string // file with the state after each pass; empty: none
}

// errNotPromoted says that a model was published and is not in charge.
var errNotPromoted = errors.New("published and not promoted")

func newTrain() *cobra.Command {
	var job trainJob
	var models string
	var force bool
	cmd := &cobra.Command{
		Use:   "train",
		Short: "Train a forecaster on the lake, judge it on people it has not seen, publish it",
		Long: "Train replays the lake in log order through the features of live scoring, fits a model, judges it\n" +
			"on people who were held out and on virtual people who live with other doses too, publishes it with its\n" +
			"report and with what was learned of each person (models adapt does that again later), and makes it the\n" +
			"registry's champion if it passes its gates. It prints one JSON object with the errors in mg/dL beside\n" +
			"those of simpler forecasters.\n\n" +
			"Exit codes: 0 promoted, 1 failed, 2 called wrongly, 3 published but kept from being in charge by a gate, 130 interrupted.",
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			if force != (job.reason != "") {
				return usagef("--force and --reason go together: the log of the registry keeps why a gate was overruled")
			}
			if err := atLeast("--epochs", job.epochs, 0); err != nil {
				return err
			}
			if info, err := os.Stat(job.scratch); err != nil || !info.IsDir() {
				return usagef("--scratch %s: want a directory that is there", job.scratch)
			}
			if job.events.Since, job.events.Until, err = days(job.since, job.until); err != nil {
				return err
			}
			if err := directoryOf("--report", job.report); err != nil {
				return err
			}
			if job.lake, err = openBucket(cmd.Context(), job.where); err != nil {
				return fmt.Errorf("--lake: %w", err)
			}
			if job.registry, err = openBucket(cmd.Context(), models); err != nil {
				return fmt.Errorf("--models: %w", err)
			}
			model, report, err := job.run(cmd.Context())
			if err != nil && !errors.Is(err, errNotPromoted) {
				return fmt.Errorf("%w (lake %s)", err, job.where)
			}
			if few := report.LearnedFromFew(); few != "" {
				slog.Warn(few)
			}
			return errors.Join(printSummary(cmd.OutOrStdout(), trainSummaryOf(report, model.Adaptation.People())), err)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&job.where, "lake", "data/lake", "directory, or s3://bucket/prefix")
	flags.StringVar(&models, "models", "data/models", "registry of models: a directory, or s3://bucket/prefix")
	flags.StringVar(&job.since, "since", "", "first day of the events, YYYY-MM-DD (default: all)")
	flags.StringVar(&job.until, "until", "", "day after the last, YYYY-MM-DD (default: all)")
	flags.StringSliceVar(&job.events.Patients, "patients", nil, "only these people (repeatable)")
	flags.StringVar(&job.report, "report", "", "also write the HTML report to this file")
	flags.StringVar(&job.baseline, "baseline", "", "print a comparison with this version or alias of the registry")
	flags.BoolVar(&force, "force", false, "put it in charge although gates fail; needs --reason")
	flags.StringVar(&job.reason, "reason", "", "why, for the registry's log")
	flags.StringVar(&job.checkpoint, "checkpoint", "", "keep the state after each pass in this file, and go on from it after a kill")
	flags.StringVar(&job.scratch, "scratch", os.TempDir(), "directory for examples, about 600 bytes each: they need not fit in memory")
	flags.BoolVar(&job.curve, "learning-curve", false, "also fit on a quarter and half of the people: would more people help?")
	flags.Uint64Var(&job.seed, "seed", 1, "same lake, seed and machine: same model")
	flags.IntVar(&job.epochs, "epochs", 0, "passes over the data at most (0: default)")
	return cmd
}

// run trains, publishes and promotes. The error wraps errNotPromoted if all went well
// but for a gate.
func (j *trainJob) run(ctx context.Context) (*train.Model, train.Report, error) {
	now := time.Now()
	lineage, err := j.lineage(ctx)
	if err != nil {
		return nil, train.Report{}, err
	}
	if len(lineage.Ledger) == 0 {
		return nil, train.Report{}, errors.New("the lake holds nothing: `titrate ingest` fills it, and --lake says where it lies")
	}
	before, err := j.compared(ctx)
	if err != nil {
		return nil, train.Report{}, err
	}
	if err := probe(ctx, j.registry); err != nil { // better known now than after an hour
		return nil, train.Report{}, fmt.Errorf("--models: %w", err)
	}
	show, pace := startProgress("Training", 100), new(trainPace)
	state, err := j.kept()
	if err != nil {
		return nil, train.Report{}, err
	}
	result, err := train.Run(ctx, train.Options{
		Scratch: j.scratch, Curve: j.curve, Adapt: true,
		Replay: train.FromLake(ctx, j.lake, j.events), Fit: fit.Weights, Seed: j.seed, Epochs: j.epochs, Now: now,
		Progress: func(p train.Progress) { show.set(trainPercent(p), pace.note(p, time.Now())) },
		Lineage:  lineage, Intervene: otherDoses, Keep: j.keep(), Resume: state,
	})
	if err != nil {
		return nil, train.Report{}, err
	}
	model, err := train.Publish(ctx, j.registry, result, now)
	if err != nil {
		return nil, train.Report{}, err
	}
	report := result.Report
	report.Model = model.Version
	if err := j.write(report); err != nil {
		return nil, train.Report{}, err
	}
	if before != nil {
		if err := compare(os.Stderr, before, &report); err != nil {
			return nil, train.Report{}, err
		}
	}
	if err := j.forget(); err != nil {
		return nil, train.Report{}, err
	}
	err = train.Promote(ctx, j.registry, model.Version, j.reason, now)
	var failed *train.GateError
	if errors.As(err, &failed) {
		err = fmt.Errorf("%w: %w: `titrate models show %s` tells more; train on more, or overrule with --force --reason TEXT",
			errNotPromoted, err, model.Version)
	}
	show.end(trainResult(report))
	return model, report, err
}

// otherDoses asks virtual people whether a model is right about doses.
func otherDoses(m *train.Model) (*train.Interventions, error) {
	lives, err := bench.Live(bench.VirtualOptions{
		People: 12, Days: 3, Seed: 20261102, Strain: trial.Stress.Strain, Faults: trial.Stress.Faults, Forks: true,
	})
	if err != nil {
		return nil, err
	}
	return lives.Intervene(m)
}

// lineage is what the model will have been made of.
func (j *trainJob) lineage(ctx context.Context) (train.Lineage, error) {
	l := train.Lineage{Lake: j.where, Code: codeVersion(), Since: j.since, Until: j.until, Only: j.events.Patients, Epochs: j.epochs}
	ranges, err := train.LedgerOf(ctx, j.lake)
	l.Ledger = ranges
	return l, err
}

// codeVersion is the program's version control revision, as the compiler noted it.
func codeVersion() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	version := info.Main.Version
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			version = s.Value
		}
	}
	return version
}

// compared is the report of the baseline model, nil if none is wanted. It is asked for
// before training: a misspelt name must not cost an hour and end in a model that nobody
// compared.
func (j *trainJob) compared(ctx context.Context) (*train.Report, error) {
	if j.baseline == "" {
		return nil, nil
	}
	registry := registryJob{models: "the registry", registry: j.registry}
	before, err := registry.report(ctx, j.baseline)
	if err != nil {
		return nil, fmt.Errorf("--baseline %s: %w", j.baseline, err)
	}
	return before, nil
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
	case p.Stage == "learning curve":
		return 96
	case p.Stage == "judging":
		return 95
	case p.Epoch.Of > 0:
		return 5 + int64(90*p.Epoch.Number/p.Epoch.Of)
	}
	return 1
}

// trainPace tells how fast fitting goes.
type trainPace struct{ begun time.Time }

// note is the loss, rows a second, and how long it takes at most: it may stop early.
func (f *trainPace) note(p train.Progress, now time.Time) string {
	e := p.Epoch
	if e.Number == 0 {
		f.begun = now
		return p.Stage
	}
	took := now.Sub(f.begun)
	left := took / time.Duration(e.Number) * time.Duration(e.Of-e.Number)
	return fmt.Sprintf("loss %.4f, %.0fk/s, ≤%v", e.Tune, float64(e.Rows*e.Number)/1e3/max(took.Seconds(), 1e-3), left.Round(time.Second))
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
	Alarm    train.Alarm          `json:"alarm"`
	Gates    []train.Gate         `json:"gates"`
	Adapted  int                  `json:"adapted"` // to so many people
}

func trainSummaryOf(r train.Report, adapted int) trainSummary {
	return trainSummary{r.Model, r.Examples, r.Split, r.Horizons, r.Coverage, r.Probes, r.Stopped, r.Alarm, r.Gates(), adapted}
}

// loadModel loads by alias or version; the error wraps fs.ErrNotExist if there is none.
func loadModel(ctx context.Context, registry lake.Bucket, model string) (*train.Model, error) {
	if model == champion || model == train.ChallengerAlias {
		return train.Aliased(ctx, registry, model)
	}
	return train.Named(ctx, registry, model)
}

// model is the demo's champion; the first start trains it.
func (d *demo) model(ctx context.Context, bucket lake.Bucket) (*train.Model, error) {
	registry, err := openBucket(ctx, d.path("models"))
	if err != nil {
		return nil, err
	}
	m, err := openAdapted(ctx, d.path("models"), champion)
	if !errors.Is(err, errNoModel) {
		return m, err
	}
	job := trainJob{lake: bucket, registry: registry, seed: d.who.seed, where: d.path("lake"),
		scratch: os.TempDir(),
		reason:  "the first model of the demo, which has few people to judge it by"}
	m, _, err = job.run(ctx)
	return m, err
}
