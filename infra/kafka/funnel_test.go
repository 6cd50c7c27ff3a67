package kafka

import (
	"errors"
	"runtime"
	"testing"
	"time"

	"github.com/titrate/titrate/ingest"
)

// TestClientIsOneThatTheFunnelKnows fails when a new version of the client keeps
// its handle elsewhere: messages would still come, at half the rate.
func TestClientIsOneThatTheFunnelKnows(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("the funnel is for Linux")
	}
	_, cfg := startBroker(t)
	createTopic(t, cfg, Topic{Name: cfg.in("events"), Partitions: 1})
	src, err := OpenSource(cfg, []string{cfg.in("events")}, cfg.in("lake"), newStored())
	if err != nil {
		t.Fatal(err)
	}
	if src.funnel == nil {
		t.Error("messages are polled one by one: handleOf doesn't find the library's handle, or the library lacks a function")
	}
	if err := src.Close(); err != nil {
		t.Error(err)
	}
}

func TestMessagesArrivePolledToo(t *testing.T) {
	t.Parallel()
	_, cfg := startBroker(t)
	createTopic(t, cfg, Topic{Name: cfg.in("events"), Partitions: 3})
	send(t, cfg, cfg.in("events"), 9, 0, 2000)
	sink := newStored()
	src, err := OpenSource(cfg, []string{cfg.in("events")}, cfg.in("lake"), sink)
	if err != nil {
		t.Fatal(err)
	}
	if src.funnel != nil {
		src.funnel.close()
		src.funnel = nil
	}
	err = ingest.Run(limit(t, 20*time.Second), src, sink, ingest.Options{Drain: true})
	if err := errors.Join(err, src.Close()); err != nil {
		t.Fatal(err)
	}
	once(t, values(sink.records), 2000)
}
