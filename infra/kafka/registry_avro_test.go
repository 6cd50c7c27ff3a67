package kafka

import (
	"encoding/binary"
	"strings"
	"testing"

	"github.com/confluentinc/confluent-kafka-go/v2/schemaregistry"
	"github.com/hamba/avro/v2"
)

// A message that says its list has four thousand million elements is told of, not made
// room for: found by fuzzing, when 200 bytes asked for 68 GB and ended the job.
func TestAListThatSaysItIsHugeIsRefused(t *testing.T) {
	r, client := emptyRegistry(t)
	id := register(t, client, "AVRO", `{"type":"record","name":"e","fields":[{"name":"list","type":{"type":"array","items":"null"}}]}`)
	for _, count := range []int64{longestList + 1, 1 << 32, 1 << 62} {
		rec := framed(id, binary.AppendVarint(nil, count))
		if err := r.Decode(t.Context(), &rec); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(rec.Undecoded, "MaxSliceAllocSize") {
			t.Errorf("a list of %d: %q", count, rec.Undecoded)
		}
	}
}

// A schema may refer to another that the registry has.
func TestASchemaThatRefersToAnotherIsRead(t *testing.T) {
	r, client := emptyRegistry(t)
	inner := `{"type":"record","name":"glucose","fields":[{"name":"value","type":"double"}]}`
	if _, err := client.Register("glucose", schemaregistry.SchemaInfo{Schema: inner, SchemaType: "AVRO"}, false); err != nil {
		t.Fatal(err)
	}
	outer := `{"type":"record","name":"e","fields":[{"name":"reading","type":"glucose"}]}`
	id, err := client.Register("events-value", schemaregistry.SchemaInfo{Schema: outer, SchemaType: "AVRO",
		References: []schemaregistry.Reference{{Name: "glucose", Subject: "glucose", Version: 1}}}, false)
	if err != nil {
		t.Fatal(err)
	}
	cache := &avro.SchemaCache{}
	if _, err := avro.ParseWithCache(inner, "", cache); err != nil {
		t.Fatal(err)
	}
	schema, err := avro.ParseWithCache(outer, "", cache)
	if err != nil {
		t.Fatal(err)
	}
	body, err := avro.Marshal(schema, map[string]any{"reading": map[string]any{"value": 120.0}})
	if err != nil {
		t.Fatal(err)
	}
	rec := framed(id, body)
	if err := r.Decode(t.Context(), &rec); err != nil || string(rec.Decoded) != `{"reading":{"value":120}}` {
		t.Errorf("%v, decoded %s, undecoded %s", err, rec.Decoded, rec.Undecoded)
	}
}
