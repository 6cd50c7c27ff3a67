package kafka

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/schemaregistry"
	"github.com/confluentinc/confluent-kafka-go/v2/schemaregistry/rest"

	"github.com/titrate/titrate/ingest"
)

// RegistryConfig says where a Confluent Schema Registry is and who asks.
type RegistryConfig struct {
	URL            string // http(s)://host:port; mock:// for one in memory
	User, Password string // basic authentication, if any
	Token          string // or a bearer token
	CA             string // file of the authorities that its certificate is checked by
}

// Registry decodes messages that begin with the id of a schema: Avro, Protobuf or
// JSON Schema. It is safe for concurrent use.
type Registry struct {
	client schemaregistry.Client
	pause  time.Duration // after a registry that didn't answer

	mu       sync.Mutex
	decoders map[decoderKey]decode
	unknown  map[decoderKey]time.Time // when the registry said last that it has no such schema
}

type decoderKey struct {
	topic string
	id    int
}

// decode turns a message into a wire event's JSON.
type decode func(topic string, payload []byte) ([]byte, error)

const (
	// magic is the first byte of a message with a schema id; no JSON begins with it.
	magic = 0
	// header is the magic byte and the id.
	header = 5
	// askAgain is how long it is believed that a schema isn't there.
	askAgain = 30 * time.Second
)

// OpenRegistry makes a client. The registry is asked when the first message needs it.
func OpenRegistry(c RegistryConfig) (*Registry, error) {
	conf := schemaregistry.NewConfig(c.URL)
	switch {
	case c.Token != "":
		conf = schemaregistry.NewConfigWithBearerAuthentication(c.URL, c.Token, "", "")
	case c.User != "":
		conf = schemaregistry.NewConfigWithBasicAuthentication(c.URL, c.User, c.Password)
	}
	conf.SslCaLocation = c.CA
	conf.MaxRetries = 1 // Decode asks again by itself
	client, err := schemaregistry.NewClient(conf)
	if err != nil {
		return nil, fmt.Errorf("schema registry %s: %w", c.URL, err)
	}
	return newRegistry(client), nil
}

func newRegistry(client schemaregistry.Client) *Registry {
	return &Registry{client: client, pause: time.Second, decoders: map[decoderKey]decode{}, unknown: map[decoderKey]time.Time{}}
}

// Decode fills rec.Decoded, or says in rec.Undecoded why it can't: the registry has
// no such schema, or the message isn't of it. Messages without a schema id are left
// alone. While the registry doesn't answer it asks again: nothing can be said of the
// message then. The error is ctx's. A nil Registry
// leaves all messages alone.
func (r *Registry) Decode(ctx context.Context, rec *ingest.Record) error {
	if r == nil || len(rec.Value) < header || rec.Value[0] != magic {
		return nil
	}
	id := int(binary.BigEndian.Uint32(rec.Value[1:header]))
	for try := 0; ; try++ {
		decoded, err := r.decode(rec, id)
		switch {
		case err == nil:
			rec.Decoded = decoded
			return nil
		case !unreachable(err):
			rec.Undecoded = fmt.Sprintf("schema %d: %v", id, err)
			return nil
		case try%30 == 0:
			slog.Warn("the schema registry doesn't answer: waiting", "schema", id, "error", err)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(r.pause):
		}
	}
}

// decodeAll decodes a batch.
func (r *Registry) decodeAll(ctx context.Context, batch []ingest.Record) error {
	if r == nil {
		return nil
	}
	for i := range batch {
		if err := r.Decode(ctx, &batch[i]); err != nil {
			return err
		}
	}
	return nil
}

func (r *Registry) decode(rec *ingest.Record, id int) ([]byte, error) {
	fn, err := r.decoder(rec.Topic, id)
	if err != nil {
		return nil, err
	}
	decoded, err := fn(rec.Topic, rec.Value)
	if err != nil && !asked(err) {
		return nil, fmt.Errorf("%w: %v", errNotOfSchema, err)
	}
	return decoded, err
}

// decoder finds how messages of a schema are decoded. A schema never changes.
func (r *Registry) decoder(topic string, id int) (decode, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	key := decoderKey{topic, id}
	if fn, ok := r.decoders[key]; ok {
		return fn, nil
	}
	if at, ok := r.unknown[key]; ok && time.Since(at) < askAgain {
		return nil, errNoSchema
	}
	info, err := r.client.GetBySubjectAndID("", id)
	if err != nil {
		if !unreachable(err) {
			r.unknown[key] = time.Now()
		}
		return nil, err
	}
	fn, err := r.make(info)
	if err != nil && asked(err) { // for a schema that this one refers to
		return nil, err
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %v", errBadSchema, kindOf(info), err)
	}
	r.decoders[key] = fn
	return fn, nil
}

var (
	errNoSchema    = errors.New("the registry has no such schema")
	errBadSchema   = errors.New("the schema can't be used")
	errNotOfSchema = errors.New("the message isn't of its schema")
)

func kindOf(info schemaregistry.SchemaInfo) string {
	if info.SchemaType == "" {
		return "AVRO"
	}
	return info.SchemaType
}

func (r *Registry) make(info schemaregistry.SchemaInfo) (decode, error) {
	switch kindOf(info) {
	case "AVRO":
		return r.avro(info)
	case "PROTOBUF":
		return r.protobuf(info)
	case "JSON":
		return r.json()
	}
	return nil, errors.New("schemas of this type can't be read; AVRO, PROTOBUF and JSON can")
}

// asked reports whether an error is about asking the registry, not about the message.
func asked(err error) bool {
	var refused *rest.Error
	var transport *url.Error
	return errors.As(err, &refused) || errors.As(err, &transport)
}

// unreachable tells a registry that didn't answer, or didn't let us in, from one that
// says no. Nothing can be said of a message then, so it isn't quarantined.
func unreachable(err error) bool {
	if errors.Is(err, errNoSchema) || errors.Is(err, errBadSchema) || errors.Is(err, errNotOfSchema) {
		return false
	}
	var refused *rest.Error
	if errors.As(err, &refused) {
		return refused.Status != http.StatusNotFound && refused.Code/100 != http.StatusNotFound
	}
	return !strings.Contains(err.Error(), "Subject Not Found") // as the registry in memory says it
}
