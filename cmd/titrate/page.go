package main

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net"
	"strconv"
	"time"

	"github.com/titrate/titrate/cleanse"
	"github.com/titrate/titrate/infra/kafka"
	"github.com/titrate/titrate/infra/ops"
	"github.com/titrate/titrate/ingest"
	"github.com/titrate/titrate/predict"
	"github.com/titrate/titrate/predict/mobile"
	"github.com/titrate/titrate/train"
	"golang.org/x/sync/errgroup"
)

// page is the app, the API and the gateway on one address.
type page struct {
	cfg   kafka.Config
	topic string
	token string
	model *train.Model
	rules *cleanse.Book                     // nil: the standard ones
	clock func(patient string) time.Time    // the time a patient lives in
	label func(patient string) mobile.Label // nil: everybody is real
	since time.Time                         // log time from which the screen is filled
	doors access

	patience time.Duration // for the broker to take what devices send; 0: the gateway's own
}

// run serves on l until ctx is done; ready is called when the screen is filled.
func (p *page) run(ctx context.Context, l net.Listener, ready func()) error {
	doors, err := p.open()
	if err != nil {
		return errors.Join(err, l.Close())
	}
	defer doors.producer.Close()
	server := mobile.New(mobile.Options{Admit: doors.admit, Model: p.model, Rules: p.rules, Clock: p.clock, Wall: time.Now, Label: p.label})
	metrics := ops.NewMetrics()
	mux := doors.mount(server, metrics)
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		defer server.Close()
		return ops.Serve(ctx, l, mux)
	})
	group.Go(func() error {
		return p.follow(ctx, server, doors, metrics, func() { server.SetReady(); doors.site.SetReady(); doors.fhir.SetReady(); ready() })
	})
	return group.Wait()
}

// follow fills the screen: first what is remembered of each person, then the
// recent past, then whatever comes.
func (p *page) follow(ctx context.Context, server *mobile.Server, doors doors, metrics *ops.Metrics, ready func()) error {
	err := readOnce(ctx, p.cfg, topicPeople, func(rec ingest.Record) {
		if err := server.Remembered(rec); err != nil {
			slog.Warn("memory of a person can't be read", "error", err)
		}
	})
	if err != nil || ctx.Err() != nil {
		return err
	}
	stopped, err := standingOrder(ctx, p.cfg) // it may be older than what fills the screen
	if err != nil || ctx.Err() != nil {
		return err
	}
	server.Stop(stopped)
	live := false // what was read before is history, and no measure of speed
	since := p.since
	if len(p.doors.credentials) > 0 {
		since = since.Add(-remembered)
	}
	return kafka.Tail(ctx, p.cfg, kafka.TailConfig{
		Topics:     []string{p.topic, topicRecommendations, topicControl, topicPeople},
		Since:      since,
		OnCaughtUp: func() { live = true; ready() },
		OnRecord: func(rec ingest.Record) {
			if rec.Topic == topicControl {
				if why, ok := readOrder(rec); ok {
					server.Stop(why)
				}
				return
			}
			if rec.Topic == topicPeople {
				if err := server.Informed(rec); err != nil {
					slog.Warn("memory of a person can't be read", "error", err)
				}
				return
			}
			if rec.Topic != topicRecommendations {
				metrics.Event("serve", "read", 1)
				doors.site.View().Observe(rec)
				doors.fhir.Observe(rec)
				if !rec.Seen.Before(p.since) {
					server.Observe(rec)
				}
				return
			}
			if live {
				measure(metrics, rec)
			}
			if err := server.Recommended(rec); err != nil {
				slog.Warn("recommendation can't be shown", "error", err)
			}
		},
	})
}

// measure counts a recommendation by kind and how long it took from its event.
func measure(metrics *ops.Metrics, rec ingest.Record) {
	var r struct{ Kind string }
	if json.Unmarshal(rec.Value, &r) != nil {
		return // the server has told
	}
	metrics.Recommendation(r.Kind)
	for _, h := range produced(rec) {
		if ns, err := strconv.ParseInt(string(h.Value), 10, 64); err == nil {
			metrics.Latency(time.Since(time.Unix(0, ns)))
		}
	}
}

// readOnce reads a topic from its beginning to its present end.
func readOnce(ctx context.Context, cfg kafka.Config, topic string, fn func(ingest.Record)) error {
	once, done := context.WithCancel(ctx)
	defer done()
	return kafka.Tail(once, cfg, kafka.TailConfig{Topics: []string{topic}, OnRecord: fn, OnCaughtUp: done})
}

// fillFrom is how far back a screen and a scorer look.
func fillFrom(now time.Time) time.Time { return now.Add(-predict.Lookback) }
