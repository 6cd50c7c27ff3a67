package kafka

import (
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
	"github.com/titrate/titrate/cleanse/lake"
)

// TestATenMegabyteMessageIsQuarantined has one between good ones, on a topic that
// takes it: it is accounted for, and so is all that came behind it.
func TestATenMegabyteMessageIsQuarantined(t *testing.T) {
	t.Parallel()
	_, cfg := startBroker(t)
	createTopic(t, cfg, Topic{Name: cfg.in("events"), Partitions: 1})
	admin, err := kafka.NewAdminClient(cfg.client(kafka.ConfigMap{}, kafka.ConfigMap{}))
	if err != nil {
		t.Fatal(err)
	}
	defer admin.Close()
	if _, err := admin.IncrementalAlterConfigs(limit(t, 10*time.Second), []kafka.ConfigResource{{
		Type: kafka.ResourceTopic, Name: cfg.in("events"),
		Config: kafka.StringMapToIncrementalConfigEntries(map[string]string{"max.message.bytes": "20000000"},
			map[string]kafka.AlterConfigOpType{"max.message.bytes": kafka.AlterConfigOpTypeSet}),
	}}); err != nil {
		t.Fatal(err)
	}
	cfg.Properties = maps.Clone(cfg.Properties)
	cfg.Properties["message.max.bytes"] = "20000000"
	sendReadings(t, cfg, 5, 0, 100)
	p, err := NewProducer(cfg)
	if err != nil {
		t.Fatal(err)
	}
	value := `{"type":"note","patient":"p-0","time":"2026-01-02T03:04:05Z","text":"` + strings.Repeat("x", 10<<20) + `"}`
	if err := p.Send(limit(t, 20*time.Second), []Message{{Topic: cfg.in("events"), Key: []byte("p-0"), Value: []byte(value)}}); err != nil {
		t.Fatal(err)
	}
	closeProducer(t, p)
	sendReadings(t, cfg, 5, 100, 100)

	delete(cfg.Properties, "message.max.bytes") // a job has its defaults
	dir := t.TempDir()
	bucket, err := lake.Dir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := ingestAll(t, cfg, lake.NewWriter(bucket, lake.WriterOptions{})); err != nil {
		t.Fatal(err)
	}
	if r := account(t, cfg, dir); !r.OK() || r.Total.Accepted != 200 || r.Total.Quarantined != 1 {
		t.Errorf("%+v", r.Total)
	}
}
