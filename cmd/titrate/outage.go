package main

import (
	"log/slog"
	"time"

	"github.com/titrate/titrate/infra/ops"
	"github.com/titrate/titrate/ingest"
)

// outage tells of a store that fails: one line when it begins, one when it is over,
// and metrics meanwhile.
type outage struct {
	job, store string
	metrics    *ops.Metrics // may be nil
	since      time.Time    // zero: there is none
	failures   int64
}

// watch is told how far the run is.
func (o *outage) watch(p ingest.Progress) {
	if o.metrics != nil {
		o.metrics.Outage(o.job, p.Outage != nil, p.Failures-o.failures)
		o.metrics.Ready(p.Outage == nil)
	}
	o.failures = p.Failures
	switch {
	case p.Outage != nil && o.since.IsZero():
		o.since = time.Now()
		slog.Error("the store fails: "+o.job+" reads no more, keeps what it has read, and tries again until the cause is gone",
			"store", o.store, "error", p.Outage)
	case p.Outage == nil && !o.since.IsZero():
		slog.Info("the store works again: "+o.job+" goes on", "store", o.store, "after", time.Since(o.since).Round(time.Second))
		o.since = time.Time{}
	}
}
