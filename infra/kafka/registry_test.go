package kafka

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bufbuild/protocompile"
	"github.com/confluentinc/confluent-kafka-go/v2/schemaregistry"
	"github.com/hamba/avro/v2"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/dynamicpb"

	"github.com/titrate/titrate/cleanse"
	"github.com/titrate/titrate/ingest"
)

// wireEvents are an event of each kind and shape. Version 1 of the schemas hasn't
// the field replaces.
var wireEvents = []string{
	`{"type":"glucose","patient":"p-7","time":"2026-11-21T08:05:00Z","value":143.5,"unit":"mg/dL","source":"cgm","device":"g7","trend":"flat","id":"é-1"}`,
	`{"type":"glucose","patient":"p-7","time":"2026-11-21T08:05:00+01:00","value":"LOW","unit":"mmol/L","source":"cgm","backfill":true}`,
	`{"type":"meal","patient":"p-7","time":"2026-11-21T08:05:00Z","carbs_g":0,"kcal":520,"protein_g":20.5,"fat_g":18,"fibre_g":4,"meal":"lunch"}`,
	`{"type":"meal","patient":"p-7","time":"2026-11-21T08:05:00Z","size":"usual"}`,
	`{"type":"insulin","patient":"p-7","time":"2026-11-21T08:05:00Z","units":4.05,"kind":"rapid","reason":"meal","product":"lispro","duration_min":30}`,
	`{"type":"profile","patient":"p-7","time":"2026-11-01T00:00:00Z","birth_year":1984,"weight_kg":72,"diabetes":"type1","regimen":"mdi",` +
		`"icr_g_per_u":[{"start":"00:00","value":12},{"start":"06:00","value":9}],"isf_mgdl_per_u":45,"target_low_mgdl":100,"target_high_mgdl":120,` +
		`"basal_u_per_day":18,"max_bolus_u":10,"dose_step_u":0.5,"insulin":"lispro","dia_min":360,"timezone":"Europe/Berlin"}`,
	`{"type":"response","patient":"p-7","time":"2026-11-21T08:05:00Z","recommendation":"r-1","action":"changed","units":4.5,"carbs_g":10,"reason":"exercise"}`,
	`{"type":"activity","patient":"p-7","time":"2026-11-21T08:05:00Z","minutes":30,"intensity":"moderate"}`,
	`{"type":"note","patient":"p-7","time":"2026-11-21T08:05:00Z","code":"hypo-symptoms","text":"shaky"}`,
	`{"type":"glucose","patient":"p-7","time":"2026-11-21T08:05:00Z","defect":"line 7"}`,
	`{"type":"retraction","patient":"p-7","time":"2026-11-21T08:05:00Z","replaces":"m-1"}`,
}

// extended is the text of a schema with a field that we don't know.
func extended(kind, text string) string {
	switch kind {
	case "AVRO":
		return strings.Replace(text, `  "fields": [`, `  "fields": [{"name": "firmware", "type": ["null", "string", "double"], "default": null},`, 1)
	case "PROTOBUF":
		return strings.Replace(text, "message Event {", "message Event {\n  optional string firmware = 900;", 1)
	}
	return text // JSON Schema allows more properties
}

var encodings = map[string]string{"AVRO": "avsc", "PROTOBUF": "proto", "JSON": "json"}

func schemaText(t testing.TB, kind string, version int) string {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("schemas/event.v%d.%s", version, encodings[kind]))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// encode writes an event by a schema as producers do, without our decoder's code.
func encode(t testing.TB, kind, schema, event string) []byte {
	t.Helper()
	var members map[string]any
	if err := json.Unmarshal([]byte(event), &members); err != nil {
		t.Fatal(err)
	}
	if kind == "JSON" {
		return []byte(event)
	}
	for name, v := range maps.Clone(members) {
		if list, ok := v.([]any); ok {
			delete(members, name)
			members[name+"_schedule"] = list
		}
	}
	if word, ok := members["value"].(string); ok {
		delete(members, "value")
		members["special"] = strings.ToLower(word)
	}
	if kind == "AVRO" {
		if year, ok := members["birth_year"].(float64); ok {
			members["birth_year"] = int(year)
		}
		parsed, err := avro.Parse(schema)
		if err != nil {
			t.Fatal(err)
		}
		body, err := avro.Marshal(parsed, members)
		if err != nil {
			t.Fatal(err)
		}
		return body
	}
	message := dynamicpb.NewMessage(protoEvent(t, schema))
	text, _ := json.Marshal(members)
	if err := protojson.Unmarshal(text, message); err != nil {
		t.Fatal(err)
	}
	body, err := proto.Marshal(message)
	if err != nil {
		t.Fatal(err)
	}
	return append([]byte{0}, body...) // the file's first message
}

func protoEvent(t testing.TB, schema string) protoreflect.MessageDescriptor {
	t.Helper()
	compiler := protocompile.Compiler{Resolver: &protocompile.SourceResolver{Accessor: protocompile.SourceAccessorFromMap(map[string]string{"x": schema})}}
	files, err := compiler.Compile(context.Background(), "x")
	if err != nil {
		t.Fatal(err)
	}
	return files[0].Messages().Get(0)
}

// emptyRegistry is a registry in memory and a client of it.
func emptyRegistry(t testing.TB) (*Registry, schemaregistry.Client) {
	t.Helper()
	client, err := schemaregistry.NewClient(schemaregistry.NewConfig("mock://" + t.Name()))
	if err != nil {
		t.Fatal(err)
	}
	return newRegistry(client), client
}

func register(t testing.TB, client schemaregistry.Client, kind, schema string) int {
	t.Helper()
	id, err := client.Register("events-value", schemaregistry.SchemaInfo{Schema: schema, SchemaType: kind}, false)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func framed(id int, body []byte) ingest.Record {
	value := binary.BigEndian.AppendUint32([]byte{magic}, uint32(id))
	return ingest.Record{Topic: "events", Offset: 7, Seen: time.Date(2026, 11, 21, 8, 6, 0, 0, time.UTC), Value: append(value, body...)}
}

// TestEveryEncodingGivesTheSameEvent: whatever a producer encodes by, cleansing sees
// the event that JSON gives.
func TestEveryEncodingGivesTheSameEvent(t *testing.T) {
	r, client := emptyRegistry(t)
	for kind := range encodings {
		for version := 1; version <= 3; version++ {
			schema := schemaText(t, kind, min(version, 2))
			if version == 3 {
				schema = extended(kind, schema)
			}
			id := register(t, client, kind, schema)
			for _, event := range wireEvents {
				if version == 1 && strings.Contains(event, "replaces") {
					continue
				}
				if version == 3 {
					event = strings.Replace(event, `"patient"`, `"firmware":"1.0","patient"`, 1)
				}
				rec := framed(id, encode(t, kind, schema, event))
				if err := r.Decode(t.Context(), &rec); err != nil || rec.Undecoded != "" {
					t.Fatalf("%s version %d: %v %s: %s", kind, version, err, rec.Undecoded, event)
				}
				want := rec
				want.Value, want.Decoded = []byte(event), nil
				a, b := cleanse.Check(rec), cleanse.Check(want)
				if !reflect.DeepEqual(a, b) {
					t.Errorf("%s version %d: %s\n got %+v\nwant %+v", kind, version, rec.Decoded, a, b)
				}
				if version == 3 && b.Outcome != cleanse.Quarantined && !a.Event.Flags.Has("field_unknown") {
					t.Errorf("%s: %q, the firmware isn't kept", kind, a.Event.Extra)
				}
			}
		}
	}
}

func TestPlainJSONIsLeftAlone(t *testing.T) {
	r, _ := emptyRegistry(t)
	for _, value := range []string{wireEvents[0], "", "\x00", "\x00\x00\x00\x01"} {
		rec := ingest.Record{Value: []byte(value)}
		if err := r.Decode(t.Context(), &rec); err != nil || rec.Decoded != nil || rec.Undecoded != "" {
			t.Errorf("%q: %v, %+v", value, err, rec)
		}
	}
}

// An id that the registry doesn't know is told, the payload stays, and once the schema
// is there the same message decodes: that is what a replay does.
func TestAnUnknownSchemaIsToldAndRecovers(t *testing.T) {
	r, client := emptyRegistry(t)
	schema := schemaText(t, "AVRO", 1)
	rec := framed(1, encode(t, "AVRO", schema, wireEvents[0]))
	before := slices.Clone(rec.Value)
	if err := r.Decode(t.Context(), &rec); err != nil || !strings.Contains(rec.Undecoded, "schema 1: ") || rec.Decoded != nil || !slices.Equal(rec.Value, before) {
		t.Fatalf("%v, %+v", err, rec)
	}
	if v := cleanse.Check(rec); v.Outcome != cleanse.Quarantined || v.Reasons[0].Code != "payload_undecoded" {
		t.Errorf("%+v", v)
	}
	if id := register(t, client, "AVRO", schema); id != 1 {
		t.Fatalf("id %d", id)
	}
	again := framed(1, before[header:])
	if err := newRegistry(client).Decode(t.Context(), &again); err != nil || cleanse.Check(again).Outcome != cleanse.Accepted {
		t.Errorf("with the schema registered: %v, %+v", err, again)
	}
}

func TestAMessageThatIsNotOfItsSchemaIsTold(t *testing.T) {
	r, client := emptyRegistry(t)
	for kind := range encodings {
		id := register(t, client, kind, schemaText(t, kind, 1))
		for _, body := range []string{"", "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", `{"type":7}`, "\x02\x0a"} {
			rec := framed(id, []byte(body))
			if err := r.Decode(t.Context(), &rec); err != nil {
				t.Fatal(err)
			}
			if v := cleanse.Check(rec); v.Outcome != cleanse.Quarantined {
				t.Errorf("%s: %q was accepted: %s", kind, body, rec.Decoded)
			}
		}
	}
}

// A registry that doesn't answer says nothing about a message.
func TestARegistryThatDoesNotAnswerIsWaitedFor(t *testing.T) {
	r, err := OpenRegistry(RegistryConfig{URL: "http://127.0.0.1:9"})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	rec := framed(1, nil)
	if err := r.Decode(ctx, &rec); err == nil || rec.Undecoded != "" {
		t.Errorf("%v, %+v", err, rec)
	}
}

// TestSchemasAreBackwardCompatible: who reads by a version reads what was written by
// those before it.
func TestSchemasAreBackwardCompatible(t *testing.T) {
	reader, err := avro.Parse(schemaText(t, "AVRO", 2))
	if err != nil {
		t.Fatal(err)
	}
	avro.DefaultSchemaCache = &avro.SchemaCache{} // both versions are called Event
	writer, err := avro.ParseWithCache(schemaText(t, "AVRO", 1), "", &avro.SchemaCache{})
	if err != nil {
		t.Fatal(err)
	}
	if err := avro.NewSchemaCompatibility().Compatible(reader, writer); err != nil {
		t.Errorf("Avro: %v", err)
	}
	older, newer := protoEvent(t, schemaText(t, "PROTOBUF", 1)).Fields(), protoEvent(t, schemaText(t, "PROTOBUF", 2)).Fields()
	for i := range older.Len() {
		was := older.Get(i)
		is := newer.ByNumber(was.Number())
		if is == nil || is.Name() != was.Name() || is.Kind() != was.Kind() || is.Cardinality() != was.Cardinality() {
			t.Errorf("Protobuf: field %s, %d, has changed", was.Name(), was.Number())
		}
	}
	type schema struct {
		Required             []string
		Properties           map[string]any
		AdditionalProperties any
	}
	var v1, v2 schema
	for version, into := range map[int]*schema{1: &v1, 2: &v2} {
		if err := json.Unmarshal([]byte(schemaText(t, "JSON", version)), into); err != nil {
			t.Fatal(err)
		}
	}
	for name, is := range v2.Properties {
		if was, ok := v1.Properties[name]; ok && !reflect.DeepEqual(was, is) {
			t.Errorf("JSON: property %s has changed", name)
		}
	}
	for _, name := range v2.Required {
		if !slices.Contains(v1.Required, name) {
			t.Errorf("JSON: %s is required only since version 2", name)
		}
	}
	if v1.AdditionalProperties != nil || v2.AdditionalProperties != nil {
		t.Error("JSON: a closed object can't gain properties")
	}
}

// The newest schemas have every field of the wire.
func TestSchemasHoldTheWire(t *testing.T) {
	fields := protoEvent(t, schemaText(t, "PROTOBUF", 2)).Fields()
	for i := range reflect.TypeFor[ingest.Wire]().NumField() {
		name, _, _ := strings.Cut(reflect.TypeFor[ingest.Wire]().Field(i).Tag.Get("json"), ",")
		if fields.ByName(protoreflect.Name(name)) == nil {
			t.Errorf("Protobuf has no %s", name)
		}
		for kind := range map[string]bool{"AVRO": true, "JSON": true} {
			if !strings.Contains(schemaText(t, kind, 2), `"`+name+`"`) {
				t.Errorf("%s has no %s", kind, name)
			}
		}
	}
}

// FuzzRegistry looks for a message that isn't answered.
func FuzzRegistry(f *testing.F) {
	r, client := emptyRegistry(f)
	ids := map[byte]int{}
	for i, kind := range []string{"AVRO", "PROTOBUF", "JSON"} {
		schema := schemaText(f, kind, 2)
		ids[byte(i)] = register(f, client, kind, schema)
		for _, event := range wireEvents {
			f.Add(byte(i), encode(f, kind, schema, event))
		}
	}
	f.Fuzz(func(t *testing.T, kind byte, body []byte) {
		rec := framed(ids[kind%3], body)
		if err := r.Decode(t.Context(), &rec); err != nil {
			t.Fatal(err)
		}
		if (rec.Decoded == nil) == (rec.Undecoded == "") {
			t.Fatalf("%+v", rec)
		}
		cleanse.Check(rec)
	})
}
