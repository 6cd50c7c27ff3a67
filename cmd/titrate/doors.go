package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"time"

	"github.com/titrate/titrate/infra/kafka"
	"github.com/titrate/titrate/infra/ops"
	"github.com/titrate/titrate/ingest/gateway"
	"github.com/titrate/titrate/ingest/gateway/fhir"
	"github.com/titrate/titrate/ingest/gateway/nightscout"
	"github.com/titrate/titrate/predict/mobile"
	"golang.org/x/sync/semaphore"
)

// remembered is how far before the screen's own past the log is read for what
// Nightscout's clients may ask back: a profile is rarely sent.
const remembered = 30 * 24 * time.Hour

// doors are the gateways for devices and apps, with the producer behind them.
type doors struct {
	producer *kafka.Producer
	keys     *gateway.Keyring
	events   *gateway.Gateway
	site     *nightscout.Door
	fhir     *fhir.Door
}

// open connects the doors to the broker. Whoever opens closes the producer.
func (p *page) open() (doors, error) {
	var d doors
	var err error
	if d.keys, err = p.doors.keyring(p.token); err != nil {
		return d, usagef("--token or --credentials: %w", err)
	}
	if d.producer, err = kafka.NewProducer(impatient(p.cfg)); err != nil {
		return d, err
	}
	d.events, err = gateway.New(gateway.Options{
		Log:     &doorLog{producer: d.producer, topic: p.topic, clock: p.clock, room: semaphore.NewWeighted(roomBytes)},
		Keys:    d.keys,
		Now:     time.Now,
		Timeout: p.patience,
		Failed:  func(err error) { slog.Error("events were not taken", "error", err) },
	})
	if err == nil {
		d.site, err = nightscout.New(nightscout.Options{Gateway: d.events, Now: time.Now})
	}
	if err != nil {
		return d, errors.Join(err, d.producer.Close())
	}
	d.fhir = fhir.New(d.events)
	return d, nil
}

// impatient lets the client give a message up soon after the sender was told that
// it isn't confirmed: else the queue fills with what is sent again meanwhile.
func impatient(cfg kafka.Config) kafka.Config {
	cfg.Properties = maps.Clone(cfg.Properties)
	if cfg.Properties == nil {
		cfg.Properties = map[string]string{}
	}
	if _, set := cfg.Properties["message.timeout.ms"]; !set {
		cfg.Properties["message.timeout.ms"] = "12000"
	}
	return cfg
}

// mount is all that the address answers: the app, its API, and the doors, whose
// requests are counted.
func (d doors) mount(app *mobile.Server, metrics *ops.Metrics) *http.ServeMux {
	mux := http.NewServeMux()
	mux.Handle("/", app.Handler())
	mux.Handle("GET /metrics", metrics.Handler())
	mux.Handle(gateway.Pattern, metrics.Requests("events", d.events))
	for _, pattern := range nightscout.Patterns {
		mux.Handle(pattern, metrics.Requests("nightscout", d.site))
	}
	for _, pattern := range fhir.Patterns {
		mux.Handle(pattern, metrics.Requests("fhir", d.fhir))
	}
	return mux
}

// admit says whom a request of the app may see.
func (d doors) admit(r *http.Request) (sees func(string) bool, status, retry int) {
	who, refused := d.keys.Bearer(r)
	switch {
	case refused != nil:
		return nil, refused.Status, refused.Retry
	case !who.Read:
		return nil, http.StatusForbidden, 0
	}
	return who.Of, 0, 0
}

// roomBytes is how much of what was sent may wait for the broker: less than the
// client's own queue holds, so that a full one is told at once.
const roomBytes = 64 << 20

// doorLog writes what the gateway took, stamped with the time its patient lives in.
type doorLog struct {
	producer *kafka.Producer
	topic    string
	clock    func(patient string) time.Time
	room     *semaphore.Weighted
}

// Send implements gateway.Log.
func (d *doorLog) Send(ctx context.Context, messages []gateway.Message) error {
	var size int64
	out := make([]kafka.Message, len(messages))
	for i, m := range messages {
		out[i] = kafka.Message{Topic: d.topic, Key: m.Key, Value: m.Value, Headers: m.Headers, Seen: d.clock(string(m.Key))}
		size += int64(len(m.Value) + 256)
	}
	if !d.room.TryAcquire(size) {
		return fmt.Errorf("%d bytes wait for the broker already: %w", roomBytes, gateway.ErrBusy)
	}
	defer d.room.Release(size)
	return d.producer.Send(ctx, out)
}
