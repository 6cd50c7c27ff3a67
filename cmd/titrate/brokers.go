package main

import (
	"context"
	"fmt"
	"log/slog"
	"net/url"
	"os"
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
	// topicControl holds orders to all who advise, the last one of a key in force.
	topicControl = "control"
	// topicShadow holds what champion and challenger would each have said.
	topicShadow = "shadow"
	// topicMoments holds the situations that a coach acts on.
	topicMoments = "moments"
)

// scored are the topics that the scorer writes and the lake has tables of.
var scored = []string{topicRecommendations, topicShadow, topicMoments}

// brokerFlags says which Kafka, and how to talk to it.
type brokerFlags struct {
	brokers      string
	security     kafka.Security
	passwordFile string
	properties   []string
	registry     kafka.RegistryConfig
	partitions   int
	topic        string
}

func (b *brokerFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&b.topic, "topic", topicEvents, "topic of the wire events")
	flags.IntVar(&b.partitions, "partitions", 12, "partitions of a topic that has to be created")
	flags.StringVar(&b.brokers, "brokers", "127.0.0.1:9092", "Kafka brokers, host:port[,host:port]")
	flags.StringVar(&b.registry.URL, "schema-registry", "", "URL of a Confluent Schema Registry, to decode messages that begin with a schema's id (Avro, Protobuf, JSON Schema)")
	flags.StringVar(&b.registry.User, "schema-registry-user", "", "user to ask the registry as")
	flags.StringVar(&b.registry.Password, "schema-registry-password", "", "password of that user; better in TITRATE_SCHEMA_REGISTRY_PASSWORD")
	flags.StringVar(&b.registry.Token, "schema-registry-token", "", "bearer token instead; better in TITRATE_SCHEMA_REGISTRY_TOKEN")
	flags.StringVar(&b.registry.CA, "schema-registry-ca", "", "PEM file of the authorities that the registry's certificate comes from (default: the system's)")
	b.secure(cmd)
}

// secure adds the ways to connect.
func (b *brokerFlags) secure(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.BoolVar(&b.security.TLS, "kafka-tls", false, "encrypt the connection (a --kafka-ca or --kafka-cert implies it)")
	flags.StringVar(&b.security.CA, "kafka-ca", "", "PEM file of the authorities that the brokers' certificates come from (default: the system's)")
	flags.StringVar(&b.security.Cert, "kafka-cert", "", "PEM file of this client's certificate")
	flags.StringVar(&b.security.Key, "kafka-key", "", "PEM file of the certificate's private key")
	flags.StringVar(&b.security.KeyPassword, "kafka-key-password", "", "password of that file; better in TITRATE_KAFKA_KEY_PASSWORD")
	flags.StringVar(&b.security.Mechanism, "kafka-sasl", "", "log in by "+strings.Join(kafka.Mechanisms, ", "))
	flags.StringVar(&b.security.User, "kafka-user", "", "user to log in as")
	flags.StringVar(&b.security.Password, "kafka-password", "", "password of that user; better in TITRATE_KAFKA_PASSWORD or a file")
	flags.StringVar(&b.passwordFile, "kafka-password-file", "", "file that holds the password")
	flags.StringSliceVar(&b.properties, "kafka-set", nil,
		`any other librdkafka property=value (repeatable; one with commas in double quotes: '"ssl.cipher.suites=A,B"')`)
}

func (b *brokerFlags) config() (kafka.Config, error) {
	cfg := kafka.Config{Brokers: b.brokers}
	if strings.Trim(b.brokers, ", ") == "" {
		return cfg, usagef("--brokers is empty: want host:port[,host:port]")
	}
	if b.registry.URL != "" {
		if where, err := url.Parse(b.registry.URL); err != nil || where.Scheme == "" {
			return cfg, usagef("--schema-registry %q: want a URL such as https://registry:8081", b.registry.URL)
		}
		registry, err := kafka.OpenRegistry(b.registry)
		if err != nil {
			return cfg, usageError{fmt.Errorf("--schema-registry: %w", err)}
		}
		cfg.Registry = registry
	}
	if err := b.readPassword(); err != nil {
		return cfg, err
	}
	var err error
	if cfg.Properties, err = b.security.Properties(); err != nil {
		return cfg, usagef("%w", err)
	}
	for i, p := range b.properties {
		// What isn't understood may be a piece of a password, so it is not repeated.
		key, value, ok := strings.Cut(p, "=")
		if !ok || key == "" {
			return cfg, usagef("--kafka-set: entry %d isn't property=value; put one whose value has commas in double quotes", i+1)
		}
		if _, twice := cfg.Properties[key]; twice {
			return cfg, usagef("--kafka-set %s=…: this property is given already, by its own flag or twice", key)
		}
		cfg.Properties[key] = value
	}
	if err := cfg.Check(); err != nil {
		return cfg, usagef("--kafka-set: %w", err)
	}
	if b.security.Clear() {
		slog.Warn("the Kafka password travels readable: add --kafka-tls or use a SCRAM mechanism")
	}
	return cfg, nil
}

func (b *brokerFlags) readPassword() error {
	if b.passwordFile == "" {
		return nil
	}
	if b.security.Password != "" {
		return usagef("the Kafka password is given twice: take it out of --kafka-password-file or of --kafka-password and its variable")
	}
	text, err := os.ReadFile(b.passwordFile)
	if err != nil {
		return usagef("--kafka-password-file: %w", err)
	}
	b.security.Password = strings.TrimRight(string(text), "\r\n")
	return nil
}

// open checks that the brokers answer and that the topics are there.
func (b *brokerFlags) open(ctx context.Context) (kafka.Config, error) {
	if b.topic == "" {
		return kafka.Config{}, usagef("--topic is empty: want the name of a topic, such as %s", topicEvents)
	}
	if err := atLeast("--partitions", b.partitions, 1); err != nil {
		return kafka.Config{}, err
	}
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
		{Name: topicControl, Partitions: 1, Compacted: true},
		{Name: topicShadow, Partitions: partitions, LogAppendTime: logAppendTime},
		{Name: topicMoments, Partitions: partitions, LogAppendTime: logAppendTime},
	}
}
