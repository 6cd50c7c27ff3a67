package kafka

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"sort"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/titrate/titrate/ingest"
)

// quick are properties that make a lost member be noticed within a test's patience.
var quick = map[string]string{"session.timeout.ms": "6000", "heartbeat.interval.ms": "100"}

func startBrokerAt(t testing.TB, bc BrokerConfig) (*Broker, Config) {
	t.Helper()
	bc.OnError = func(err error) { t.Error(err) }
	b, err := StartBroker(bc)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	return b, Config{Brokers: b.Addr(), Properties: maps.Clone(quick)}
}

// limit is a context that ends before the test binary gives up.
func limit(t testing.TB, d time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), d)
	t.Cleanup(cancel)
	return ctx
}

func createTopic(t testing.TB, cfg Config, topic Topic) {
	t.Helper()
	if err := CreateTopics(limit(t, 10*time.Second), cfg, []Topic{topic}); err != nil {
		t.Fatal(err)
	}
}

// send produces count messages "k<i%keys>" -> "<from+i>".
func send(t testing.TB, cfg Config, topic string, keys, from, count int) {
	t.Helper()
	p, err := NewProducer(cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer closeProducer(t, p)
	var msgs []Message
	for i := from; i < from+count; i++ {
		msgs = append(msgs, Message{Topic: topic, Key: fmt.Appendf(nil, "k%d", i%keys), Value: fmt.Appendf(nil, "%d", i)})
	}
	if err := p.Send(limit(t, 20*time.Second), msgs); err != nil {
		t.Fatal(err)
	}
}

func closeProducer(t testing.TB, p *Producer) {
	t.Helper()
	if err := p.Close(); err != nil {
		t.Error(err)
	}
}

// readAll returns what is committed in a topic now, by partition in offset order.
func readAll(t testing.TB, cfg Config, topic string) []ingest.Record {
	t.Helper()
	ctx, cancel := context.WithCancel(limit(t, 20*time.Second))
	defer cancel()
	var got []ingest.Record
	caught := false
	err := Tail(ctx, cfg, TailConfig{Topics: []string{topic},
		OnRecord:   func(r ingest.Record) { got = append(got, r) },
		OnCaughtUp: func() { caught = true; cancel() },
	})
	if err != nil {
		t.Fatal(err)
	}
	if !caught {
		t.Fatalf("topic %s was not read to its end", topic)
	}
	sort.SliceStable(got, func(i, j int) bool { return got[i].Partition < got[j].Partition })
	return got
}

// values are the payloads of records.
func values(records []ingest.Record) []string {
	var vs []string
	for _, r := range records {
		vs = append(vs, string(r.Value))
	}
	return vs
}

// once fails unless vs holds want, each exactly once.
func once(t testing.TB, vs []string, want int) {
	t.Helper()
	count := map[string]int{}
	for _, v := range vs {
		count[v]++
	}
	for i := range want {
		v := fmt.Sprint(i)
		if count[v] != 1 {
			t.Errorf("%q is there %d times, want once", v, count[v])
		}
		delete(count, v)
	}
	for v, n := range count {
		t.Errorf("%q is there %d times, want never", v, n)
	}
}

// stored is a sink that remembers in memory what it was given, as a lake would.
type stored struct {
	mu      sync.Mutex
	next    map[ingest.Partition]int64 // what Flush stored, shared between members
	held    map[ingest.Partition][]ingest.Record
	records []ingest.Record
	revoked []ingest.Partition
	taken   atomic.Int64
	owned   atomic.Int64 // partitions that this member has now
	shared  *stored      // where it is stored; nil: here
	start   func(ingest.Partition) (ingest.Start, error)
}

func newStored() *stored {
	return &stored{next: map[ingest.Partition]int64{}, held: map[ingest.Partition][]ingest.Record{}}
}

func (s *stored) lake() *stored {
	if s.shared != nil {
		return s.shared
	}
	return s
}

// count is how many records are stored.
func (s *stored) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.records)
}

func (s *stored) Assign(_ context.Context, p ingest.Partition) (ingest.Start, error) {
	s.owned.Add(1)
	if s.start != nil {
		return s.start(p)
	}
	lake := s.lake()
	lake.mu.Lock()
	defer lake.mu.Unlock()
	s.held[p] = nil
	return ingest.Start{Next: lake.next[p], From: lake.next[p]}, nil
}

func (s *stored) Revoke(p ingest.Partition) {
	s.owned.Add(-1)
	delete(s.held, p)
	s.revoked = append(s.revoked, p)
}

func (s *stored) Append(_ context.Context, records []ingest.Record) error {
	s.taken.Add(int64(len(records)))
	for _, r := range records {
		found := false
		for p := range s.held {
			if p.Topic == r.Topic && p.Number == r.Partition {
				r.Key, r.Value = bytes.Clone(r.Key), bytes.Clone(r.Value)
				s.held[p] = append(s.held[p], r)
				found = true
			}
		}
		if !found {
			return fmt.Errorf("record of %s/%d, which is not assigned", r.Topic, r.Partition)
		}
	}
	return nil
}

// Flush stores everything held. Like a claim in the ledger it refuses a range
// that another writer has stored.
func (s *stored) Flush(context.Context, bool) ([]ingest.Position, error) {
	lake := s.lake()
	lake.mu.Lock()
	defer lake.mu.Unlock()
	var done []ingest.Position
	for p, records := range s.held {
		for _, r := range records {
			if r.Offset < lake.next[p] {
				return nil, fmt.Errorf("offset %d of %s/%d is stored already", r.Offset, p.Topic, p.Number)
			}
			lake.next[p] = r.Offset + 1
			lake.records = append(lake.records, r)
		}
		if len(records) > 0 {
			done = append(done, ingest.Position{Partition: p, Next: lake.next[p]})
		}
		s.held[p] = nil
	}
	return done, nil
}

func mustContain(t *testing.T, err error, parts ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, want one that says %q", parts)
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("error %q doesn't say %q", err, part)
		}
	}
}
