package ingest

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Outage is why the store of a sink can't be used now: it is full, denied, or gone.
// Time or an operator may cure it, and what was tried may be tried again, whatever
// became of it. A sink returns no other error as one.
type Outage struct{ Err error }

func (o *Outage) Error() string { return o.Err.Error() }
func (o *Outage) Unwrap() error { return o.Err }

// Passes reports whether err is an outage and nothing else. Of errors that were
// joined each must be one: a partition that can't go on ends a run, also while
// another's file can't be written.
func Passes(err error) bool {
	switch e := err.(type) {
	case *Outage:
		return true
	case interface{ Unwrap() []error }:
		all := e.Unwrap()
		for _, one := range all {
			if !Passes(one) {
				return false
			}
		}
		return len(all) > 0
	}
	inner := errors.Unwrap(err)
	return inner != nil && Passes(inner)
}

// The first wait for a store, which doubles with every try, up to the last.
const (
	firstPause = 500 * time.Millisecond
	lastPause  = 30 * time.Second
)

// outlast waits a while if err is an outage. It returns what ends the run.
func (r *run) outlast(ctx context.Context, err error) error {
	if err == nil {
		r.pause, r.waited = 0, 0
		r.tell(nil)
		return nil
	}
	if !Passes(err) {
		return err
	}
	if r.opts.Patience > 0 && r.waited >= r.opts.Patience {
		return fmt.Errorf("the store has failed for %v: %w", r.waited, err)
	}
	r.progress.Failures++
	r.tell(err)
	r.pause = min(max(2*r.pause, firstPause), lastPause)
	r.waited += r.pause
	if err := r.source.Hold(ctx, r.pause); err != nil && ctx.Err() == nil {
		return fmt.Errorf("wait for the store: %w", err)
	}
	return nil
}

// tell shows an outage, or that there is none any more.
func (r *run) tell(outage error) {
	if outage != nil || r.progress.Outage != nil {
		r.progress.Outage = outage
		r.report()
	}
}
