package kafka

/*
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

// The part of librdkafka's public interface (rdkafka.h) that is used here. The
// header lies inside the client's module, where this package can't include it;
// the interface is stable. The symbols are weak: where the library that was
// linked doesn't show them, the funnel isn't there and messages are polled.
typedef struct rd_kafka_s rd_kafka_t;
typedef struct rd_kafka_queue_s rd_kafka_queue_t;
typedef struct rd_kafka_topic_s rd_kafka_topic_t;
typedef struct rd_kafka_headers_s rd_kafka_headers_t;
typedef struct {
	int err;
	rd_kafka_topic_t *rkt;
	int32_t partition;
	void *payload;
	size_t len;
	void *key;
	size_t key_len;
	int64_t offset;
	void *_private;
} rd_kafka_message_t;

#define WEAK __attribute__((weak))
extern WEAK rd_kafka_queue_t *rd_kafka_queue_new(rd_kafka_t *);
extern WEAK void rd_kafka_queue_destroy(rd_kafka_queue_t *);
extern WEAK rd_kafka_queue_t *rd_kafka_queue_get_partition(rd_kafka_t *, const char *, int32_t);
extern WEAK void rd_kafka_queue_forward(rd_kafka_queue_t *, rd_kafka_queue_t *);
extern WEAK ssize_t rd_kafka_consume_batch_queue(rd_kafka_queue_t *, int, rd_kafka_message_t **, size_t);
extern WEAK void rd_kafka_message_destroy(rd_kafka_message_t *);
extern WEAK int64_t rd_kafka_message_timestamp(const rd_kafka_message_t *, int *);
extern WEAK int rd_kafka_message_headers(const rd_kafka_message_t *, rd_kafka_headers_t **);
extern WEAK int rd_kafka_header_get_all(const rd_kafka_headers_t *, size_t, const char **, const void **, size_t *);
extern WEAK const char *rd_kafka_topic_name(const rd_kafka_topic_t *);

extern WEAK int malloc_trim(size_t); // of glibc

static void funnel_trim(void) {
	if (malloc_trim)
		malloc_trim(0);
}

static int funnel_works(void) {
	return rd_kafka_queue_new && rd_kafka_queue_destroy && rd_kafka_queue_get_partition && rd_kafka_queue_forward &&
		rd_kafka_consume_batch_queue && rd_kafka_message_destroy && rd_kafka_message_timestamp &&
		rd_kafka_message_headers && rd_kafka_header_get_all && rd_kafka_topic_name;
}

static void funnel_join(rd_kafka_t *rk, rd_kafka_queue_t *q, const char *topic, int32_t partition) {
	rd_kafka_queue_t *own = rd_kafka_queue_get_partition(rk, topic, partition);
	if (own) {
		rd_kafka_queue_forward(own, q);
		rd_kafka_queue_destroy(own);
	}
}

// item is a message whose value and key lie in an arena, one behind the other.
typedef struct {
	uintptr_t topic;
	int64_t offset;
	int64_t time;      // ms; -1 for none
	int32_t partition;
	int32_t err;
	int32_t value;     // length; -1 for null
	int32_t key;       // length; -1 for null
	uintptr_t message; // still to be destroyed, since it has headers; else 0
} item;

// funnel_poll takes up to max messages. The library waits for max of them as long
// as it is told, so it is told to wait for the first only. size is what copying
// them needs.
static ssize_t funnel_poll(rd_kafka_queue_t *q, int wait_ms, rd_kafka_message_t **m, size_t max, size_t *size) {
	ssize_t i, n = rd_kafka_consume_batch_queue(q, 0, m, max);
	if (n == 0 && wait_ms > 0)
		n = rd_kafka_consume_batch_queue(q, wait_ms, m, 1);
	*size = 0;
	for (i = 0; i < n; i++)
		*size += m[i]->len + m[i]->key_len;
	return n;
}

static void funnel_copy(rd_kafka_message_t **m, ssize_t n, char *arena, item *out) {
	ssize_t i;
	for (i = 0; i < n; i++, out++) {
		int kind;
		rd_kafka_headers_t *headers;
		out->topic = (uintptr_t)m[i]->rkt;
		out->partition = m[i]->partition;
		out->offset = m[i]->offset;
		out->err = m[i]->err;
		out->value = m[i]->payload ? (int32_t)m[i]->len : -1;
		out->key = m[i]->key ? (int32_t)m[i]->key_len : -1;
		out->message = 0;
		if (m[i]->payload) {
			memcpy(arena, m[i]->payload, m[i]->len);
			arena += m[i]->len;
		}
		if (m[i]->key) {
			memcpy(arena, m[i]->key, m[i]->key_len);
			arena += m[i]->key_len;
		}
		out->time = -1;
		if (!m[i]->err) {
			out->time = rd_kafka_message_timestamp(m[i], &kind);
			if (!rd_kafka_message_headers(m[i], &headers)) {
				out->message = (uintptr_t)m[i];
				continue;
			}
		}
		rd_kafka_message_destroy(m[i]);
	}
}

static int funnel_header(uintptr_t message, size_t i, const char **name, const void **value, size_t *size) {
	rd_kafka_headers_t *headers;
	return rd_kafka_message_headers((rd_kafka_message_t *)message, &headers) ||
		rd_kafka_header_get_all(headers, i, name, value, size);
}

static void funnel_destroy(uintptr_t message) { rd_kafka_message_destroy((rd_kafka_message_t *)message); }

static const char *funnel_topic(uintptr_t topic) { return rd_kafka_topic_name((rd_kafka_topic_t *)topic); }

#cgo noescape funnel_copy
#cgo nocallback funnel_copy
#cgo noescape funnel_poll
#cgo nocallback funnel_poll
*/
import "C"

import (
	"reflect"
	"time"
	"unsafe"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
	"github.com/titrate/titrate/ingest"
)

// funnel takes the messages of all partitions that joined it, thousands in one
// call of the C library. The client's Poll takes one, in three calls and with
// eight allocations, which is most of what reading costs (docs/adr/0010).
//
// Rebalances and the client's own errors still come by Poll.
type funnel struct {
	client *C.rd_kafka_t
	queue  *C.rd_kafka_queue_t
	room   []*C.rd_kafka_message_t // in C's memory
	items  []C.item
	topics map[C.uintptr_t]string
	arena  []byte // where values and keys lie
	other  []byte // where those lie that were taken before the last turn
}

// openFunnel makes a funnel for consumer, nil if the library isn't one that it knows.
func openFunnel(consumer *kafka.Consumer) *funnel {
	client := handleOf(consumer)
	if client == nil || C.funnel_works() == 0 {
		return nil
	}
	room := (**C.rd_kafka_message_t)(C.calloc(funnelItems, C.size_t(unsafe.Sizeof(uintptr(0)))))
	return &funnel{
		client: (*C.rd_kafka_t)(client), queue: C.rd_kafka_queue_new((*C.rd_kafka_t)(client)),
		room: unsafe.Slice(room, funnelItems), items: make([]C.item, funnelItems), topics: map[C.uintptr_t]string{},
	}
}

// handleOf is the library's own handle, which the client keeps to itself.
func handleOf(consumer *kafka.Consumer) unsafe.Pointer {
	h := reflect.ValueOf(consumer).Elem().FieldByName("handle")
	if !h.IsValid() || h.Kind() != reflect.Struct {
		return nil
	}
	rk := h.FieldByName("rk")
	if !rk.IsValid() || rk.Kind() != reflect.Pointer {
		return nil
	}
	return rk.UnsafePointer()
}

// join has s's messages come through the funnel from its next assignment on. The
// library keeps it in mind: an application's forwarding outlives assignments.
func (f *funnel) join(s slot) {
	topic := C.CString(s.topic)
	defer C.free(unsafe.Pointer(topic))
	C.funnel_join(f.client, f.queue, topic, C.int32_t(s.number))
}

// take hands over what is there, waiting for the first message so long. A message
// with an error is given to fail with its text. Values and keys are there until reuse is
// called.
func (f *funnel) take(waitMs, most int, record func(ingest.Record), fail func(slot, kafka.ErrorCode, int64, string)) (n int) {
	var size C.size_t
	n = int(C.funnel_poll(f.queue, C.int(waitMs), &f.room[0], C.size_t(min(most, funnelItems)), &size))
	if n <= 0 {
		return 0
	}
	arena := f.space(max(int(size), 1))
	C.funnel_copy(&f.room[0], C.ssize_t(n), (*C.char)(unsafe.Pointer(&arena[0])), &f.items[0])
	for i := range f.items[:n] {
		m := &f.items[i]
		value, key := cut(&arena, m.value), cut(&arena, m.key)
		topic := f.topic(m.topic)
		if m.err != 0 {
			fail(slot{topic, int32(m.partition)}, kafka.ErrorCode(m.err), int64(m.offset), string(value))
			continue
		}
		r := ingest.Record{Topic: topic, Partition: int32(m.partition), Offset: int64(m.offset), Key: key, Value: value}
		if m.time != -1 {
			r.Seen = time.UnixMilli(int64(m.time)).UTC()
		}
		if m.message != 0 {
			r.Headers = headers(m.message)
			C.funnel_destroy(m.message)
		}
		record(r)
	}
	return n
}

// space is room for size bytes that nothing else lies in until reuse is called.
func (f *funnel) space(size int) []byte {
	at := len(f.arena)
	if cap(f.arena)-at < size {
		return make([]byte, size)
	}
	f.arena = f.arena[:at+size]
	return f.arena[at:]
}

// reuse says that nobody needs what was taken so far: what is taken next may lie there,
// in an arena of so many bytes, made once. Where it is never called, everything lies in
// memory of its own.
func (f *funnel) reuse(size int) {
	if f.arena == nil {
		f.arena = make([]byte, 0, size)
	}
	f.arena = f.arena[:0]
}

// turn is reuse for who still needs what was taken since the last turn.
func (f *funnel) turn(size int) {
	f.arena, f.other = f.other, f.arena
	f.reuse(size)
}

// cut takes the next n bytes, nil if n is -1.
func cut(arena *[]byte, n C.int32_t) []byte {
	if n < 0 {
		return nil
	}
	b := (*arena)[:n:n]
	*arena = (*arena)[n:]
	return b
}

func (f *funnel) topic(t C.uintptr_t) string {
	name, known := f.topics[t]
	if !known && t != 0 {
		name = C.GoString(C.funnel_topic(t))
		f.topics[t] = name
	}
	return name
}

func headers(message C.uintptr_t) (all []ingest.Header) {
	var name *C.char
	var value unsafe.Pointer
	var size C.size_t
	for i := C.size_t(0); C.funnel_header(message, i, &name, &value, &size) == 0; i++ {
		h := ingest.Header{Key: C.GoString(name)}
		if value != nil {
			h.Value = C.GoBytes(value, C.int(size))
		}
		all = append(all, h)
	}
	return all
}

// trim gives memory back that the library has freed: C's allocator keeps what a backlog
// took, piece by piece among what is in use.
func (f *funnel) trim() { C.funnel_trim() }

// close drops what is still in the funnel.
func (f *funnel) close() {
	C.rd_kafka_queue_destroy(f.queue)
	C.free(unsafe.Pointer(&f.room[0]))
}
