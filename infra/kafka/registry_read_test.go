package kafka

import (
	"testing"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/schemaregistry"
)

// Jobs and tails give the decoded event beside what arrived, and plain JSON as it is.
func TestRegistryMessagesAreReadByEveryReader(t *testing.T) {
	_, cfg := startBroker(t)
	topic := cfg.in("events")
	createTopic(t, cfg, Topic{Name: topic, Partitions: 1})
	r, client := emptyRegistry(t)
	schema := schemaText(t, "PROTOBUF", 2)
	id, err := client.Register(topic+"-value", schemaregistry.SchemaInfo{Schema: schema, SchemaType: "PROTOBUF"}, false)
	if err != nil {
		t.Fatal(err)
	}
	p, err := NewProducer(cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer closeProducer(t, p)
	frame := framed(id, encode(t, "PROTOBUF", schema, wireEvents[0])).Value
	strange := framed(id+7, []byte("?")).Value
	for _, value := range [][]byte{frame, []byte(wireEvents[0]), strange} {
		if err := p.Send(limit(t, 10*time.Second), []Message{{Topic: topic, Key: []byte("p-7"), Value: value}}); err != nil {
			t.Fatal(err)
		}
	}
	cfg.Registry = r
	sink := newStored()
	if err := ingestAll(t, cfg, sink); err != nil {
		t.Fatal(err)
	}
	tailed := readAll(t, cfg, topic)
	if len(sink.records) != 3 || len(tailed) != 3 {
		t.Fatalf("%d and %d records", len(sink.records), len(tailed))
	}
	for i, rec := range append(sink.records, tailed...) {
		decoded, undecoded := rec.Decoded != nil, rec.Undecoded != ""
		if want := i%3 == 0; decoded != want || want && string(rec.Value) != string(frame) {
			t.Errorf("record %d: decoded %s from %q", i, rec.Decoded, rec.Value)
		}
		if undecoded != (i%3 == 2) {
			t.Errorf("record %d: undecoded %q", i, rec.Undecoded)
		}
	}
}
