package train

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/titrate/titrate/train/feature"
)

// Options say what to train on and how.
type Options struct {
	Replay   Replay
	Fit      Fit
	Scratch  string // directory for examples that need not fit in memory; empty: memory
	Seed     uint64
	Epochs   int                         // 0 takes the fit's default
	Now      time.Time                   // put on the report
	Split    func(people []string) Split // nil is SplitPeople
	Progress func(Progress)              // may be nil
	// Intervene asks a simulator whether the model is right about doses; may be nil.
	Intervene func(*Model) (*Interventions, error)
	Lineage   Lineage // put on the report
	Curve     bool    // also fit on parts of the people, for a learning curve
	Adapt     bool    // also tell what the people's logs have taught of each
	// Keep and Resume are as of FitOptions: training goes on after a kill.
	Keep   func(state []byte) error
	Resume []byte
}

// Progress is how far training is.
type Progress struct {
	Stage    string // reading, fitting, judging
	Examples int
	Epoch    Epoch // while fitting
}

// Result is a trained model with everything that documents it.
type Result struct {
	Model      *Model
	Report     Report
	Statistics []FeatureStat // of every feature over the train rows
	Adaptation *Adaptation   // of the model to the people; nil if it wasn't asked for
}

// Run replays the log, divides the people, fits a model, makes its intervals
// honest on the people it was tuned by, and judges it on the people it has not
// seen. Data from which nothing can be learned end in an error that says why.
func Run(ctx context.Context, o Options) (*Result, error) {
	x, err := o.collect(ctx)
	if err != nil {
		return nil, fmt.Errorf("train: %w", err)
	}
	defer x.Close()
	r := o.report(x, o.split(x.People))
	train, tune, test := x.some(r.Split.Train, learnMost), x.Rows(r.Split.Tune), x.Rows(r.Split.Test)
	r.TrainRows, r.TuneRows, r.TestRows = len(train), len(tune), len(test)
	if err := enoughRows(r); err != nil {
		return nil, fmt.Errorf("train: %w", err)
	}
	m, err := o.fit(ctx, x, r)
	if err != nil {
		return nil, fmt.Errorf("train: %w", err)
	}
	o.tell(Progress{Stage: "judging", Examples: x.Len()})
	r.scores(m.Weights.judge(x, train, test))
	r.Probes = m.probe(x, test)
	r.Alarm = m.Weights.alarm(x, tune, test)
	r.Importance, r.ImportanceRows = m.Weights.importance(x, test, r.Seed), min(len(test), importanceRows)
	if o.Curve {
		if r.Curve, err = o.curve(ctx, x, r, m); err != nil {
			return nil, fmt.Errorf("train: learning curve: %w", err)
		}
	}
	if o.Intervene != nil {
		if r.Interventions, err = o.Intervene(m); err != nil {
			return nil, fmt.Errorf("train: judge interventions: %w", err)
		}
	}
	result := &Result{Model: m, Report: *r, Statistics: x.statistics(train)}
	if o.Adapt {
		if result.Adaptation, err = m.Weights.adaptation(x); err != nil {
			return nil, fmt.Errorf("train: %w", err)
		}
	}
	return result, nil
}

// collect makes examples of the log, enough to learn from.
func (o *Options) collect(ctx context.Context) (*Examples, error) {
	o.tell(Progress{Stage: "reading"})
	x, err := o.examples()
	if err != nil {
		return nil, err
	}
	if err := errors.Join(ctx.Err(), enough(x)); err != nil {
		x.Close()
		return nil, err
	}
	return x, nil
}

func (o *Options) examples() (*Examples, error) {
	if o.Scratch == "" {
		return Collect(o.Replay)
	}
	return CollectIn(o.Scratch, o.Replay)
}

// report begins the report on a division of the people, as far as memory has room for
// those who tune and judge.
func (o *Options) report(x *Examples, split Split) *Report {
	split.Tune, split.Test = x.few(split.Tune, judgeMost), x.few(split.Test, judgeMost)
	r := &Report{Features: feature.Fingerprint(), Made: o.Now.UTC(), Seed: o.Seed, Examples: x.Len(), Split: split, Lineage: o.Lineage}
	r.Since, r.Until = x.span()
	return r
}

// fit finds a model on the report's division, with honest intervals.
func (o *Options) fit(ctx context.Context, x *Examples, r *Report) (*Model, error) {
	tune := x.Rows(r.Split.Tune)
	o.tell(Progress{Stage: "fitting", Examples: x.Len()})
	learn := x.some(r.Split.Train, learnMost)
	fitted, err := o.Fit(ctx, x, FitOptions{
		Train: learn, Tune: tune, Seed: o.Seed, Epochs: o.Epochs, Keep: o.Keep, Resume: o.Resume,
		Progress: func(e Epoch) { o.tell(Progress{Stage: "fitting", Examples: x.Len(), Epoch: e}) },
	})
	if err != nil {
		return nil, err
	}
	r.Epochs, r.Stopped = fitted.Epochs, fitted.Stopped
	m := &Model{Version: "unpublished", Features: r.Features, Weights: fitted.Weights}
	m.Weights.calibrate(x, tune)
	m.Weights.calibrateLows(x, tune)
	m.Weights.bound(x, learn)
	return m, nil
}

// Folds judges everybody by models that haven't seen them: it fits one for each
// division, and reports on all their test people together. It makes no model.
func Folds(ctx context.Context, o Options, folds []Split) (*Report, error) {
	x, err := o.collect(ctx)
	if err != nil {
		return nil, fmt.Errorf("train: %w", err)
	}
	defer x.Close()
	var people []judged
	all := o.report(x, Split{})
	for _, split := range folds {
		r := o.report(x, split)
		m, err := o.fit(ctx, x, r)
		if err != nil {
			return nil, fmt.Errorf("train without %v: %w", split.Test, err)
		}
		rows := x.Rows(split.Test)
		people = append(people, m.Weights.judge(x, x.Rows(split.Train), rows)...)
		all.Split.Test, all.TestRows = append(all.Split.Test, split.Test...), all.TestRows+len(rows)
	}
	all.scores(people)
	return all, nil
}

func (o *Options) split(people []string) Split {
	if o.Split != nil {
		return o.Split(people)
	}
	return SplitPeople(people)
}

func (o *Options) tell(p Progress) {
	if o.Progress != nil {
		o.Progress(p)
	}
}

// rowsLeast is how many examples training needs: fewer than the weights that the
// straight way alone has.
const rowsLeast = 500

// enough refuses data from which nothing can be learned.
func enough(x *Examples) error {
	switch {
	case x.Len() == 0:
		return errors.New("no examples: of the people and days asked for the data hold no glucose that was measured again 5 to 240 minutes later; " +
			"ingest sensor data first")
	case len(x.People) == 1:
		return fmt.Errorf("the data hold one person only (%s): a forecast is judged on people whom the model "+
			"has not seen, so at least three are needed", x.People[0])
	case len(x.People) < 3:
		return fmt.Errorf("the data hold %d people (%v): at least three are needed, "+
			"to learn from, to tune on and to judge by", len(x.People), x.People)
	case x.flat():
		return fmt.Errorf("glucose is the same at all %d moments (%v mg/dL): there is nothing to forecast; "+
			"look for a stuck sensor or a placeholder", x.Len(), x.Features[feature.Glucose])
	}
	return nil
}

func enoughRows(r *Report) error {
	switch {
	case r.TrainRows < rowsLeast:
		return fmt.Errorf("too few examples: %d to learn from, at least %d are needed; "+
			"a person with a sensor gives about 140 a day", r.TrainRows, rowsLeast)
	case r.TuneRows == 0 || r.TestRows == 0:
		return fmt.Errorf("too few examples: %d to tune on and %d to judge by", r.TuneRows, r.TestRows)
	}
	return nil
}

// flat tells whether every reading is the same.
func (x *Examples) flat() bool {
	first := x.Features[feature.Glucose]
	for i := range x.Len() {
		if x.Features[i*feature.Size+feature.Glucose] != first {
			return false
		}
		for _, came := range x.Outcome(i) {
			if came == came && came != first {
				return false
			}
		}
	}
	return true
}

// span is the time of the first and the last example.
func (x *Examples) span() (since, until time.Time) {
	first, last := x.At[0], x.At[0]
	for _, at := range x.At {
		first, last = min(first, at), max(last, at)
	}
	return time.UnixMicro(first).UTC(), time.UnixMicro(last).UTC()
}
