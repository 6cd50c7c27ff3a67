package kafkatest

import (
	"fmt"

	client "github.com/confluentinc/confluent-kafka-go/v2/kafka"
	"github.com/titrate/titrate/infra/kafka"
)

// Poll reads so many messages of topic as every program of the client library's does, one by
// one, and drops them: what its users would call the rate at which messages can be read. It
// has as much fetched ahead as a [kafka.Source].
func Poll(cfg kafka.Config, topic string, messages int) error {
	c, err := client.NewConsumer(&client.ConfigMap{
		"bootstrap.servers": cfg.Brokers, "group.id": "poll", "enable.auto.commit": false,
		"fetch.wait.max.ms": 100, "fetch.queue.backoff.ms": 5,
		"queued.min.messages": 200_000, "queued.max.messages.kbytes": 16_384,
	})
	if err != nil {
		return fmt.Errorf("poll: %w", err)
	}
	defer c.Close()
	metadata, err := c.GetMetadata(&topic, false, 10_000)
	if err != nil {
		return fmt.Errorf("poll: %w", err)
	}
	var all []client.TopicPartition
	for _, p := range metadata.Topics[topic].Partitions {
		all = append(all, client.TopicPartition{Topic: &topic, Partition: p.ID, Offset: client.OffsetBeginning})
	}
	if err := c.Assign(all); err != nil {
		return fmt.Errorf("poll: %w", err)
	}
	for messages > 0 {
		switch ev := c.Poll(10_000).(type) {
		case nil:
			return fmt.Errorf("poll: %d messages of %s didn't come within 10 s", messages, topic)
		case *client.Message:
			messages--
		case client.Error:
			if ev.IsFatal() {
				return fmt.Errorf("poll: %w", ev)
			}
		}
	}
	return nil
}
