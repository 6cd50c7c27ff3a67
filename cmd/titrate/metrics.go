package main

import (
	"context"
	"log/slog"
	"net/http"

	"github.com/titrate/titrate/cleanse"
	"github.com/titrate/titrate/infra/ops"
)

// serveMetrics answers /metrics, /healthz and /readyz on addr until stop is called; nil
// metrics if addr is empty.
func serveMetrics(ctx context.Context, addr string) (metrics *ops.Metrics, stop func(), err error) {
	if addr == "" {
		return nil, func() {}, nil
	}
	l, err := listenOn("--metrics", addr)
	if err != nil {
		return nil, nil, err
	}
	metrics = ops.NewMetrics()
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", metrics.Handler())
	mux.HandleFunc("GET /healthz", func(http.ResponseWriter, *http.Request) {})
	mux.HandleFunc("GET /readyz", metrics.Readyz)
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := ops.Serve(ctx, l, mux); err != nil {
			slog.Error("metrics are no longer served", "error", err)
		}
	}()
	return metrics, func() { cancel(); <-done }, nil
}

// warnOfOtherRules says that a scorer decides by other rules than this job.
func warnOfOtherRules(ours *cleanse.Book) func(string) {
	if ours == nil {
		ours = cleanse.Standard()
	}
	return func(theirs string) {
		slog.Warn("a scorer cleansed by other rules: lake and advice may disagree; start all jobs with the same --rules", "theirs", theirs, "ours", ours.Name())
	}
}
