package main

import (
	"cmp"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/titrate/titrate/cleanse"
)

// stint tells an operator that a scorer has begun, since when it answers, and in the
// end what it did.
type stint struct {
	begun  time.Time
	model  string
	events atomic.Int64
}

// scoringSummary is what a scorer prints that was told to stop.
type scoringSummary struct {
	Model   string  `json:"model"`  // in charge when it began
	Events  int64   `json:"events"` // applied; again what a failed transaction made it apply again
	Seconds float64 `json:"seconds"`
}

// beginStint tells of it, and counts what s applies.
func beginStint(s *scorer, model string) *stint {
	told := &stint{begun: time.Now(), model: model}
	s.folded = func() { told.events.Add(1) }
	slog.Info("scoring", "brokers", s.cfg.Brokers, "topic", s.topic, "group", s.group, "instance", s.instance,
		"model", model, "rules", cmp.Or(s.rules, cleanse.Standard()).Name())
	return told
}

// ready tells that the past is known: until then nothing is answered.
func (t *stint) ready() {
	slog.Info("the past is known, events are answered", "took", time.Since(t.begun).Round(time.Millisecond))
}

func (t *stint) summary() scoringSummary {
	return scoringSummary{t.model, t.events.Load(), time.Since(t.begun).Seconds()}
}
