package ingest_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/titrate/titrate/ingest"
)

var errFull = &ingest.Outage{Err: errors.New("disk full")}

// Hold implements ingest.Source.
func (l *log) Hold(ctx context.Context, d time.Duration) error {
	*l.trace = append(*l.trace, "hold")
	l.holds = append(l.holds, d)
	if l.held != nil {
		l.held(len(l.holds))
	}
	return ctx.Err()
}

func TestPassesOnlyIfEverythingMayPass(t *testing.T) {
	gone := errors.New("the log has lost records")
	for name, c := range map[string]struct {
		err  error
		want bool
	}{
		"none":                     {nil, false},
		"another":                  {gone, false},
		"outage":                   {errFull, true},
		"wrapped":                  {fmt.Errorf("flush: %w", errFull), true},
		"joined outages":           {errors.Join(errFull, fmt.Errorf("store: %w", errFull)), true},
		"an outage beside another": {fmt.Errorf("flush: %w", errors.Join(errFull, gone)), false},
		"an outage as its cause":   {fmt.Errorf("%w: %w", gone, errFull), false},
	} {
		if got := ingest.Passes(c.err); got != c.want {
			t.Errorf("%s: %t, want %t", name, got, c.want)
		}
	}
}

// fails has the sink's store fail until it was waited for n times.
func fails(l *log, s *lake, n int) {
	s.flushErr = errFull
	l.held = func(holds int) {
		if holds == n {
			s.flushErr = nil
		}
	}
}

func TestAnOutageStopsReadingUntilItIsOver(t *testing.T) {
	source, sink, trace := setup()
	fails(source, sink, 9)
	var told []error
	opts := ingest.Options{Drain: true, Progress: func(p ingest.Progress) { told = append(told, p.Outage) }}
	if err := ingest.Run(t.Context(), source, sink, opts); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(sink.stored, offsets(10)) {
		t.Errorf("stored %v, want 0 to 9 once", sink.stored)
	}
	if first := slices.Index(*trace, "hold"); !slices.Equal((*trace)[:first+4], []string{"append", "flush", "hold", "flush", "hold", "flush"}[:first+4]) {
		t.Errorf("the store failed, and then came %v", *trace)
	}
	for i, d := range source.holds {
		if want := min(500*time.Millisecond<<i, 30*time.Second); d != want {
			t.Errorf("wait %d took %v, want %v", i, d, want)
		}
	}
	if !slices.ContainsFunc(told, func(err error) bool { return errors.Is(err, errFull) }) || told[len(told)-1] != nil {
		t.Errorf("told of %v", told)
	}
}

// A drain that has read everything still has to store it.
func TestAnOutageAtTheEndOfADrainIsWaitedFor(t *testing.T) {
	source, sink, _ := setup()
	source.fetched = func(l *log) {
		if l.at == l.end {
			fails(source, sink, 3)
		}
	}
	if err := ingest.Run(t.Context(), source, sink, drain); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(sink.stored, offsets(10)) || len(source.holds) != 3 {
		t.Errorf("stored %v after %d waits", sink.stored, len(source.holds))
	}
}

// A sink that can't say where to start is asked again; what is held is stored meanwhile.
func TestAnOutageOfAFetchIsWaitedFor(t *testing.T) {
	source, sink, _ := setup()
	source.fetched = func(l *log) {
		if l.at == 6 {
			l.fetchErr = errFull
		}
	}
	source.held = func(n int) {
		if !slices.Equal(sink.stored, offsets(6)) {
			t.Errorf("wait %d: stored %v, want what was fetched", n, sink.stored)
		}
		if n == 2 {
			source.fetchErr, source.fetched = nil, nil
		}
	}
	if err := ingest.Run(t.Context(), source, sink, drain); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(sink.stored, offsets(10)) {
		t.Errorf("stored %v, want 0 to 9 once", sink.stored)
	}
}

func TestWhatEndsARunInAnOutage(t *testing.T) {
	gone := errors.New("the log has lost records")
	for name, c := range map[string]struct {
		opts ingest.Options
		held func(sink *lake, cancel func())
		want error
	}{
		"its context":      {ingest.Options{}, func(_ *lake, cancel func()) { cancel() }, errFull},
		"patience":         {ingest.Options{Patience: time.Minute}, func(*lake, func()) {}, errFull},
		"another error":    {ingest.Options{}, func(s *lake, _ func()) { s.flushErr = gone }, gone},
		"another beside":   {ingest.Options{}, func(s *lake, _ func()) { s.flushErr = errors.Join(errFull, gone) }, gone},
		"while it drained": {drain, func(_ *lake, cancel func()) { cancel() }, errFull},
	} {
		t.Run(name, func(t *testing.T) {
			source, sink, _ := setup()
			fails(source, sink, 1000)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			source.held = func(n int) {
				if n > 20 {
					t.Fatal("waited for ever")
				}
				c.held(sink, cancel)
			}
			if err := ingest.Run(ctx, source, sink, c.opts); !errors.Is(err, c.want) {
				t.Errorf("error %v, want %v", err, c.want)
			}
			if len(sink.stored)+len(source.commits) > 0 {
				t.Errorf("stored %v, committed %v", sink.stored, source.commits)
			}
		})
	}
}

// What moved is published although another partition's file can't be written.
func TestWhatMovedBesideAnOutageIsCommitted(t *testing.T) {
	source, sink, _ := setup()
	err := ingest.Run(t.Context(), source, half{sink}, ingest.Options{Patience: time.Nanosecond})
	if !errors.Is(err, errFull) || len(source.commits) == 0 {
		t.Errorf("error %v, committed %v", err, source.commits)
	}
}

// half is a lake that stores, and says that it can't.
type half struct{ *lake }

func (h half) Flush(ctx context.Context, final bool) ([]ingest.Position, error) {
	positions, err := h.lake.Flush(ctx, final)
	return positions, errors.Join(err, errFull)
}
