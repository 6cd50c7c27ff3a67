package kafka

import (
	"testing"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
	"github.com/titrate/titrate/ingest"
)

// stretches are the whole of a topic's partitions, with what isn't committed yet.
func (r *reader) stretches(t *testing.T, topic string, partitions int32) (all []stretch) {
	t.Helper()
	var slots []slot
	for number := range partitions {
		slots = append(slots, slot{topic, number})
	}
	low, end, err := bounds(limit(t, 10*time.Second), r.admin, slots, kafka.IsolationLevelReadUncommitted)
	if err != nil {
		t.Fatal(err)
	}
	for _, at := range slots {
		all = append(all, stretch{at, low[at], end[at]})
	}
	return all
}

func testReader(t *testing.T, cfg Config) *reader {
	t.Helper()
	r, err := openReader(cfg, 10*time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.close(); err != nil {
			t.Error(err)
		}
	})
	return r
}

// TestTheSameStretchIsReadAgainAtOnce begins to read before the library has stopped what
// was read before.
func TestTheSameStretchIsReadAgainAtOnce(t *testing.T) {
	t.Parallel()
	_, cfg := startBroker(t)
	createTopic(t, cfg, Topic{Name: cfg.in("events"), Partitions: 3})
	send(t, cfg, cfg.in("events"), 11, 0, 300)
	r := testReader(t, cfg)
	all := r.stretches(t, cfg.in("events"), 3)
	for round := range 100 {
		count := 0
		if err := r.read(limit(t, 20*time.Second), all, func(ingest.Record) { count++ }); err != nil || count != 300 {
			t.Fatalf("round %d: %d of 300 records, %v", round, count, err)
		}
	}
}

// TestAStretchBehindAnOpenTransactionIsntAwaitedForEver has another writer begin a
// transaction and not end it.
func TestAStretchBehindAnOpenTransactionIsntAwaitedForEver(t *testing.T) {
	t.Parallel()
	_, cfg := startBroker(t)
	createTopic(t, cfg, Topic{Name: cfg.in("people"), Partitions: 1})
	w, err := openWriter(limit(t, 20*time.Second), cfg, cfg.in("other"))
	if err != nil {
		t.Fatal(err)
	}
	defer w.close()
	if err := w.begin(); err != nil {
		t.Fatal(err)
	}
	if err := w.write(t.Context(), Out{Topic: cfg.in("people"), Key: []byte("k"), Value: []byte("v")}, 0); err != nil {
		t.Fatal(err)
	}
	if left := w.client.Flush(10_000); left > 0 {
		t.Fatalf("%d records aren't written", left)
	}
	r := testReader(t, cfg)
	r.patience = time.Second
	err = r.read(limit(t, 20*time.Second), r.stretches(t, cfg.in("people"), 1), func(ingest.Record) { t.Error("what isn't committed was read") })
	mustContain(t, err, "nothing came for 1s", cfg.in("people")+"/0 up to offset 1")
}

func TestAStretchTakesEachOfItsRecordsOnce(t *testing.T) {
	t.Parallel()
	s := stretch{from: 10, to: 20}
	for _, step := range []struct {
		offset int64
		takes  bool
	}{{9, false}, {10, true}, {10, false}, {14, true}, {12, false}, {19, true}, {20, false}} {
		if got := s.take(step.offset); got != step.takes {
			t.Errorf("takes offset %d: %v", step.offset, got)
		}
	}
	if (*stretch)(nil).take(10) {
		t.Error("a partition that isn't read takes a record")
	}
}
