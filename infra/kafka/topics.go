package kafka

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
)

// Topic is a topic to be there.
type Topic struct {
	Name          string
	Partitions    int
	Compacted     bool // keep the last record of each key, for ever
	LogAppendTime bool // the broker's clock says when a record was known, not the producer's
}

// CreateTopics makes the topics that are missing. One that exists stays as it
// is, whatever its settings.
func CreateTopics(ctx context.Context, cfg Config, topics []Topic) error {
	if err := reach(cfg); err != nil {
		return err
	}
	admin, err := kafka.NewAdminClient(cfg.client(kafka.ConfigMap{}, kafka.ConfigMap{}))
	if err != nil {
		return fmt.Errorf("kafka: %w", err)
	}
	defer admin.Close()
	results, err := admin.CreateTopics(ctx, specifications(topics))
	if err != nil {
		return fmt.Errorf("kafka: create topics: %w", err)
	}
	var failed error
	for _, r := range results {
		if c := r.Error.Code(); c != kafka.ErrNoError && c != kafka.ErrTopicAlreadyExists {
			failed = errors.Join(failed, fmt.Errorf("kafka: create topic %s: %w", r.Topic, r.Error))
		}
	}
	if failed != nil {
		return failed
	}
	return appear(ctx, admin, topics)
}

// appear waits until topics that were created can be described: a cluster has
// agreed on them before each broker knows of them.
func appear(ctx context.Context, admin *kafka.AdminClient, topics []Topic) error {
	var names []string
	for _, t := range topics {
		names = append(names, t.Name)
	}
	for begun := time.Now(); ; time.Sleep(50 * time.Millisecond) {
		_, err := describe(ctx, admin, names...)
		if err == nil || ctx.Err() != nil || time.Since(begun) > answerMs*time.Millisecond {
			return err
		}
	}
}

func specifications(topics []Topic) []kafka.TopicSpecification {
	specs := make([]kafka.TopicSpecification, len(topics))
	for i, t := range topics {
		settings := map[string]string{}
		if t.Compacted {
			settings["cleanup.policy"] = "compact"
		}
		if t.LogAppendTime {
			settings["message.timestamp.type"] = "LogAppendTime"
		}
		specs[i] = kafka.TopicSpecification{Topic: t.Name, NumPartitions: t.Partitions, Config: settings}
	}
	return specs
}

// topic is what the cluster says about one.
type topic struct {
	id    string // base64url of the 16 bytes, as Kafka's own tools print it: safe in a file name
	slots []slot
}

// describe asks for topics' ids and partitions. A topic that doesn't exist is
// an error.
func describe(ctx context.Context, admin *kafka.AdminClient, names ...string) (map[string]topic, error) {
	res, err := admin.DescribeTopics(ctx, kafka.NewTopicCollectionOfTopicNames(names))
	if err != nil {
		return nil, fmt.Errorf("kafka: describe topics: %w", err)
	}
	found := make(map[string]topic, len(names))
	for _, d := range res.TopicDescriptions {
		if d.Error.Code() == kafka.ErrUnknownTopicOrPart {
			return nil, fmt.Errorf("kafka: topic %q doesn't exist: create it, or give the name of one that does", d.Name)
		}
		if d.Error.Code() != kafka.ErrNoError {
			return nil, fmt.Errorf("kafka: describe topic %s: %w", d.Name, d.Error)
		}
		t := topic{id: idText(d.TopicID)}
		for _, p := range d.Partitions {
			t.slots = append(t.slots, slot{d.Name, int32(p.Partition)})
		}
		found[d.Name] = t
	}
	return found, nil
}

func idText(id kafka.UUID) string {
	b := binary.BigEndian.AppendUint64(nil, uint64(id.GetMostSignificantBits()))
	b = binary.BigEndian.AppendUint64(b, uint64(id.GetLeastSignificantBits()))
	return base64.RawURLEncoding.EncodeToString(b)
}

// offsets asks where in each partition spec is. Of a time it is the first
// record that is not older, or -1 if there is none.
func offsets(ctx context.Context, admin *kafka.AdminClient, slots []slot, spec kafka.OffsetSpec, seen kafka.IsolationLevel) (map[slot]int64, error) {
	asked := make(map[slot]kafka.OffsetSpec, len(slots))
	for _, s := range slots {
		asked[s] = spec
	}
	return offsetsEach(ctx, admin, asked, seen)
}

// bounds asks where each partition begins and ends. To readers of committed
// records it ends at the first open transaction, to others at the high watermark.
func bounds(ctx context.Context, admin *kafka.AdminClient, slots []slot, seen kafka.IsolationLevel) (low, end map[slot]int64, err error) {
	if low, err = offsets(ctx, admin, slots, kafka.EarliestOffsetSpec, seen); err != nil {
		return nil, nil, err
	}
	end, err = offsets(ctx, admin, slots, kafka.LatestOffsetSpec, seen)
	return low, end, err
}

// offsetsEach is offsets with a question of its own for each partition.
func offsetsEach(ctx context.Context, admin *kafka.AdminClient, asked map[slot]kafka.OffsetSpec, seen kafka.IsolationLevel) (map[slot]int64, error) {
	if len(asked) == 0 {
		return nil, nil
	}
	question := make(map[kafka.TopicPartition]kafka.OffsetSpec, len(asked))
	for s, spec := range asked {
		question[s.at(0)] = spec
	}
	for begun := time.Now(); ; time.Sleep(50 * time.Millisecond) {
		found, err := listOffsets(ctx, admin, question, seen)
		if err == nil || !electing(err) || time.Since(begun) > answerMs*time.Millisecond || ctx.Err() != nil {
			return found, err
		}
	}
}

func listOffsets(ctx context.Context, admin *kafka.AdminClient, question map[kafka.TopicPartition]kafka.OffsetSpec, seen kafka.IsolationLevel) (map[slot]int64, error) {
	res, err := admin.ListOffsets(ctx, question, kafka.SetAdminIsolationLevel(seen))
	if err != nil {
		return nil, fmt.Errorf("kafka: list offsets: %w", err)
	}
	found := make(map[slot]int64, len(question))
	for tp, info := range res.ResultInfos {
		if info.Error.Code() != kafka.ErrNoError {
			return nil, fmt.Errorf("kafka: list offsets of %s: %w", slotOf(tp), info.Error)
		}
		if info.Offset == kafka.OffsetInvalid { // it says so without an error; taken for an end, nothing would be read
			return nil, fmt.Errorf("kafka: list offsets of %s: %w", slotOf(tp), kafka.NewError(kafka.ErrLeaderNotAvailable, "its leader went away", false))
		}
		found[slotOf(tp)] = int64(info.Offset)
	}
	return found, nil
}

// electing reports whether err says that a partition has no leader at the moment:
// its topic was just created, or a broker just went away.
func electing(err error) bool {
	var e kafka.Error
	if !errors.As(err, &e) {
		return false
	}
	switch e.Code() {
	case kafka.ErrNotLeaderForPartition, kafka.ErrLeaderNotAvailable, kafka.ErrFencedLeaderEpoch, kafka.ErrUnknownLeaderEpoch:
		return true
	}
	return false
}
