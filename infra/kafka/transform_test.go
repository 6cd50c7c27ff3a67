package kafka

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"sync"
	"testing"
	"time"

	"github.com/titrate/titrate/ingest"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// counter is a fold that remembers, per key, how many records it saw (which the
// state topic keeps) and the last few values (which only the log does).
type counter struct {
	total  map[string]int
	recent map[string][]string
	sees   func(ingest.Record)
}

const remembered = 5 // recent values per key

func newCounter() *counter {
	return &counter{total: map[string]int{}, recent: map[string][]string{}}
}

func (c *counter) Restore(r ingest.Record) {
	var n int
	fmt.Sscan(string(r.Value), &n)
	c.total[string(r.Key)] = n
}

func (c *counter) Replay(r ingest.Record) {
	key := string(r.Key)
	c.recent[key] = append(c.recent[key], string(r.Value))
	if len(c.recent[key]) > remembered {
		c.recent[key] = c.recent[key][1:]
	}
}

// Apply answers each record with its value, how many of its key there were and
// the recent ones: an answer that depends on all that the fold remembers.
func (c *counter) Apply(r ingest.Record) []Out {
	if c.sees != nil {
		c.sees(r)
	}
	c.Replay(r)
	key := string(r.Key)
	c.total[key]++
	return []Out{
		{Topic: "answers", Key: r.Key, Value: fmt.Appendf(nil, "%s", r.Value), Headers: []ingest.Header{
			{Key: "why", Value: fmt.Appendf(nil, "%d %v", c.total[key], c.recent[key])}}},
		{Topic: "people", Key: r.Key, Value: fmt.Appendf(nil, "%d", c.total[key])},
	}
}

// job runs Transform in the background.
type job struct {
	cancel context.CancelFunc
	ended  chan error
	ready  chan struct{}
}

func startJob(t *testing.T, cfg TransformConfig, newFold func(int32) Fold) *job {
	t.Helper()
	ctx, cancel := context.WithCancel(limit(t, 55*time.Second))
	j := &job{cancel: cancel, ended: make(chan error, 1), ready: make(chan struct{})}
	cfg.OnReady = func() { close(j.ready) }
	done := make(chan struct{})
	go func() {
		defer close(done)
		err := Transform(ctx, cfg, named(cfg, newFold))
		j.ended <- err
		if err != nil {
			t.Logf("job %s ended: %v", cfg.TransactionalID, err)
		}
	}()
	t.Cleanup(func() { cancel(); <-done })
	return j
}

func (j *job) waitReady(t *testing.T) {
	t.Helper()
	select {
	case <-j.ready:
	case err := <-j.ended:
		t.Fatalf("job ended before it was ready: %v", err)
	case <-time.After(20 * time.Second):
		t.Fatal("job was not ready in 20 s")
	}
}

func (j *job) stop(t *testing.T) {
	t.Helper()
	j.cancel()
	if err := <-j.ended; err != nil {
		t.Error(err)
	}
}

func transformTopics(t *testing.T, cfg Config, partitions int) TransformConfig {
	t.Helper()
	createTopic(t, cfg, Topic{Name: cfg.in("events"), Partitions: partitions})
	createTopic(t, cfg, Topic{Name: cfg.in("people"), Partitions: partitions, Compacted: true})
	createTopic(t, cfg, Topic{Name: cfg.in("answers"), Partitions: partitions})
	return TransformConfig{Config: cfg, Group: cfg.in("scorer"), Input: cfg.in("events"), State: cfg.in("people"),
		TransactionalID: cfg.in("scorer-1"), Lookback: time.Hour}
}

// answers waits until the answers topic holds want records and returns what
// each says about why, by value.
func answers(t *testing.T, cfg Config, want int) (whys map[string]string) {
	t.Helper()
	var got []ingest.Record
	waitFor(t, func() bool {
		got = readAll(t, cfg, cfg.in("answers"))
		return len(got) >= want
	})
	once(t, values(got), want)
	whys = map[string]string{}
	for _, r := range got {
		whys[string(r.Value)] = string(r.Headers[0].Value)
	}
	return whys
}

// uninterrupted is what one fold that saw everything would have answered.
func uninterrupted(keys, count int) map[string]string {
	c, whys := newCounter(), map[string]string{}
	for i := range count {
		rec := ingest.Record{Key: fmt.Appendf(nil, "k%d", i%keys), Value: fmt.Appendf(nil, "%d", i)}
		out := c.Apply(rec)[0]
		whys[string(out.Value)] = string(out.Headers[0].Value)
	}
	return whys
}

func compare(t *testing.T, got, want map[string]string) {
	t.Helper()
	for v, why := range want {
		if got[v] != why {
			t.Errorf("answer to %s is %q, want %q", v, got[v], why)
		}
	}
}

func fresh(int32) Fold { return newCounter() }

func TestEveryRecordIsAnsweredOnceAcrossRestarts(t *testing.T) {
	t.Parallel()
	for name, polled := range map[string]bool{"by the funnel": false, "polled": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, cfg := startBroker(t)
			tc := transformTopics(t, cfg, 2)
			tc.polled = polled
			for round := range 3 {
				j := startJob(t, tc, fresh)
				send(t, cfg, cfg.in("events"), 7, round*200, 200)
				answers(t, cfg, (round+1)*200)
				j.stop(t)
			}
			compare(t, answers(t, cfg, 600), uninterrupted(7, 600))
		})
	}
}

// TestFoldIsRebuiltFromStateAndLookback restarts with a lookback that covers
// only the recent values, which the state topic doesn't hold.
func TestFoldIsRebuiltFromStateAndLookback(t *testing.T) {
	t.Parallel()
	_, cfg := startBroker(t)
	tc := transformTopics(t, cfg, 1)
	tc.Lookback = 10 * time.Minute
	long := time.Now().Add(-24 * time.Hour).Truncate(time.Millisecond)
	sendAt(t, cfg, long, 0, 50)                 // long before
	sendAt(t, cfg, long.Add(time.Hour), 50, 20) // the recent past of the last record
	j := startJob(t, tc, fresh)
	answers(t, cfg, 70)
	j.stop(t)

	var mu sync.Mutex
	var replayed, restored []string
	j = startJob(t, tc, func(int32) Fold {
		return &spy{counter: newCounter(), mu: &mu, replayed: &replayed, restored: &restored}
	})
	j.waitReady(t)
	send(t, cfg, cfg.in("events"), 3, 70, 20)
	compare(t, answers(t, cfg, 90), uninterrupted(3, 90))
	j.stop(t)
	if len(replayed) != 20 || replayed[0] != "50" {
		t.Errorf("replayed %v, want what is within the lookback of the last folded record, by the log's clock", replayed)
	}
	if len(restored) != 70 {
		t.Errorf("restored %d records of the state topic, want 70", len(restored))
	}

	replayed, tc.Offsets = nil, 65
	j = startJob(t, tc, func(int32) Fold {
		return &spy{counter: newCounter(), mu: &mu, replayed: &replayed, restored: &restored}
	})
	j.waitReady(t)
	j.stop(t)
	if len(replayed) != 65 || replayed[0] != "25" {
		t.Errorf("replayed %v, want the last 65, since the time begins later", replayed)
	}
}

// spy records what a fold is rebuilt from.
type spy struct {
	*counter
	mu                 *sync.Mutex
	replayed, restored *[]string
}

func (s *spy) Replay(r ingest.Record) {
	*s.replayed = append(*s.replayed, string(r.Value))
	s.counter.Replay(r)
}

func (s *spy) Restore(r ingest.Record) {
	*s.restored = append(*s.restored, string(r.Value))
	s.counter.Restore(r)
}

// sendAt produces count values from `from`, all with one log time.
func sendAt(t *testing.T, cfg Config, seen time.Time, from, count int) {
	t.Helper()
	p, err := NewProducer(cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer closeProducer(t, p)
	for i := from; i < from+count; i++ {
		m := Message{Topic: cfg.in("events"), Key: fmt.Appendf(nil, "k%d", i%3), Value: fmt.Appendf(nil, "%d", i), Seen: seen}
		if err := p.Enqueue(t.Context(), m); err != nil {
			t.Fatal(err)
		}
	}
	if err := p.Flush(limit(t, 10*time.Second)); err != nil {
		t.Fatal(err)
	}
}

// TestFailedTransactionIsUndoneAndDoneAgain refuses, in the middle of the
// stream, one request of each kind that a transaction is made of.
func TestFailedTransactionIsUndoneAndDoneAgain(t *testing.T) {
	t.Parallel()
	faults := map[string]kfake.Fault{
		"output not written":   {Keys: []kmsg.Key{kmsg.Produce}, Topic: "answers", Err: kerr.TopicAuthorizationFailed},
		"state not written":    {Keys: []kmsg.Key{kmsg.Produce}, Topic: "people", Err: kerr.TopicAuthorizationFailed},
		"offsets refused":      {Keys: []kmsg.Key{kmsg.TxnOffsetCommit}, Err: kerr.IllegalGeneration},
		"partitions not added": {Keys: []kmsg.Key{kmsg.AddPartitionsToTxn}, Err: kerr.TopicAuthorizationFailed},
		"coordinator loading":  {Keys: []kmsg.Key{kmsg.EndTxn}, Err: kerr.CoordinatorLoadInProgress},
	}
	for name, fault := range faults {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b, cfg := startEmbedded(t)
			tc := transformTopics(t, cfg, 2)
			j := startJob(t, tc, fresh)
			j.waitReady(t)
			send(t, cfg, cfg.in("events"), 7, 0, 100)
			answers(t, cfg, 100)
			h := b.cluster.Fault(fault)
			send(t, cfg, cfg.in("events"), 7, 100, 100)
			compare(t, answers(t, cfg, 200), uninterrupted(7, 200))
			if h.Hits() == 0 {
				t.Error("the fault hit nothing: this test shows nothing")
			}
			j.stop(t)
		})
	}
}

func TestWhatFailsEachTimeEndsTheJob(t *testing.T) {
	t.Parallel()
	b, cfg := startEmbedded(t)
	tc := transformTopics(t, cfg, 1)
	refuse(b, cfg.in("answers"), -1)
	send(t, cfg, cfg.in("events"), 3, 0, 10)
	mustContain(t, Transform(limit(t, 40*time.Second), tc, fresh), cfg.in("answers"), "authorization")
	if got := committedOffset(t, cfg, cfg.in("scorer"), slot{cfg.in("events"), 0}); got >= 0 {
		t.Errorf("offset %d is committed without its output", got)
	}
}

// TestKilledBeforeTheCommitAnswersOnce kills the job when its output is written
// but not committed: the broker never hears of it again.
func TestKilledBeforeTheCommitAnswersOnce(t *testing.T) {
	t.Parallel()
	b, cfg := startEmbedded(t)
	tc := transformTopics(t, cfg, 1)
	j := startJob(t, tc, fresh)
	j.waitReady(t)
	send(t, cfg, cfg.in("events"), 7, 0, 100)
	answers(t, cfg, 100)
	// EndTxn is never answered again, so the commit hangs as in a process that died.
	end := b.cluster.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.EndTxn}, TopLevel: true, Err: kerr.CoordinatorLoadInProgress, Count: -1})
	send(t, cfg, cfg.in("events"), 7, 100, 100)
	if err := end.Wait(limit(t, 10*time.Second), 1); err != nil {
		t.Fatal(err)
	}
	if got := len(readAll(t, cfg, cfg.in("answers"))); got != 100 {
		t.Fatalf("%d answers are readable before the commit, want 100", got)
	}
	// The new one has the same transactional id: it aborts what is open, and
	// whenever the old one is heard again it is refused.
	next := startJob(t, tc, fresh)
	next.waitReady(t)
	end.Remove()
	select {
	case err := <-j.ended:
		mustContain(t, err, fmt.Sprintf("another process has taken over transactional id %q", cfg.in("scorer-1")))
	case <-time.After(40 * time.Second):
		t.Fatal("the old job still runs")
	}
	compare(t, answers(t, cfg, 200), uninterrupted(7, 200))
	next.stop(t)
}

func TestASecondProcessWithTheSameIDFencesTheFirst(t *testing.T) {
	t.Parallel()
	_, cfg := startBroker(t)
	tc := transformTopics(t, cfg, 1)
	first := startJob(t, tc, fresh)
	first.waitReady(t)
	send(t, cfg, cfg.in("events"), 3, 0, 10)
	answers(t, cfg, 10)
	second := startJob(t, tc, fresh)
	for n := 10; ; n += 10 {
		send(t, cfg, cfg.in("events"), 3, n, 10)
		select {
		case err := <-first.ended:
			mustContain(t, err, fmt.Sprintf("another process has taken over transactional id %q", cfg.in("scorer-1")))
			compare(t, answers(t, cfg, n+10), uninterrupted(3, n+10))
			second.stop(t)
			return
		case <-time.After(100 * time.Millisecond):
			if n > 500 {
				t.Fatal("both go on writing")
			}
		}
	}
}

// TestASecondProcessAsTheSameInstanceSendsTheFirstAway, which says why and what to do.
func TestASecondProcessAsTheSameInstanceSendsTheFirstAway(t *testing.T) {
	t.Parallel()
	_, cfg := startBroker(t)
	tc := transformTopics(t, cfg, 1)
	tc.Instance = cfg.in("one")
	first := startJob(t, tc, fresh)
	first.waitReady(t)
	tc.TransactionalID = cfg.in("scorer-2")
	second := startJob(t, tc, fresh)
	select {
	case err := <-first.ended:
		mustContain(t, err, "another process has joined the group as the same instance", "started again")
	case <-time.After(20 * time.Second):
		t.Fatal("both go on reading")
	}
	send(t, cfg, cfg.in("events"), 3, 0, 10)
	answers(t, cfg, 10)
	second.stop(t)
}

// TestRebalanceMovesFolds has a second scorer join and the first leave while
// events arrive: each answer is as if one fold had seen everything.
func TestRebalanceMovesFolds(t *testing.T) {
	t.Parallel()
	_, cfg := startBroker(t)
	tc := transformTopics(t, cfg, 4)
	first := startJob(t, tc, fresh)
	first.waitReady(t)
	send(t, cfg, cfg.in("events"), 23, 0, 200)
	answers(t, cfg, 200)

	var mu sync.Mutex
	seen := map[int32]int{}
	tc.TransactionalID = cfg.in("scorer-2")
	second := startJob(t, tc, func(number int32) Fold {
		c := newCounter()
		c.sees = func(r ingest.Record) {
			mu.Lock()
			defer mu.Unlock()
			seen[r.Partition]++
		}
		return c
	})
	n := 200
	for ; n < 3000; n += 50 {
		send(t, cfg, cfg.in("events"), 23, n, 50)
		mu.Lock()
		moved := len(seen)
		mu.Unlock()
		if moved == 2 {
			break
		}
	}
	n += 50
	mu.Lock()
	if len(seen) != 2 {
		t.Errorf("second member folds partitions %v, want two", maps.Clone(seen))
	}
	mu.Unlock()
	answers(t, cfg, n)
	first.stop(t)
	send(t, cfg, cfg.in("events"), 23, n, 100)
	compare(t, answers(t, cfg, n+100), uninterrupted(23, n+100))
	second.stop(t)
}

func TestTransformRefusesALogGap(t *testing.T) {
	t.Parallel()
	_, cfg := startBroker(t)
	tc := transformTopics(t, cfg, 1)
	j := startJob(t, tc, fresh)
	send(t, cfg, cfg.in("events"), 3, 0, 10)
	answers(t, cfg, 10)
	j.stop(t)
	send(t, cfg, cfg.in("events"), 3, 10, 10)
	deleteBefore(t, cfg, slot{cfg.in("events"), 0}, 15)
	err := Transform(limit(t, 20*time.Second), tc, fresh)
	mustContain(t, err, "log gap: "+cfg.in("events")+"/0 is to be read from offset 10, but the log begins at 15")
}

func TestTransformWithoutStateTopic(t *testing.T) {
	t.Parallel()
	_, cfg := startBroker(t)
	tc := transformTopics(t, cfg, 1)
	tc.State = ""
	j := startJob(t, tc, fresh)
	send(t, cfg, cfg.in("events"), 3, 0, 10)
	answers(t, cfg, 10)
	j.stop(t)
}

func TestStateMustBePartitionedLikeTheInput(t *testing.T) {
	t.Parallel()
	_, cfg := startBroker(t)
	tc := transformTopics(t, cfg, 2)
	createTopic(t, cfg, Topic{Name: cfg.in("three"), Partitions: 3})
	tc.State = cfg.in("three")
	mustContain(t, Transform(limit(t, 10*time.Second), tc, fresh), fmt.Sprintf("%s has 3 partitions and %s has 2", cfg.in("three"), cfg.in("events")))
}

func TestTransformWithoutABrokerSaysSo(t *testing.T) {
	t.Parallel()
	err := Transform(t.Context(), TransformConfig{Config: Config{Brokers: "127.0.0.1:9"}}, fresh)
	mustContain(t, err, "kafka: no broker answers at 127.0.0.1:9")
	if errors.Is(err, context.Canceled) {
		t.Error("as if it had been cancelled")
	}
}
