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
	wards := make([]ward, len(o.Arms))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0))
	var done atomic.Int64
	for a := range wards {
		wards[a].admit(o.Seeds * o.Patients)
		for i := range o.Seeds * o.Patients {
			group.Go(func() error {
				if err := ctx.Err(); err != nil {
					return err
				}
				if err := o.treatOne(&wards[a], o.Arms[a], i); err != nil {
					return err
				}
				if n := int(done.Add(1)); o.Progress != nil {
					o.Progress(n, len(o.Arms)*o.Seeds*o.Patients)
				}
				return nil
			})
		}
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	return o.result(wards), nil
}

// ward is an arm under treatment: everybody's courses, or why the policy failed, by
// seed and person.
type ward struct {
	courses  []*Course
	failures []error
	failed   atomic.Int64 // the least index of a failure
}

func (w *ward) admit(people int) {
	w.courses, w.failures = make([]*Course, people), make([]error, people)
	w.failed.Store(int64(people))
}

// treatOne treats person i. Once a policy has failed, who comes later is not
// treated: that would prove nothing. Who comes earlier is, so that the failure that
// is told is the first by person and not by time, on however many cores.
func (o *Options) treatOne(w *ward, arm Arm, i int) error {
	if int64(i) > w.failed.Load() {
		return nil
	}
	seed := o.Seed + uint64(i/o.Patients)
	p, err := simulate.One(simulate.Options{
		Seed: seed, Start: o.Start.Add(-runIn), Cohort: o.Cohort,
		Faults: o.Condition.Faults, Strain: o.Condition.Strain, Settings: o.Settings, Managed: true,
	}, i%o.Patients+1)
	if err != nil {
		return err
	}
	w.courses[i], w.failures[i] = o.treat(p, arm, seed)
	for w.failures[i] != nil {
		least := w.failed.Load()
		if least <= int64(i) || w.failed.CompareAndSwap(least, int64(i)) {
			break
		}
	}
	return nil
}

// failure is the first by person, or nil.
func (w *ward) failure() error {
	if i := int(w.failed.Load()); i < len(w.failures) {
		return w.failures[i]
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
