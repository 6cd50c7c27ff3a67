package main

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/titrate/titrate/ingest"
	"github.com/titrate/titrate/predict"
	"github.com/titrate/titrate/train"
)

// shadowing is the alias of the model that watches.
const shadowing = "challenger"

// watchEvery is how often a registry is asked for news, unless it is said otherwise.
const watchEvery = 30 * time.Second

// charge is who is in charge of a running scorer, and whether anything may be said.
// Folds look at it between two events, so a change needs no pause.
type charge struct{ standing atomic.Pointer[standing] }

// standing is what holds at one moment.
type standing struct {
	champion, challenger *train.Model // a nil challenger: nobody watches
	stopped              string       // why nothing may be advised; empty: it may
	moments              *predict.Moments
}

// newCharge puts a model in charge. The challenger is looked up; an alias that
// nobody has is no challenger, anything else that isn't there is a mistake.
func newCharge(ctx context.Context, model *train.Model, models, challenger string) (*charge, error) {
	c := &charge{}
	c.standing.Store(&standing{champion: model, moments: predict.StandardMoments()})
	if challenger == "" {
		return c, nil
	}
	other, err := openAdapted(ctx, models, challenger)
	if challenger == shadowing && (errors.Is(err, errNoModel) || errors.Is(err, fs.ErrNotExist)) {
		return c, nil
	}
	if err != nil {
		return nil, err
	}
	c.change(func(s *standing) { s.challenger = other })
	return c, nil
}

// change is safe beside other changes: orders and models come from two goroutines.
func (c *charge) change(fn func(*standing)) {
	for {
		old := c.standing.Load()
		next := *old
		fn(&next)
		if c.standing.CompareAndSwap(old, &next) {
			return
		}
	}
}

// brief tells the fold's scorer what has changed since it was told last.
func (c *charge) brief(f *fold) {
	s := *c.standing.Load()
	if s == f.now {
		return
	}
	if s.champion != f.now.champion {
		f.scorer.Use(s.champion)
	}
	if s.challenger != f.now.challenger {
		f.scorer.Shadow(s.challenger)
	}
	f.scorer.Watch(s.moments)
	f.scorer.Stop(s.stopped)
	f.now = s
}

// watch asks the registry now and then, and puts a new champion or challenger in
// place. What can't be read leaves the old one there, and is told once.
func (c *charge) watch(ctx context.Context, models, challenger string, every time.Duration) error {
	tick := time.NewTicker(every)
	defer tick.Stop()
	told := ""
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		err := c.refresh(ctx, models, challenger)
		switch {
		case err == nil:
			told = ""
		case ctx.Err() == nil && err.Error() != told:
			told = err.Error()
			slog.Warn("the registry can't be read; the models stay as they are", "error", err)
		}
	}
}

func (c *charge) refresh(ctx context.Context, models, challenger string) error {
	now := c.standing.Load()
	next, err := newer(ctx, models, champion, now.champion)
	if err != nil {
		return err
	}
	if next != now.champion {
		c.change(func(s *standing) { s.champion = next })
		slog.Info("a new champion scores", "model", nameOf(next))
	}
	if challenger == "" {
		return nil
	}
	other, err := newer(ctx, models, challenger, now.challenger)
	if errors.Is(err, errNoModel) || errors.Is(err, fs.ErrNotExist) {
		other, err = nil, nil
	}
	if err != nil {
		return err
	}
	if other != now.challenger {
		c.change(func(s *standing) { s.challenger = other })
		slog.Info("a new challenger watches", "model", nameOf(other))
	}
	return nil
}

// newer is the model that a name or an alias stands for now: the one that is in place, if
// nothing has changed.
func newer(ctx context.Context, models, model string, inPlace *train.Model) (*train.Model, error) {
	name, err := currentName(ctx, models, model)
	if err != nil || name == nameOf(inPlace) {
		return inPlace, err
	}
	return openModel(ctx, models, name)
}

// order is a message of the control topic.
type order struct {
	Advice string    `json:"advice"` // stop or go
	Reason string    `json:"reason,omitempty"`
	Time   time.Time `json:"time"`
}

// readOrder tells why advice is stopped, or that it isn't; false for a message that
// is no such order. A stop that gives no reason is one all the same.
func readOrder(rec ingest.Record) (stopped string, ok bool) {
	var o order
	if string(rec.Key) != orderKey || json.Unmarshal(rec.Value, &o) != nil {
		return "", false
	}
	switch o.Advice {
	case "stop":
		if o.Reason == "" {
			return "no reason was given", true
		}
		return o.Reason, true
	case "go":
		return "", true
	}
	return "", false
}

// obey takes a record of the control topic.
func (c *charge) obey(rec ingest.Record) {
	stopped, ok := readOrder(rec)
	if !ok {
		slog.Warn("a message on the control topic is no order and changes nothing", "offset", rec.Offset)
		return
	}
	if stopped != c.standing.Load().stopped {
		slog.Warn("advice", "stopped", stopped != "", "reason", stopped)
	}
	c.change(func(s *standing) { s.stopped = stopped })
}

func nameOf(m *train.Model) string {
	if m == nil {
		return ""
	}
	return m.Name()
}
