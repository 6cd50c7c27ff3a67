package ingest

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Options says how Run goes about it. The zero value runs until its context ends.
type Options struct {
	// Drain ends the run once every assigned partition was read to the end
	// that it had when its reading began, and what was read is stored.
	Drain bool
	// Grace is how long the work in hand may take after the context ended;
	// zero means 30 seconds.
	Grace time.Duration
	// Patience is how long the sink's store may fail before the run gives up; zero
	// is for ever.
	Patience time.Duration
	// Progress is told after every fetch and flush how far the run is. It is
	// called on Run's goroutine and must not block.
	Progress func(Progress)
}

// Progress counts what a run has done so far.
type Progress struct {
	Read     int64 // records appended to the sink
	Stored   int64 // positions that flushes reported
	CaughtUp bool  // as of the last fetch
	// CommitErr is why positions could not be published last time, nil once
	// they were. The run goes on: what is stored decides, not what is committed.
	CommitErr error
	// Outage is why the run has stopped to read and waits, nil while it goes on;
	// Failures is how often the sink's store has failed.
	Outage   error
	Failures int64
}

const defaultGrace = 30 * time.Second

// Run feeds sink from source: fetch, append, flush what is due (which is the sink's
// to decide, after every fetch), and only then commit. It returns nil when ctx ends or, with Drain, when the log is read to
// its end; in both cases the sink was flushed finally before.
//
// While the sink's store fails (see [Outage]) nothing more is read, so what is held
// doesn't grow; the run keeps its partitions and tries again, less and less often,
// until the store works, ctx ends or Patience is over. Any other error of fetch,
// append or flush ends the run without a commit: whoever reads next begins at what
// the sink has stored.
func Run(ctx context.Context, source Source, sink Sink, opts Options) error {
	work, stop := outlive(ctx, opts.Grace)
	defer stop()
	r := &run{source: source, sink: sink, opts: opts, uncommitted: map[Partition]int64{}}
	for {
		done, err := r.step(ctx, work)
		if err != nil {
			return err
		}
		if done {
			return r.finish(ctx, work)
		}
	}
}

// run is one call of Run.
type run struct {
	source   Source
	sink     Sink
	opts     Options
	progress Progress
	stuck    bool          // the last flush failed
	pause    time.Duration // how long it was waited last for the store, zero if it works
	waited   time.Duration // since it worked
	// uncommitted are stored positions that no commit has published yet.
	uncommitted map[Partition]int64
}

// step does one round and reports whether it was the last. Only the fetch ends
// with ctx. Append and flush get a context that outlives it: a sink interrupted
// halfway would leave a claim open for the next one to finish.
//
// A fetch that meets an outage has read nothing; what is held is flushed all the
// same, for it may be another part of the store that fails.
func (r *run) step(ctx, work context.Context) (done bool, err error) {
	var batch Batch
	var met error
	if !r.stuck {
		batch, met = r.source.Fetch(ctx)
		if met != nil && ctx.Err() == nil {
			met = fmt.Errorf("fetch: %w", met)
			if !Passes(met) {
				return false, met
			}
		}
		if err := r.take(work, batch); err != nil {
			return false, err
		}
	}
	if ctx.Err() != nil || r.opts.Drain && batch.CaughtUp {
		return true, nil
	}
	flushed := r.flush(work, false)
	r.stuck = flushed != nil
	return false, r.outlast(ctx, errors.Join(met, flushed))
}

// take appends a batch to the sink.
func (r *run) take(ctx context.Context, batch Batch) error {
	if len(batch.Records) > 0 {
		if err := r.sink.Append(ctx, batch.Records); err != nil {
			return fmt.Errorf("append: %w", err)
		}
	}
	r.progress.Read += int64(len(batch.Records))
	r.progress.CaughtUp = batch.CaughtUp
	r.report()
	return nil
}

// flush stores, and commits only what is stored. The other way round, a crash
// between the two loses records: the group would resume behind what no file holds.
func (r *run) flush(ctx context.Context, final bool) error {
	positions, err := r.sink.Flush(ctx, final)
	for _, p := range positions {
		r.uncommitted[p.Partition] = p.Next
	}
	r.progress.Stored += int64(len(positions))
	r.commit(ctx)
	r.report()
	if err != nil {
		return fmt.Errorf("flush: %w", err)
	}
	return nil
}

// commit publishes stored positions. A failure is kept, shown and tried again
// with the next flush: dashboards wait, the work doesn't.
func (r *run) commit(ctx context.Context) {
	if len(r.uncommitted) == 0 {
		return
	}
	positions := make([]Position, 0, len(r.uncommitted))
	for p, next := range r.uncommitted {
		positions = append(positions, Position{Partition: p, Next: next})
	}
	if err := r.source.Commit(ctx, positions); err != nil {
		r.progress.CommitErr = fmt.Errorf("commit: %w", err)
		return
	}
	r.progress.CommitErr = nil
	clear(r.uncommitted)
}

// finish stores all that is held. A commit that still fails is an error now:
// there is no later flush to repair it. So is an outage once ctx has ended: what is
// held will be read again.
func (r *run) finish(ctx, work context.Context) error {
	err := r.flush(work, true)
	for ctx.Err() == nil && Passes(err) {
		if err := r.outlast(ctx, err); err != nil {
			return err
		}
		err = r.flush(work, true)
	}
	return errors.Join(err, r.progress.CommitErr)
}

func (r *run) report() {
	if r.opts.Progress != nil {
		r.opts.Progress(r.progress)
	}
}

// outlive returns a context that ends grace after ctx does. The returned
// function frees it at once.
func outlive(ctx context.Context, grace time.Duration) (context.Context, context.CancelFunc) {
	if grace <= 0 {
		grace = defaultGrace
	}
	work, cancel := context.WithCancel(context.WithoutCancel(ctx))
	context.AfterFunc(ctx, func() {
		timer := time.NewTimer(grace)
		defer timer.Stop()
		select {
		case <-timer.C:
			cancel()
		case <-work.Done():
		}
	})
	return work, cancel
}
