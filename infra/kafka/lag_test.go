package kafka

import (
	"testing"

	"github.com/titrate/titrate/ingest"
)

// TestLag: a job tells how far it is behind, by the funnel and by Poll, and nothing once it has
// ended. While it waits for its store, and takes nothing, the ends are asked for.
func TestLag(t *testing.T) {
	t.Parallel()
	for name, polled := range map[string]bool{"by the funnel": false, "polled": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, cfg := startBroker(t)
			cfg.Lag = new(Lag)
			behind := func() (partitions int, records int64) {
				cfg.Lag.Each(func(_ string, _ int32, n int64) { partitions, records = partitions+1, records+n })
				return partitions, records
			}
			if n, _ := behind(); n != 0 {
				t.Error("nobody reads, and somebody is behind")
			}
			createTopic(t, cfg, Topic{Name: cfg.in("events"), Partitions: 3})
			sink := &fragile{stored: newStored()}
			m := startFragile(t, cfg, sink, polled, ingest.Options{})
			send(t, cfg, cfg.in("events"), 9, 0, 900)
			waitFor(t, func() bool { n, records := behind(); return n == 3 && records == 0 && sink.count() == 900 })
			sink.flush.Store(true)
			send(t, cfg, cfg.in("events"), 9, 900, 90)
			waitFor(t, func() bool { return sink.denied.Load() > 0 })
			send(t, cfg, cfg.in("events"), 9, 990, 500)
			waitFor(t, func() bool { _, records := behind(); return records >= 500 })
			sink.flush.Store(false)
			waitFor(t, func() bool { n, records := behind(); return n == 3 && records == 0 && sink.count() == 1490 })
			m.stop(t)
			if n, _ := behind(); n != 0 {
				t.Error("the job has ended, and is behind")
			}
		})
	}
}

// TestNobodysLag: nil knows of no job.
func TestNobodysLag(t *testing.T) {
	var l *Lag
	l.watch(nil)
	l.Each(func(string, int32, int64) { t.Error("there is no job") })
}
