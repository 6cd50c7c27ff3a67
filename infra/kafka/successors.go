package kafka

import (
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"
)

const (
	successorLook = 2 * time.Millisecond // how often a successor that waits looks whether it may join
	successorWait = 15 * time.Second     // the longest that it waits
)

// successors keeps a member that comes back outside of the embedded cluster while its
// predecessor waits in SyncGroup.
//
// Inside, this goes wrong: a member waits in SyncGroup for its leader's word and is killed;
// its successor, of the same instance, joins. The cluster takes whoever waits when it is
// thrown out for one that had joined, and counts one join too few from then on. The others'
// joins don't make up for it: the group stands still until the rebalance times out
// (max.poll.interval.ms, five minutes), with nobody to read its partitions.
//
// The wait ends when the leader speaks, or comes back itself: its predecessor didn't wait.
// Who waits and is killed, too, must not join after its own successor, which it would fence:
// of those that wait the last one joins, and the others are fenced.
type successors struct {
	cluster *kfake.Cluster
	mu      sync.Mutex // held while the cluster is asked, which a closed one never answers
	closed  bool
	synced  map[string]generation // by group: of whom a SyncGroup has come
	came    map[instance]int      // how many came to join
}

type instance struct{ group, id string }

type generation struct {
	number  int32
	members map[string]bool
}

func watchSuccessors(c *kfake.Cluster) *successors {
	s := &successors{cluster: c, synced: map[string]generation{}, came: map[instance]int{}}
	c.ControlKey(int16(kmsg.SyncGroup), func(req kmsg.Request) (kmsg.Response, error, bool) {
		s.note(req.(*kmsg.SyncGroupRequest))
		return nil, nil, false
	})
	c.ControlKey(int16(kmsg.JoinGroup), func(req kmsg.Request) (kmsg.Response, error, bool) {
		r := req.(*kmsg.JoinGroupRequest)
		if r.InstanceID == nil || r.MemberID != "" {
			return nil, nil, false
		}
		number := s.arrive(r)
		c.SleepControl(func() { s.wait(r) })
		if s.latest(r) == number {
			return nil, nil, false
		}
		c.KeepControl() // for the next
		resp := r.ResponseKind().(*kmsg.JoinGroupResponse)
		resp.ErrorCode = kerr.FencedInstanceID.Code
		return resp, nil, true
	})
	return s
}

// arrive numbers the processes of r's instance.
func (s *successors) arrive(r *kmsg.JoinGroupRequest) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.came[instance{r.Group, *r.InstanceID}]++
	return s.came[instance{r.Group, *r.InstanceID}]
}

func (s *successors) latest(r *kmsg.JoinGroupRequest) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.came[instance{r.Group, *r.InstanceID}]
}

func (s *successors) note(r *kmsg.SyncGroupRequest) {
	s.mu.Lock()
	defer s.mu.Unlock()
	g := s.synced[r.Group]
	if g.number != r.Generation || g.members == nil {
		g = generation{r.Generation, map[string]bool{}}
		s.synced[r.Group] = g
	}
	g.members[r.MemberID] = true
}

// wait returns when r may join, or has waited for very long.
func (s *successors) wait(r *kmsg.JoinGroupRequest) {
	for begun := time.Now(); s.preceded(r) && time.Since(begun) < successorWait; {
		time.Sleep(successorLook)
	}
}

// preceded tells whether the member before r's waits for its leader.
func (s *successors) preceded(r *kmsg.JoinGroupRequest) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return false
	}
	g, synced := s.cluster.GroupInfo(r.Group), s.synced[r.Group]
	if g == nil || g.State != "CompletingRebalance" || g.Epoch != synced.number {
		return false
	}
	for _, m := range g.Members {
		if m.InstanceID != nil && *m.InstanceID == *r.InstanceID {
			return synced.members[m.MemberID]
		}
	}
	return false
}

// close lets everybody through, before the cluster closes.
func (s *successors) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
}
