package main

import (
	"context"
	"strings"

	"github.com/spf13/cobra"
	"github.com/titrate/titrate/infra/kafka"
)

// The topics. events and people are keyed by patient on the same number of
// partitions; people is compacted.
const (
	topicEvents          = "events"
	topicRecommendations = "recommendations"
	topicPeople          = "people"
)

// brokerFlags says which Kafka, and how to talk to it.
type brokerFlags struct {
	brokers    string
	properties []string
	partitions int
	topic      string
}

func (b *brokerFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&b.brokers, "brokers", "127.0.0.1:9092", "Kafka brokers, host:port[,host:port]")
	flags.StringSliceVar(&b.properties, "kafka", nil, "any librdkafka property, e.g. security.protocol=SASL_SSL (repeatable)")
	flags.StringVar(&b.topic, "topic", topicEvents, "topic of the wire events")
	flags.IntVar(&b.partitions, "partitions", 12, "partitions of a topic that has to be created")
}

func (b *brokerFlags) config() (kafka.Config, error) {
	cfg := kafka.Config{Brokers: b.brokers, Properties: map[string]string{}}
	for _, p := range b.properties {
		key, value, ok := strings.Cut(p, "=")
		if !ok {
			return cfg, usagef("--kafka %q: want property=value", p)
		}
		cfg.Properties[key] = value
	}
	return cfg, nil
}

// open checks that the brokers answer and that the topics are there.
func (b *brokerFlags) open(ctx context.Context) (kafka.Config, error) {
	cfg, err := b.config()
	if err != nil {
		return cfg, err
	}
	return cfg, kafka.CreateTopics(ctx, cfg, topics(b.topic, b.partitions, true))
}

func topics(events string, partitions int, logAppendTime bool) []kafka.Topic {
	return []kafka.Topic{
		{Name: events, Partitions: partitions, LogAppendTime: logAppendTime},
		{Name: topicRecommendations, Partitions: partitions, LogAppendTime: logAppendTime},
		{Name: topicPeople, Partitions: partitions, Compacted: true, LogAppendTime: logAppendTime},
	}
}
