// Package kafka turns a Kafka cluster into an [ingest.Source], producers and a
// transactional read-process-write job, and brings a broker along for machines
// that have none.
//
// Invariant: a record is handed over in offset order within its partition, and
// never for a partition that was revoked. Nothing here decides where reading
// starts: that is the sink's stored position, or the offset that was committed
// in the same transaction as the output.
package kafka

import (
	"errors"
	"fmt"
	"maps"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
)

// Config says which cluster to talk to, and how.
type Config struct {
	// Brokers is a comma-separated list of host:port to start from.
	Brokers string
	// Properties are librdkafka properties, such as sasl.username or
	// ssl.ca.location. They overrule what this package would like, but not what
	// its guarantees rest on (acks, idempotence, isolation, offset handling).
	Properties map[string]string
}

// answerMs is how long a broker may take to answer at the start.
const answerMs = 4000

// client merges properties: tuning that Properties may overrule, and rules that
// they may not.
func (c Config) client(tuning, rules kafka.ConfigMap) *kafka.ConfigMap {
	m := kafka.ConfigMap{
		"client.id":                "titrate",
		"log_level":                2, // what goes wrong is returned, not printed
		"socket.keepalive.enable":  true,
		"reconnect.backoff.ms":     50,
		"reconnect.backoff.max.ms": 2000,
		"socket.nagle.disable":     true, // small transactions: a delayed segment is 40 ms
	}
	maps.Copy(m, tuning)
	for k, v := range c.Properties {
		m[k] = v
	}
	maps.Copy(m, rules)
	m["bootstrap.servers"] = c.Brokers
	return &m
}

// reach fails unless a broker answers. The clients themselves would wait for
// one for ever and say nothing.
func reach(cfg Config) error {
	if cfg.Brokers == "" {
		return errors.New("kafka: no brokers given: name one with --brokers host:port")
	}
	p, err := kafka.NewProducer(cfg.client(kafka.ConfigMap{"go.events.channel.size": 100}, kafka.ConfigMap{}))
	if err != nil {
		return fmt.Errorf("kafka: %w", err)
	}
	defer p.Close()
	if _, err := p.GetMetadata(nil, false, answerMs); err != nil {
		return fmt.Errorf("kafka: no broker answers at %s: start one or give --brokers host:port%s", cfg.Brokers, cause(p))
	}
	return nil
}

// cause is what the client noticed while it waited, if that is more than "no
// answer": refused credentials, an unknown certificate, a name that isn't known.
func cause(p *kafka.Producer) string {
	for {
		select {
		case ev := <-p.Events():
			if e, ok := ev.(kafka.Error); ok && telling(e.Code()) {
				return " (" + e.Error() + ")"
			}
		default:
			return ""
		}
	}
}

func telling(c kafka.ErrorCode) bool {
	switch c {
	case kafka.ErrAuthentication, kafka.ErrSsl, kafka.ErrSaslAuthenticationFailed, kafka.ErrResolve:
		return true
	}
	return false
}

// slot is a partition as clients name it: without the topic's id.
type slot struct {
	topic  string
	number int32
}

func (s slot) String() string { return fmt.Sprintf("%s/%d", s.topic, s.number) }

// at is s as the client library wants it, with an offset.
func (s slot) at(offset int64) kafka.TopicPartition {
	return kafka.TopicPartition{Topic: &s.topic, Partition: s.number, Offset: kafka.Offset(offset)}
}

func slotOf(tp kafka.TopicPartition) slot { return slot{*tp.Topic, tp.Partition} }
