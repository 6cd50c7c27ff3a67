package kafka

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
	"github.com/titrate/titrate/ingest"
)

// ingestAll drains a topic into sink.
func ingestAll(t *testing.T, cfg Config, sink ingest.Sink) error {
	t.Helper()
	src, err := OpenSource(cfg, []string{cfg.in("events")}, cfg.in("lake"), sink)
	if err != nil {
		t.Fatal(err)
	}
	err = ingest.Run(limit(t, 20*time.Second), src, sink, ingest.Options{Drain: true})
	return errors.Join(err, src.Close())
}

func TestWhatIsSentArrives(t *testing.T) {
	t.Parallel()
	_, cfg := startBroker(t)
	createTopic(t, cfg, Topic{Name: cfg.in("events"), Partitions: 4})
	p, err := NewProducer(cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer closeProducer(t, p)
	seen := time.Date(2024, 2, 3, 4, 5, 6, 789e6, time.UTC)
	err = p.Send(limit(t, 10*time.Second), []Message{
		{Topic: cfg.in("events"), Key: []byte("p-1"), Value: []byte("v"), Seen: seen, Headers: []ingest.Header{{Key: "h", Value: []byte("x")}}},
		{Topic: cfg.in("events"), Key: []byte("p-2"), Value: nil},
	})
	if err != nil {
		t.Fatal(err)
	}
	sink := newStored()
	if err := ingestAll(t, cfg, sink); err != nil {
		t.Fatal(err)
	}
	if len(sink.records) != 2 {
		t.Fatalf("%d records, want 2", len(sink.records))
	}
	for _, r := range sink.records {
		if string(r.Key) == "p-2" {
			if r.Value != nil || r.Headers != nil || time.Since(r.Seen) > time.Minute {
				t.Errorf("record without value, headers and time came as %+v", r)
			}
			continue
		}
		if r.Topic != cfg.in("events") || string(r.Value) != "v" || !r.Seen.Equal(seen) || r.Seen.Location() != time.UTC {
			t.Errorf("record came as %+v", r)
		}
		if len(r.Headers) != 1 || r.Headers[0].Key != "h" || string(r.Headers[0].Value) != "x" {
			t.Errorf("headers came as %+v", r.Headers)
		}
	}
	for p := range sink.next {
		if len(p.TopicID) != 22 {
			t.Errorf("topic id %q is not 16 bytes in base64url", p.TopicID)
		}
	}
}

func TestLogAppendTimeIsTheBrokersClock(t *testing.T) {
	t.Parallel()
	_, cfg := startBroker(t)
	createTopic(t, cfg, Topic{Name: cfg.in("events"), Partitions: 1, LogAppendTime: true})
	p, err := NewProducer(cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer closeProducer(t, p)
	long := time.Now().Add(-1000 * time.Hour)
	if err := p.Send(limit(t, 10*time.Second), []Message{{Topic: cfg.in("events"), Key: []byte("k"), Seen: long}}); err != nil {
		t.Fatal(err)
	}
	if got := readAll(t, cfg, cfg.in("events"))[0].Seen; time.Since(got) > time.Minute {
		t.Errorf("log time %v is the producer's", got)
	}
}

func TestOneKeyKeepsItsOrder(t *testing.T) {
	t.Parallel()
	_, cfg := startBroker(t)
	createTopic(t, cfg, Topic{Name: cfg.in("events"), Partitions: 4})
	send(t, cfg, cfg.in("events"), 7, 0, 3000)
	sink := newStored()
	if err := ingestAll(t, cfg, sink); err != nil {
		t.Fatal(err)
	}
	once(t, values(sink.records), 3000)
	last := map[string]int{}
	for _, r := range sink.records {
		var n int
		fmt.Sscan(string(r.Value), &n)
		if before, ok := last[string(r.Key)]; ok && n <= before {
			t.Fatalf("key %s: %d came after %d", r.Key, n, before)
		}
		last[string(r.Key)] = n
	}
}

func TestDrainedAgainReadsOnlyWhatIsNew(t *testing.T) {
	t.Parallel()
	_, cfg := startBroker(t)
	createTopic(t, cfg, Topic{Name: cfg.in("events"), Partitions: 2})
	sink := newStored()
	send(t, cfg, cfg.in("events"), 5, 0, 100)
	if err := ingestAll(t, cfg, sink); err != nil {
		t.Fatal(err)
	}
	send(t, cfg, cfg.in("events"), 5, 100, 50)
	if err := ingestAll(t, cfg, sink); err != nil {
		t.Fatal(err)
	}
	once(t, values(sink.records), 150)
}

func TestDrainOfAnEmptyTopicEnds(t *testing.T) {
	t.Parallel()
	_, cfg := startBroker(t)
	createTopic(t, cfg, Topic{Name: cfg.in("events"), Partitions: 2})
	begin := time.Now()
	if err := ingestAll(t, cfg, newStored()); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(begin); took > 3*time.Second {
		t.Errorf("joining an idle group and noticing the end took %v", took)
	}
}

func TestCommitIsPublishedForDashboards(t *testing.T) {
	t.Parallel()
	_, cfg := startBroker(t)
	createTopic(t, cfg, Topic{Name: cfg.in("events"), Partitions: 1})
	send(t, cfg, cfg.in("events"), 1, 0, 10)
	if err := ingestAll(t, cfg, newStored()); err != nil {
		t.Fatal(err)
	}
	if got := committedOffset(t, cfg, cfg.in("lake"), slot{cfg.in("events"), 0}); got != 10 {
		t.Errorf("group's offset is %d, want 10", got)
	}
}

func committedOffset(t *testing.T, cfg Config, group string, at slot) int64 {
	t.Helper()
	c, err := newMember(cfg, group, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	tr := transform{cfg: TransformConfig{Group: group}, consumer: c}
	got, err := tr.committed(limit(t, 10*time.Second), []slot{at})
	if err != nil {
		t.Fatal(err)
	}
	return int64(got[0].Offset)
}

func TestLogGapIsAnError(t *testing.T) {
	t.Parallel()
	_, cfg := startBroker(t)
	createTopic(t, cfg, Topic{Name: cfg.in("events"), Partitions: 1})
	send(t, cfg, cfg.in("events"), 1, 0, 10)
	deleteBefore(t, cfg, slot{cfg.in("events"), 0}, 6)
	tests := map[string]struct {
		next, from int64
		want       string // of the error; empty: none
		read       int
	}{
		"never read":       {0, 0, "", 4},
		"at the beginning": {6, 6, "", 4},
		"later":            {8, 8, "", 2},
		"read back":        {9, 7, "", 3},
		"read back is cut": {8, 2, "", 4},
		"before it":        {5, 5, "/0 is to be read from offset 5, but the log begins at 6", 0},
		"all read back":    {5, 0, "/0 is to be read from offset 5, but the log begins at 6", 0},
		"behind the end":   {11, 3, "/0 is to be read from offset 11, but the log ends at 10", 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			sink := newStored()
			sink.start = func(p ingest.Partition) (ingest.Start, error) {
				sink.held[p] = nil
				return ingest.Start{Next: tt.next, From: tt.from}, nil
			}
			err := ingestAll(t, cfg, sink)
			if tt.want != "" {
				mustContain(t, err, "log gap: "+cfg.in("events")+tt.want)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if len(sink.records) != tt.read {
				t.Errorf("%d records read, want %d", len(sink.records), tt.read)
			}
		})
	}
}

// deleteBefore moves the beginning of a partition's log, as retention does.
func deleteBefore(t *testing.T, cfg Config, at slot, offset int64) {
	t.Helper()
	admin, err := kafka.NewAdminClient(cfg.client(kafka.ConfigMap{}, kafka.ConfigMap{}))
	if err != nil {
		t.Fatal(err)
	}
	defer admin.Close()
	res, err := admin.DeleteRecords(limit(t, 10*time.Second), []kafka.TopicPartition{at.at(offset)})
	if err != nil {
		t.Fatal(err)
	}
	if err := res.DeleteRecordsResults[0].TopicPartition.Error; err != nil {
		t.Fatal(err)
	}
}

func TestSinksErrorEndsTheFetch(t *testing.T) {
	t.Parallel()
	_, cfg := startBroker(t)
	createTopic(t, cfg, Topic{Name: cfg.in("events"), Partitions: 1})
	sink := newStored()
	sink.start = func(ingest.Partition) (ingest.Start, error) {
		return ingest.Start{}, errors.New("ledger is locked")
	}
	mustContain(t, ingestAll(t, cfg, sink), "assign "+cfg.in("events")+"/0", "ledger is locked")
}

func TestMissingTopicIsAnError(t *testing.T) {
	t.Parallel()
	_, cfg := startBroker(t)
	_, err := OpenSource(cfg, []string{cfg.in("evnets")}, cfg.in("lake"), newStored())
	mustContain(t, err, fmt.Sprintf("topic %q doesn't exist", cfg.in("evnets")))
}

func TestNoBrokerIsAClearErrorSoon(t *testing.T) {
	t.Parallel()
	begin := time.Now()
	_, err := OpenSource(Config{Brokers: "127.0.0.1:9"}, []string{"events"}, "lake", newStored())
	mustContain(t, err, "kafka: no broker answers at 127.0.0.1:9: start one or give --brokers host:port")
	if took := time.Since(begin); took > 6*time.Second {
		t.Errorf("it took %v to say so", took)
	}
	_, err = NewProducer(Config{})
	mustContain(t, err, "--brokers")
	_, err = NewProducer(Config{Brokers: "127.0.0.1:9", Properties: map[string]string{"no.such": "1"}})
	mustContain(t, err, "no.such")
}

// TestRebalanceLosesNothingAndDoublesNothing has a second member join in the
// middle of the reading and the first one leave.
func TestRebalanceLosesNothingAndDoublesNothing(t *testing.T) {
	t.Parallel()
	_, cfg := startBroker(t)
	createTopic(t, cfg, Topic{Name: cfg.in("events"), Partitions: 4})
	lake := newStored()
	first := startMember(t, cfg, lake)
	send(t, cfg, cfg.in("events"), 40, 0, 1000)
	waitFor(t, func() bool { return lake.count() >= 1000 })
	second := startMember(t, cfg, lake)
	n := 1000
	for ; second.sink.taken.Load() == 0; n += 100 {
		send(t, cfg, cfg.in("events"), 40, n, 100)
		time.Sleep(50 * time.Millisecond)
	}
	first.stop(t)
	if len(first.sink.revoked) == 0 {
		t.Error("the first member gave no partition away while both were there")
	}
	send(t, cfg, cfg.in("events"), 40, n, 500)
	waitFor(t, func() bool { return lake.count() >= n+500 })
	second.stop(t)
	once(t, values(lake.records), n+500)
}

type member struct {
	sink   *stored
	cancel context.CancelFunc
	ended  chan error
}

func startMember(t *testing.T, cfg Config, lake *stored) *member {
	t.Helper()
	ctx, cancel := context.WithCancel(limit(t, 50*time.Second))
	m := &member{sink: newStored(), cancel: cancel, ended: make(chan error, 1)}
	m.sink.shared = lake
	src, err := OpenSource(cfg, []string{cfg.in("events")}, cfg.in("lake"), m.sink)
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		err := ingest.Run(ctx, src, m.sink, ingest.Options{})
		m.ended <- errors.Join(err, src.Close())
	}()
	return m
}

func (m *member) stop(t *testing.T) {
	t.Helper()
	m.cancel()
	if err := <-m.ended; err != nil {
		t.Error(err)
	}
}

func waitFor(t testing.TB, done func() bool) {
	t.Helper()
	for begin := time.Now(); time.Since(begin) < 30*time.Second; time.Sleep(10 * time.Millisecond) {
		if done() {
			return
		}
	}
	t.Fatal("waited 30 s in vain")
}

func TestBatchesEndAtTheLimit(t *testing.T) {
	t.Parallel()
	_, cfg := startBroker(t)
	createTopic(t, cfg, Topic{Name: cfg.in("events"), Partitions: 1})
	send(t, cfg, cfg.in("events"), 3, 0, batchRecords+1000)
	sink := newStored()
	src, err := OpenSource(cfg, []string{cfg.in("events")}, cfg.in("lake"), sink)
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	total, caught := 0, false
	for !caught {
		batch, err := src.Fetch(limit(t, 10*time.Second))
		if err != nil {
			t.Fatal(err)
		}
		if len(batch.Records) > batchRecords {
			t.Fatalf("%d records in a batch", len(batch.Records))
		}
		total, caught = total+len(batch.Records), batch.CaughtUp
	}
	if total != batchRecords+1000 {
		t.Errorf("caught up after %d records", total)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	if _, err := src.Fetch(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("fetch with nothing to read and a context that ends: %v", err)
	}
}

func TestEmbeddedBrokerNamesOneAddress(t *testing.T) {
	t.Parallel()
	for _, listen := range []string{":9092", "0.0.0.0:9092", "nonsense"} {
		_, err := StartBroker(BrokerConfig{Listen: listen})
		if err == nil || !strings.Contains(err.Error(), listen) {
			t.Errorf("listen %q: %v", listen, err)
		}
	}
}

// TestDrainWithMoreMembersThanPartitionsEnds: the member that is left without a
// partition ends too, and not before all partitions have an owner.
func TestDrainWithMoreMembersThanPartitionsEnds(t *testing.T) {
	t.Parallel()
	_, cfg := startBroker(t)
	createTopic(t, cfg, Topic{Name: cfg.in("events"), Partitions: 2})
	send(t, cfg, cfg.in("events"), 20, 0, 500)
	lake := newStored()
	var busy []*member
	for range 2 {
		busy = append(busy, startMember(t, cfg, lake))
	}
	waitFor(t, func() bool {
		return lake.count() == 500 && busy[0].sink.owned.Load() == 1 && busy[1].sink.owned.Load() == 1
	})
	idle := newStored()
	idle.shared = lake
	if err := ingestAll(t, cfg, idle); err != nil {
		t.Fatal(err)
	}
	if idle.taken.Load() > 0 {
		t.Error("the third member of two partitions was given records")
	}
	for _, m := range busy {
		m.stop(t)
	}
	once(t, values(lake.records), 500)
}

// skipping is a sink that accepts gaps.
type skipping struct {
	*stored
	low, end int64
}

func (s *skipping) Skip(_ context.Context, p ingest.Partition, low, end int64) (ingest.Start, error) {
	s.low, s.end = low, end
	s.next[p] = low
	return ingest.Start{Next: low, From: 2}, nil
}

func TestASinkMayAcceptALogGap(t *testing.T) {
	t.Parallel()
	_, cfg := startBroker(t)
	createTopic(t, cfg, Topic{Name: cfg.in("events"), Partitions: 1})
	send(t, cfg, cfg.in("events"), 1, 0, 10)
	deleteBefore(t, cfg, slot{cfg.in("events"), 0}, 6)
	sink := &skipping{stored: newStored()}
	sink.start = func(p ingest.Partition) (ingest.Start, error) {
		sink.held[p] = nil
		return ingest.Start{Next: 5, From: 1}, nil
	}
	if err := ingestAll(t, cfg, sink); err != nil {
		t.Fatal(err)
	}
	if sink.low != 6 || sink.end != 10 || len(sink.records) != 4 {
		t.Errorf("asked about a log from %d to %d, %d records read; want 6 to 10, and 4", sink.low, sink.end, len(sink.records))
	}
}
