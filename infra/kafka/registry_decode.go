package kafka

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"strings"
	"time"

	"github.com/bufbuild/protocompile"
	"github.com/confluentinc/confluent-kafka-go/v2/schemaregistry"
	"github.com/confluentinc/confluent-kafka-go/v2/schemaregistry/serde"
	"github.com/confluentinc/confluent-kafka-go/v2/schemaregistry/serde/jsonschema"
	"github.com/confluentinc/confluent-kafka-go/v2/schemaregistry/serde/protobuf"
	"github.com/hamba/avro/v2"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/dynamicpb"
)

// longestList is how many elements a list of a message may have. The library makes
// room for as many as a message says before it reads the first: without a bound, 200
// bytes asked for 68 GB.
const longestList = 10_000

var bounded = avro.Config{MaxSliceAllocSize: longestList}.Freeze()

// avro decodes by the schema that the message was written by, so fields that we
// don't know are there too.
func (r *Registry) avro(info schemaregistry.SchemaInfo) (decode, error) {
	schema, err := r.avroSchema(info, &avro.SchemaCache{})
	if err != nil {
		return nil, err
	}
	return func(_ string, payload []byte) ([]byte, error) {
		members := map[string]any{}
		if err := bounded.Unmarshal(schema, payload[header:], &members); err != nil {
			return nil, err
		}
		return wire(members)
	}, nil
}

// avroSchema reads a schema and those that it refers to.
func (r *Registry) avroSchema(info schemaregistry.SchemaInfo, known *avro.SchemaCache) (avro.Schema, error) {
	for _, ref := range info.References {
		found, err := r.client.GetSchemaMetadata(ref.Subject, ref.Version)
		if err != nil {
			return nil, fmt.Errorf("reference %s: %w", ref.Name, err)
		}
		if _, err := r.avroSchema(found.SchemaInfo, known); err != nil {
			return nil, err
		}
	}
	return avro.ParseWithCache(info.Schema, "", known)
}

// json validates by the message's schema; what it holds is JSON already.
func (r *Registry) json() (decode, error) {
	conf := jsonschema.NewDeserializerConfig()
	conf.EnableValidation = true
	conf.SubjectNameStrategyType = serde.TopicNameStrategyType
	d, err := jsonschema.NewDeserializer(r.client, serde.ValueSerde, conf)
	if err != nil {
		return nil, err
	}
	return func(topic string, payload []byte) ([]byte, error) {
		var members any
		if err := d.DeserializeInto(topic, payload, &members); err != nil {
			return nil, err
		}
		return payload[header:], nil
	}, nil
}

// protobuf decodes into a message made of the schema itself.
func (r *Registry) protobuf(info schemaregistry.SchemaInfo) (decode, error) {
	const file = "schema.proto"
	if len(info.References) > 0 {
		return nil, errors.New("schemas with references aren't read: put everything into one file")
	}
	compiler := protocompile.Compiler{Resolver: protocompile.WithStandardImports(&protocompile.SourceResolver{
		Accessor: protocompile.SourceAccessorFromMap(map[string]string{file: info.Schema}),
	})}
	files, err := compiler.Compile(context.Background(), file)
	if err != nil {
		return nil, err
	}
	conf := protobuf.NewDeserializerConfig()
	conf.SubjectNameStrategyType = serde.TopicNameStrategyType
	d, err := protobuf.NewDeserializer(r.client, serde.ValueSerde, conf)
	if err != nil {
		return nil, err
	}
	messages := files[0].Messages()
	return func(topic string, payload []byte) ([]byte, error) {
		kind, err := messageOf(messages, payload[header:])
		if err != nil {
			return nil, err
		}
		message := dynamicpb.NewMessage(kind)
		if err := d.DeserializeInto(topic, payload, message); err != nil {
			return nil, err
		}
		text, err := protojson.MarshalOptions{UseProtoNames: true}.Marshal(message)
		if err != nil {
			return nil, err
		}
		members := map[string]any{}
		if err := json.Unmarshal(text, &members); err != nil {
			return nil, err
		}
		return wire(members)
	}, nil
}

// messageOf is the kind of message that an index behind the schema's id picks. A 0
// alone, or the list of one 0, is the file's first.
func messageOf(messages protoreflect.MessageDescriptors, rest []byte) (protoreflect.MessageDescriptor, error) {
	index := protobufIndex(rest)
	if index < 0 || index >= messages.Len() {
		return nil, fmt.Errorf("it names message %d of a file that has %d", index, messages.Len())
	}
	return messages.Get(index), nil
}

// protobufIndex reads zigzag numbers: how many indexes there are, and the first. A
// message within a message isn't an event.
func protobufIndex(rest []byte) int {
	count, n := zigzag(rest)
	if n <= 0 {
		return -1
	}
	if count == 0 {
		return 0
	}
	first, m := zigzag(rest[n:])
	if m <= 0 || count != 1 {
		return -1
	}
	return int(first)
}

func zigzag(b []byte) (v int64, n int) {
	var u uint64
	for i, c := range b {
		if i == 9 {
			return 0, -1
		}
		u |= uint64(c&0x7f) << (7 * i)
		if c < 0x80 {
			return int64(u>>1) ^ -int64(u&1), i + 1
		}
	}
	return 0, -1
}

// wire is members as the wire event has them: nothing for null, a schedule under the
// name of the number that it stands in for, LOW or HIGH for a special value.
func wire(members map[string]any) ([]byte, error) {
	event := map[string]any{}
	for name, v := range members {
		if v = plain(v); v != nil {
			event[name] = v
		}
	}
	for name, v := range event {
		number, ok := strings.CutSuffix(name, "_schedule")
		steps, isList := v.([]any)
		if !ok || !isList {
			continue
		}
		delete(event, name)
		if len(steps) > 0 {
			event[number] = steps
		}
	}
	if special, ok := event["special"].(string); ok {
		if _, given := event["value"]; !given && special != "" {
			event["value"] = strings.ToUpper(special)
			delete(event, "special")
		}
	}
	return json.Marshal(event)
}

// avroTypes are the names under which a value of a union of several types comes.
var avroTypes = map[string]bool{"string": true, "double": true, "float": true, "int": true, "long": true, "boolean": true, "array": true, "bytes": true}

// plain is a decoded value as JSON has it.
func plain(v any) any {
	switch v := v.(type) {
	case map[string]any:
		if len(v) == 1 {
			for name, only := range v {
				if avroTypes[name] {
					return plain(only)
				}
			}
		}
		for name, member := range v {
			v[name] = plain(member)
		}
	case []any:
		for i := range v {
			v[i] = plain(v[i])
		}
	case time.Time:
		return v.UTC().Format(time.RFC3339Nano)
	case *big.Rat:
		f, _ := v.Float64()
		return f
	case time.Duration:
		return v.Seconds()
	}
	return v
}
