package kafka

import (
	"sync/atomic"
	"testing"

	"github.com/twmb/franz-go/pkg/kmsg"
)

// TestABrokerThatFallsSilentIsAskedAgain has the broker never answer one Fetch, as a host
// that lost its power doesn't: its connection is as good as ever.
func TestABrokerThatFallsSilentIsAskedAgain(t *testing.T) {
	t.Parallel()
	b, cfg := startEmbedded(t)
	tc := transformTopics(t, cfg, 1)
	j := startJob(t, tc, fresh)
	j.waitReady(t)
	send(t, cfg, cfg.in("events"), 3, 0, 10)
	answers(t, cfg, 10)
	silent := make(chan struct{})
	over := make(chan struct{})
	defer close(over)
	var asked atomic.Bool
	b.cluster.ControlKey(int16(kmsg.Fetch), func(kmsg.Request) (kmsg.Response, error, bool) {
		if asked.CompareAndSwap(false, true) {
			close(silent)
			b.cluster.SleepControl(func() { <-over })
		}
		return nil, nil, false
	})
	<-silent
	send(t, cfg, cfg.in("events"), 3, 10, 10)
	answers(t, cfg, 20)
	j.stop(t)
}
