package kafka

import (
	"context"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
)

// spare reports whether this member has nothing to read for good: the group has
// settled, and others own every partition of the topics.
//
// Having no partition right now is not enough. A member that joins a cooperative
// group is given nothing in the first round, in which the others give up what the
// second round hands to it; a drain that ended between the two would leave these
// partitions unread.
func (s *Source) spare(ctx context.Context) bool {
	if len(s.owned) > 0 || len(s.wanting) > 0 || s.closing {
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, answerMs*time.Millisecond)
	defer cancel()
	taken, settled := s.assignments(ctx)
	if !settled {
		return false
	}
	topics, err := describe(ctx, s.admin, s.topics...)
	if err != nil {
		return false // not known is not spare: it is asked again
	}
	for _, t := range topics {
		for _, at := range t.slots {
			if !taken[at] {
				return false
			}
		}
	}
	return true
}

// assignments are the partitions that members of the group own, and whether no
// rebalance is under way.
func (s *Source) assignments(ctx context.Context) (taken map[slot]bool, settled bool) {
	res, err := s.admin.DescribeConsumerGroups(ctx, []string{s.group})
	if err != nil || len(res.ConsumerGroupDescriptions) != 1 {
		return nil, false
	}
	group := res.ConsumerGroupDescriptions[0]
	taken = map[slot]bool{}
	for _, member := range group.Members {
		for _, tp := range member.Assignment.TopicPartitions {
			taken[slotOf(tp)] = true
		}
	}
	return taken, group.State == kafka.ConsumerGroupStateStable
}
