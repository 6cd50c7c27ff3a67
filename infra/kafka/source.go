package kafka

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
	"github.com/titrate/titrate/ingest"
)

const (
	batchRecords = 16_384                 // records at most in one Fetch
	idle         = 500 * time.Millisecond // how long one Fetch waits for records
	pollMs       = 50                     // how long a poll may ignore a cancelled context
	funnelItems  = 4096                   // messages at most in one call of the library
)

// Source reads topics as one member of a consumer group. It is not safe for
// concurrent use. It implements [ingest.Source].
//
// While a backlog lasts, the next batch is taken while the caller is busy with the last
// one (ahead.go).
type Source struct {
	registry *Registry // may be nil
	consumer *kafka.Consumer
	admin    *kafka.AdminClient
	funnel   *funnel // nil: messages come by Poll, as everything else does
	lag      *Lag
	pulse    pulse
	sink     ingest.Sink
	topics   []string
	group    string

	owned    map[slot]string // topic id of each partition assigned to this member
	progress *progress
	told     bool              // that all of it was read, by the last Fetch
	batch    []ingest.Record   // what was taken since the last Fetch returned
	handed   []ingest.Record   // what it returned
	ahead    chan struct{}     // closed once nothing is read ahead any more, nil if nothing is
	wanting  map[slot]struct{} // partitions assigned to this member that can't be begun yet
	outage   error             // why
	run      run               // of the batch's records, the last

	// The client library calls back from inside Poll and passes neither a
	// context nor an error on; they wait here for the Fetch under way.
	ctx     context.Context
	failure error
	closing bool
}

// OpenSource joins group to read topics into sink. It fails if no broker
// answers or a topic doesn't exist. Nothing is read, and sink is not called,
// before the first Fetch.
func OpenSource(cfg Config, topics []string, group string, sink ingest.Sink) (*Source, error) {
	if err := reach(cfg); err != nil {
		return nil, err
	}
	consumer, err := newMember(cfg, group, kafka.ConfigMap{"enable.partition.eof": true})
	if err != nil {
		return nil, err
	}
	s := &Source{consumer: consumer, registry: cfg.Registry, funnel: openFunnel(consumer), pulse: pulse{consumer: consumer, brokers: cfg.Brokers}, lag: cfg.Lag, sink: sink,
		topics: topics, group: group,
		owned: map[slot]string{}, wanting: map[slot]struct{}{}, progress: newProgress(), ctx: context.Background()}
	if err := s.join(topics); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	s.lag.watch(consumer)
	return s, nil
}

// newMember makes a consumer that can be a member of group, with rules of its own.
//
// auto.offset.reset=error: "latest" skips what arrived between a reset and the
// next poll, "earliest" reads months again, both without a word.
// fetch.queue.backoff.ms and queued.min.messages: with the defaults the fetcher
// pauses a second each time its queue is full, and Poll idles meanwhile.
// queued.max.messages.kbytes: the default prefetches 64 MB, and what the library
// keeps of a message beside its payload is three times as much.
// max.partition.fetch.bytes: a batch should be of several partitions, which are
// then judged side by side; and a response's messages are held until all are taken.
func newMember(cfg Config, group string, own kafka.ConfigMap) (*kafka.Consumer, error) {
	rules := kafka.ConfigMap{
		"group.id":                      group,
		"partition.assignment.strategy": "cooperative-sticky",
		"enable.auto.commit":            false,
		"enable.auto.offset.store":      false,
		"auto.offset.reset":             "error",
		"isolation.level":               "read_committed",
	}
	maps.Copy(rules, own)
	c, err := kafka.NewConsumer(cfg.client(kafka.ConfigMap{
		"session.timeout.ms":         10_000,
		"heartbeat.interval.ms":      500, // a rebalance is noticed at a heartbeat
		"fetch.wait.max.ms":          100,
		"fetch.queue.backoff.ms":     5,
		"queued.min.messages":        200_000,
		"queued.max.messages.kbytes": 16_384,
		"max.partition.fetch.bytes":  256 << 10,
	}, rules))
	if err != nil {
		return nil, fmt.Errorf("kafka: %w", err)
	}
	return c, nil
}

func (s *Source) join(topics []string) (err error) {
	if s.admin, err = kafka.NewAdminClientFromConsumer(s.consumer); err != nil {
		return fmt.Errorf("kafka: %w", err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), answerMs*time.Millisecond)
	defer cancel()
	if _, err := describe(ctx, s.admin, topics...); err != nil {
		return err
	}
	if err := s.consumer.SubscribeTopics(topics, s.rebalance); err != nil {
		return fmt.Errorf("kafka: subscribe: %w", err)
	}
	return nil
}

// sourceArena is more than the values and keys of a batch mostly need, in bytes.
const sourceArena = 8 << 20

// Fetch returns up to 16,384 records, waiting for the first half a second at
// most. Offset gaps, brokers gone for a minute and errors of the sink's Assign
// are returned; after one, unless it is an outage of the sink, the Source can only
// be closed.
func (s *Source) Fetch(ctx context.Context) (ingest.Batch, error) {
	s.ctx = ctx
	s.rejoin()
	if err := s.settle(); err != nil {
		return ingest.Batch{}, err
	}
	for deadline := time.Now().Add(idle); ; {
		if err := s.drain(pollMs); err != nil {
			return ingest.Batch{}, err
		}
		done := s.progress.done()
		waited := !time.Now().Before(deadline)
		if waited && !done {
			done = s.spare(ctx)
		}
		if len(s.batch) > 0 || done != s.told || waited {
			s.told = done
			records := s.hand()
			return ingest.Batch{Records: records, CaughtUp: done}, s.registry.decodeAll(ctx, records)
		}
		if err := ctx.Err(); err != nil {
			return ingest.Batch{}, err
		}
	}
}

// drain waits for one event or message and then takes all that is there.
func (s *Source) drain(waitMs int) error {
	if s.funnel == nil {
		return s.poll(waitMs)
	}
	if err := s.poll(0); err != nil {
		return err
	}
	if len(s.batch) > 0 {
		waitMs = 0
	}
	s.fill(waitMs)
	return s.failure
}

// fill takes messages from the funnel until a batch is full or none is there.
func (s *Source) fill(waitMs int) {
	for len(s.batch) < batchRecords && s.failure == nil {
		n := s.funnel.take(waitMs, batchRecords-len(s.batch), s.add, s.refused)
		s.endRun()
		if n == 0 {
			break
		}
		waitMs = 0
	}
}

// poll takes what the client library has to tell.
func (s *Source) poll(waitMs int) error {
	for len(s.batch) < batchRecords {
		ev := s.consumer.Poll(waitMs)
		if s.failure != nil {
			return s.failure
		}
		if ev == nil {
			return s.pulse.check()
		}
		if err := s.take(ev); err != nil {
			return err
		}
		waitMs = 0
	}
	return nil
}

// take handles one event of the log.
func (s *Source) take(ev kafka.Event) error {
	switch ev := ev.(type) {
	case *kafka.Message:
		s.add(record(ev))
		s.endRun()
	case kafka.PartitionEOF:
		s.progress.reach(slotOf(kafka.TopicPartition(ev)), int64(ev.Offset))
	case kafka.Error:
		return s.pulse.hear(ev)
	}
	return nil
}

// run is records of one partition that came one after the other: most do, and
// what is known of the partition is then looked up once.
type run struct {
	at   slot
	mine bool
	next int64 // the offset behind the last record
}

// add takes a record, unless its partition was given away meanwhile.
func (s *Source) add(r ingest.Record) {
	if at := (slot{r.Topic, r.Partition}); at != s.run.at {
		s.endRun()
		_, mine := s.owned[at]
		s.run = run{at: at, mine: mine}
	}
	if s.run.mine {
		s.batch = append(s.batch, r)
		s.run.next = r.Offset + 1
	}
}

// endRun says how far the run was read and forgets it: assignments change between
// calls of the library, not within one.
func (s *Source) endRun() {
	if s.run.mine {
		s.progress.reach(s.run.at, s.run.next)
	}
	s.run = run{}
}

// refused handles what the funnel says of a partition instead of giving a message.
func (s *Source) refused(at slot, code kafka.ErrorCode, offset int64, text string) {
	if code == kafka.ErrPartitionEOF {
		s.progress.reach(at, offset)
		return
	}
	if err := s.pulse.hear(kafka.NewError(code, text, false)); err != nil && s.failure == nil {
		s.failure = err
	}
}

// Commit publishes positions of partitions that are still this member's.
//
// A member that was thrown out of its group doesn't know it until it polls. If
// it committed meanwhile, the new owner's later position would be overwritten
// by an earlier one. So nothing is sent after AssignmentLost, and the broker's
// refusal of an old generation is no error: the new owner publishes.
func (s *Source) Commit(_ context.Context, positions []ingest.Position) error {
	var mine []kafka.TopicPartition
	for _, p := range positions {
		at := slot{p.Partition.Topic, p.Partition.Number}
		if s.owned[at] == p.Partition.TopicID && p.Partition.TopicID != "" {
			mine = append(mine, at.at(p.Next))
		}
	}
	if len(mine) == 0 || s.consumer.AssignmentLost() {
		return nil
	}
	_, err := s.consumer.CommitOffsets(mine)
	if err != nil && !superseded(err) {
		return fmt.Errorf("kafka: commit offsets: %w", err)
	}
	return nil
}

// superseded reports whether the group has moved on without this member.
func superseded(err error) bool {
	var e kafka.Error
	if !errors.As(err, &e) {
		return false
	}
	switch e.Code() {
	case kafka.ErrIllegalGeneration, kafka.ErrUnknownMemberID, kafka.ErrRebalanceInProgress, kafka.ErrFencedInstanceID:
		return true
	}
	return false
}

// Close leaves the group and waits until that is done. The sink is not called.
func (s *Source) Close() error {
	s.rejoin()
	s.closing = true
	s.lag.watch(nil)
	if s.funnel != nil {
		s.funnel.close()
		s.funnel = nil
	}
	if err := s.consumer.Close(); err != nil {
		return fmt.Errorf("kafka: close consumer: %w", err)
	}
	return nil
}

// record is a message as the log holds it. Key and value are copies already.
func record(m *kafka.Message) ingest.Record {
	r := ingest.Record{
		Topic: *m.TopicPartition.Topic, Partition: m.TopicPartition.Partition, Offset: int64(m.TopicPartition.Offset),
		Seen: m.Timestamp.UTC(), Key: m.Key, Value: m.Value,
	}
	for _, h := range m.Headers {
		r.Headers = append(r.Headers, ingest.Header{Key: h.Key, Value: h.Value})
	}
	return r
}
