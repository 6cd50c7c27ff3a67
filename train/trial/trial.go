// Package trial treats virtual people with policies and measures what becomes of
// them: an in-silico trial.
//
// Every arm treats the same people, who eat the same meals, fall ill on the same
// days and wear the same faulty sensors; nothing differs but the insulin and the
// carbs that a policy advises. So people are compared with themselves. The same
// options give the same result, on however many cores.
package trial

import (
	"context"
	"fmt"
	"runtime"
	"sync/atomic"
	"time"

	"github.com/titrate/titrate/ingest/simulate"
	"golang.org/x/sync/errgroup"
)

// Options say whom to treat, with what, and for how long.
type Options struct {
	Patients  int               // people per seed
	Days      int               // that count; a day before them doesn't
	Seed      uint64            // of the first population
	Seeds     int               // populations; 0 means one
	Cohort    string            // one of simulate.Cohorts; empty means mixed
	Condition Condition         // what their lives are like
	Settings  simulate.Settings // by how much their settings are wrong
	Arms      []Arm             // at least one
	Start     time.Time         // when the days begin; zero means 2 November 2026

	// Progress, if set, hears how many of the person-arms are done. It is called
	// from several goroutines.
	Progress func(done, of int)
}

// Arm is a policy under trial.
type Arm struct {
	Name string
	New  func(p *simulate.Person) Policy // for one person
}

// runIn is lived before the days that count: what was taken before it is unknown
// to every policy.
const runIn = 24 * time.Hour

// Run treats everybody in every arm. An arm whose policy fails has Failed set in the
// result and no outcomes; an error is a mistake in o or the context's end.
func Run(ctx context.Context, o Options) (*Result, error) {
	if err := o.Check(); err != nil {
		return nil, err
	}
	courses := make([][]*Course, len(o.Arms)) // by arm, then seed and person
	failures := make([][]error, len(o.Arms))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0))
	var done atomic.Int64
	for a := range o.Arms {
		courses[a] = make([]*Course, o.Seeds*o.Patients)
		failures[a] = make([]error, o.Seeds*o.Patients)
		for s := range o.Seeds {
			group.Go(func() error {
				from := s * o.Patients
				return o.treatAll(ctx, a, o.Seed+uint64(s), courses[a][from:from+o.Patients], failures[a][from:from+o.Patients], &done)
			})
		}
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	return o.result(courses, failures), nil
}

// treatAll treats one population in one arm. Failures of the policy are kept: the
// first by person, not by time, is told, so that the result doesn't depend on the
// number of cores.
func (o *Options) treatAll(ctx context.Context, arm int, seed uint64, courses []*Course, failures []error, done *atomic.Int64) error {
	people, err := simulate.People(simulate.Options{
		Patients: o.Patients, Seed: seed, Start: o.Start.Add(-runIn), Cohort: o.Cohort,
		Faults: o.Condition.Faults, Strain: o.Condition.Strain, Settings: o.Settings, Managed: true,
	})
	if err != nil {
		return err
	}
	for i, p := range people {
		if err := ctx.Err(); err != nil {
			return err
		}
		courses[i], failures[i] = o.treat(p, o.Arms[arm], seed)
		if n := int(done.Add(1)); o.Progress != nil {
			o.Progress(n, len(o.Arms)*o.Seeds*o.Patients)
		}
		if failures[i] != nil {
			return nil // the arm has failed; the rest would prove nothing
		}
	}
	return nil
}

// Check fills in what was left to default, and refuses the impossible with the
// permitted values.
func (o *Options) Check() error {
	if o.Cohort == "" {
		o.Cohort = "mixed"
	}
	if o.Start.IsZero() {
		o.Start = time.Date(2026, 11, 2, 0, 0, 0, 0, time.UTC)
	}
	o.Seeds = max(o.Seeds, 1)
	switch {
	case o.Patients < 1 || o.Days < 1:
		return fmt.Errorf("%d patients, %d days: both must be at least 1", o.Patients, o.Days)
	case len(o.Arms) == 0:
		return fmt.Errorf("no arms: want at least one")
	}
	people := simulate.Options{Start: o.Start, Cohort: o.Cohort, Settings: o.Settings}
	return people.Check()
}
