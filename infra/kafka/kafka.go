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
	"slices"
	"strings"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
)

// Config says which cluster to talk to, and how.
type Config struct {
	// Brokers is a comma-separated list of host:port to start from.
	Brokers string
	// Properties are librdkafka properties, such as sasl.username or
	// ssl.ca.location. They overrule what this package would like, but not what
	// its guarantees rest on (see Check).
	Properties map[string]string
	// Registry decodes messages that begin with the id of a schema; nil leaves them
	// as they are.
	Registry *Registry
	// Lag, if any, is told of the job that reads with this Config.
	Lag *Lag
}

// settled are properties that are not the user's to choose: that each event counts
// once rests on them, or a job sets them itself.
var settled = []string{
	"acks", "auto.offset.reset", "bootstrap.servers", "enable.auto.commit", "enable.auto.offset.store",
	"enable.idempotence", "enable.partition.eof", "group.id", "isolation.level", "metadata.broker.list",
	"partition.assignment.strategy", "partitioner", "request.required.acks", "transaction.timeout.ms", "transactional.id",
}

// Check refuses Properties that would be overruled.
func (c Config) Check() error {
	for _, key := range slices.Sorted(maps.Keys(c.Properties)) {
		if slices.Contains(settled, key) || strings.HasPrefix(key, "go.") {
			return fmt.Errorf("property %s can't be set: Titrate sets it, so that each event counts exactly once", key)
		}
	}
	return nil
}

// String leaves out the properties, which may hold secrets.
func (c Config) String() string { return c.Brokers }

// GoString is String, for %#v.
func (c Config) GoString() string { return c.Brokers }

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
		return refusal(p, cfg.Brokers)
	}
	return nil
}

// refusal is the error of a client that got no answer, with what it noticed while
// it waited: refused credentials, an unknown certificate or a name that isn't
// known, else how the connection ended.
func refusal(p *kafka.Producer, brokers string) error {
	said := ""
	for {
		select {
		case ev := <-p.Events():
			e, ok := ev.(kafka.Error)
			switch {
			case !ok || e.Code() == kafka.ErrAllBrokersDown:
			case telling(e.Code()):
				return fmt.Errorf("kafka: %s doesn't let this client in: %w: check the user, password and certificates of --kafka-…", brokers, e)
			default:
				said = " (" + e.Error() + ")"
			}
		default:
			return fmt.Errorf("kafka: no broker answers at %s: start one or give --brokers host:port%s", brokers, said)
		}
	}
}

func telling(c kafka.ErrorCode) bool {
	switch c {
	case kafka.ErrAuthentication, kafka.ErrSsl, kafka.ErrSaslAuthenticationFailed:
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
