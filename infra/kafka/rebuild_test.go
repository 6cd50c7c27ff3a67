package kafka

import (
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// TestAnOffsetThatIsRefusedIsAskedAgain has the broker refuse the committed offset of one
// partition for a while: it isn't taken for one that was never read, whose records have no
// answer yet.
func TestAnOffsetThatIsRefusedIsAskedAgain(t *testing.T) {
	t.Parallel()
	for name, why := range map[string]*kerr.Error{"for want of a right": kerr.TopicAuthorizationFailed, "behind a transaction": kerr.UnstableOffsetCommit} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b, cfg := startEmbedded(t)
			tc := transformTopics(t, cfg, 2)
			j := startJob(t, tc, fresh)
			send(t, cfg, cfg.in("events"), 7, 0, 100)
			answers(t, cfg, 100)
			j.stop(t)
			h := b.cluster.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.OffsetFetch}, Topic: cfg.in("events"), Partitions: []int32{1}, Err: why, Count: -1})
			j = startJob(t, tc, fresh)
			if err := h.Wait(limit(t, 20*time.Second), 5); err != nil {
				t.Fatal(err)
			}
			h.Remove()
			send(t, cfg, cfg.in("events"), 7, 100, 100)
			compare(t, answers(t, cfg, 200), uninterrupted(7, 200))
			j.stop(t)
		})
	}
}
