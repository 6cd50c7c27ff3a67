package kafka

import (
	"context"
	"crypto/rand"
	"maps"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
	"github.com/titrate/titrate/ingest"
)

// The suite runs on a broker inside the test, or on the real Apache Kafka that
// TITRATE_TEST_BROKERS names (see apache/with-broker). A test that takes its
// broker from startBroker, and names of topics, groups and transactions from
// Config.in, runs on both.

// startBroker is a broker for the length of a test. It is nil beside the Config
// of a real one, which the tests share.
func startBroker(t testing.TB) (*Broker, Config) {
	t.Helper()
	brokers := os.Getenv("TITRATE_TEST_BROKERS")
	if brokers == "" {
		return startBrokerAt(t, BrokerConfig{})
	}
	cfg := Config{Brokers: brokers, Properties: maps.Clone(quick)}
	cfg.Properties["client.id"] = "titrate-test-" + strings.ToLower(rand.Text()[:8])
	t.Cleanup(func() { forget(t, cfg) })
	return nil, cfg
}

// startEmbedded is for tests of what only the broker inside the test can do: fail
// on demand.
func startEmbedded(t testing.TB) (*Broker, Config) {
	t.Helper()
	if os.Getenv("TITRATE_TEST_BROKERS") != "" {
		t.Skip("a real broker doesn't fail on demand: this runs on the embedded one")
	}
	return startBrokerAt(t, BrokerConfig{})
}

// in is a name of the test's own on a broker that tests share.
func (c Config) in(name string) string {
	if space := c.Properties["client.id"]; space != "" {
		return space + "." + name
	}
	return name
}

// forget deletes the topics of a test from a real broker.
func forget(t testing.TB, cfg Config) {
	admin, err := kafka.NewAdminClient(cfg.client(kafka.ConfigMap{}, kafka.ConfigMap{}))
	if err != nil {
		t.Error(err)
		return
	}
	defer admin.Close()
	all, err := admin.GetMetadata(nil, true, answerMs)
	if err != nil {
		t.Error(err)
		return
	}
	var ours []string
	for name := range all.Topics {
		if strings.HasPrefix(name, cfg.in("")) {
			ours = append(ours, name)
		}
	}
	if len(ours) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if _, err := admin.DeleteTopics(ctx, ours); err != nil {
		t.Error(err)
	}
}

// named makes folds write to the test's own topics.
func named(cfg TransformConfig, newFold func(int32) Fold) func(int32) Fold {
	return func(number int32) Fold { return namedFold{newFold(number), cfg.Config} }
}

type namedFold struct {
	Fold
	cfg Config
}

func (f namedFold) Apply(r ingest.Record) []Out {
	outs := f.Fold.Apply(r)
	for i := range outs {
		outs[i].Topic = f.cfg.in(outs[i].Topic)
	}
	return outs
}
