// Command titrate runs the whole pipeline on one machine (up), or any part of it.
//
// It is the composition root: the only place that reads flags, asks the clock
// and wires packages to each other.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// Exit codes: a user's mistake is told from a failure.
const (
	exitFailure = 1
	exitUsage   = 2
	exitGated   = 3 // a model was trained and published, and a gate kept it from being in charge

	exitInterrupted = 130 // as shells count a Ctrl-C: something that should have come to its end didn't
)

func main() {
	ctx, stop := context.WithCancel(context.Background())
	go handleSignals(stop)
	os.Exit(run(ctx, os.Args[1:]))
}

// impatience is how long after the first signal a second one is taken to be a
// person's: a terminal and a supervisor may both pass on the same Ctrl-C.
const impatience = time.Second

// handleSignals asks the work to end at the first signal, and ends the process at
// one that comes later. It runs as long as the process.
func handleSignals(stop context.CancelFunc) {
	signals := make(chan os.Signal, 4)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	<-signals
	stop()
	first := time.Now()
	for range signals {
		if time.Since(first) > impatience {
			os.Exit(exitInterrupted)
		}
	}
}

func run(ctx context.Context, args []string) (exit int) {
	root := newRoot()
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return 0
	}
	if ctx.Err() != nil && errors.Is(err, context.Canceled) {
		fmt.Fprintf(os.Stderr, "titrate: interrupted (%v)\n", err)
		return exitInterrupted
	}
	fmt.Fprintf(os.Stderr, "titrate: %v\n", err)
	var usage usageError
	if errors.As(err, &usage) {
		return exitUsage
	}
	if errors.Is(err, errNotPromoted) {
		return exitGated
	}
	return exitFailure
}

// usageError is a mistake in how the program was called.
type usageError struct{ err error }

func (u usageError) Error() string { return u.err.Error() }
func (u usageError) Unwrap() error { return u.err }

func usagef(format string, args ...any) error {
	return usageError{fmt.Errorf(format, args...)}
}
