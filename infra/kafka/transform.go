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

// TransformConfig describes a job that reads one topic and writes others, where
// each record's effects are seen exactly once.
type TransformConfig struct {
	Config
	Group string
	Input string
	// State is a compacted topic with Input's partitioning; empty means none.
	State string
	// TransactionalID names this member: one running process at a time has it.
	// With the same id as before, a restart ends its predecessor's transaction
	// at once; with another, readers wait for that transaction's timeout.
	TransactionalID string
	// Instance makes this process the same member of the group after a restart: it has
	// its partitions back at once, where the group would wait for the timeout of a
	// member that died. In return its partitions wait as long when it stops for good.
	// Empty: a new member each time. Two running processes must not share one.
	Instance string
	// Lookback is how much log time before the last folded record is replayed, and
	// Offsets how many offsets before the next one: whichever begins earlier.
	Lookback time.Duration
	Offsets  int64
	// OnReady is called once, when the first assignment is rebuilt. May be nil.
	OnReady func()

	polled bool // without the funnel, for tests
}

// member is the config of the group's member.
func (c TransformConfig) member() Config {
	cfg := c.Config
	cfg.Properties = map[string]string{"session.timeout.ms": sessionTimeout, "queued.max.messages.kbytes": prefetched, "socket.timeout.ms": silence}
	maps.Copy(cfg.Properties, c.Properties)
	if c.Instance != "" {
		cfg.Properties["group.instance.id"] = c.Instance
	}
	return cfg
}

// prefetched is how many KB of records wait in the client: two transactions full of
// events. The library takes about four times that while there is much to catch up with,
// and doesn't give it back.
const prefetched = "4096"

// silence is for how many milliseconds a broker may not answer before it is asked again on
// another connection. One that lost its power leaves the connection as it is, and the
// library's minute is a minute without advice. A broker holds a fetch back for a tenth of
// a second at most, and a join as long as the group's rebalance takes: that has a limit of
// its own.
const silence = "10000"

// sessionTimeout is after how many milliseconds a silent member's partitions go to
// others: the least that Apache Kafka allows unless told otherwise.
const sessionTimeout = "6000"

const (
	transformRecords = 10_000                 // records at most in one transaction
	transformArena   = 2 << 20                // bytes for the values and keys of one batch; what has no room lies elsewhere
	transformSilence = 100 * time.Millisecond // how long records that have no output wait for a commit
	transformCrowd   = 1_000                  // records from which on partitions are folded side by side
	transformBacklog = 100_000                // records in such crowds from which on there is memory to give back behind them
	transformRetries = 5                      // transactions in a row that may fail
	commitGrace      = 30 * time.Second       // for work in hand, also after ctx ended
	transactionMs    = 15_000                 // after which the broker aborts for us
)

// Transform folds Input until ctx ends and then returns nil. For each batch that
// it finds, it writes the folds' answers and the consumed offsets in one
// transaction: after a crash at any moment, either both are there or neither.
// Records without an answer wait for the next transaction, a tenth of a second at
// most, so that an answer doesn't wait for theirs; after a crash they are applied
// again, and have no answer again.
//
// newFold makes the empty fold of a partition. A transaction that fails is
// aborted, its partitions' folds are rebuilt from the log, and its records are
// applied again. Another process with the same TransactionalID, a log gap or an
// unreachable broker end the job with an error.
func Transform(ctx context.Context, cfg TransformConfig, newFold func(partition int32) Fold) error {
	if err := reach(cfg.Config); err != nil {
		return err
	}
	t := &transform{cfg: cfg, newFold: newFold, folds: map[int32]*folding{}, crowd: map[int32][]int32{}, uncommitted: map[int32]bool{}, ctx: ctx}
	if err := t.open(ctx); err != nil {
		return errors.Join(err, t.close())
	}
	return errors.Join(t.run(ctx), t.close())
}

// transform is one running job.
type transform struct {
	cfg      TransformConfig
	newFold  func(int32) Fold
	consumer *kafka.Consumer
	funnel   *funnel // nil: records come by Poll, as rebalances do
	pulse    pulse
	writer   *writer
	reader   *reader

	folds map[int32]*folding // of the partitions assigned to this member
	batch []ingest.Record
	// crowd is the places in batch of each partition's records, in memory that is used again.
	crowd map[int32][]int32
	// backlog is how many records came in crowds since memory was given back.
	backlog int
	outs    []placed // what the folds answered since the last commit
	// written is how many of outs are in the transaction under way, if begun, and unsaid
	// why no more can be.
	written int
	begun   bool
	unsaid  error
	// uncommitted are the partitions that were folded further than is committed, and
	// since is when the first of those records was.
	uncommitted map[int32]bool
	since       time.Time
	// aborted is how many transactions in a row have failed.
	aborted int

	// For the callbacks from inside Poll, as in Source.
	ctx     context.Context
	failure error
	closing bool
	ready   bool
}

func (t *transform) open(ctx context.Context) (err error) {
	if t.reader, err = openReader(t.cfg.Config, 10*time.Millisecond); err != nil {
		return err
	}
	topics := []string{t.cfg.Input}
	if t.cfg.State != "" {
		topics = append(topics, t.cfg.State)
	}
	found, err := describe(ctx, t.reader.admin, topics...)
	if err != nil {
		return err
	}
	if t.cfg.State != "" && len(found[t.cfg.State].slots) != len(found[t.cfg.Input].slots) {
		return fmt.Errorf("kafka: topic %s has %d partitions and %s has %d: a person's state must lie in the partition of the events; make them equal",
			t.cfg.State, len(found[t.cfg.State].slots), t.cfg.Input, len(found[t.cfg.Input].slots))
	}
	if t.writer, err = openWriter(ctx, t.cfg.Config, t.cfg.TransactionalID); err != nil {
		return err
	}
	if t.consumer, err = newMember(t.cfg.member(), t.cfg.Group, nil); err != nil {
		return err
	}
	t.pulse = pulse{consumer: t.consumer, brokers: t.cfg.Brokers}
	if !t.cfg.polled {
		t.funnel = openFunnel(t.consumer)
	}
	if err := t.consumer.SubscribeTopics([]string{t.cfg.Input}, t.rebalance); err != nil {
		return fmt.Errorf("kafka: subscribe: %w", err)
	}
	t.cfg.Lag.watch(t.consumer)
	return nil
}

// run transforms batch after batch. Poll, and so every rebalance, happens only
// between transactions and before the records of a batch are taken: a partition can't be revoked between applying its
// records and committing them without the broker refusing the commit.
func (t *transform) run(ctx context.Context) error {
	for ctx.Err() == nil {
		err := t.gather()
		if err == nil {
			err = t.cfg.Registry.decodeAll(ctx, t.batch)
		}
		if err == nil {
			t.apply(ctx)
		}
		if err == nil && t.due() {
			err = t.process(ctx)
		}
		if err != nil && (ctx.Err() == nil || !errors.Is(err, ctx.Err())) {
			return err
		}
	}
	if len(t.uncommitted) == 0 {
		return nil
	}
	if err := t.process(ctx); err != nil && !errors.Is(err, ctx.Err()) {
		return err
	}
	return nil
}

// due tells whether there is something to commit that shouldn't wait.
func (t *transform) due() bool {
	return len(t.outs) > 0 || len(t.uncommitted) > 0 && time.Since(t.since) >= transformSilence
}

// gather takes what is there now. Nothing waits for a batch to fill: while one
// transaction commits, the next batch arrives.
//
// Records of partitions that were revoked, or rewound, may still be in the funnel. The
// library knows them by their version and drops them.
func (t *transform) gather() error {
	t.batch = t.batch[:0]
	if t.funnel == nil {
		return t.poll(pollMs)
	}
	t.funnel.reuse(transformArena) // the last batch is folded, and what it answered written
	if err := t.poll(0); err != nil {
		return err
	}
	for wait := pollMs; len(t.batch) < transformRecords; wait = 0 {
		if t.funnel.take(wait, transformRecords-len(t.batch), t.add, t.refused) == 0 {
			break
		}
	}
	if len(t.batch) >= transformCrowd {
		t.backlog += len(t.batch)
	} else if t.backlog >= transformBacklog {
		t.funnel.trim()
		t.backlog = 0
	}
	return t.failure
}

func (t *transform) add(rec ingest.Record) {
	if t.folds[rec.Partition] != nil {
		t.batch = append(t.batch, rec)
	}
}

// refused handles what the funnel says of a partition instead of giving a message.
func (t *transform) refused(_ slot, code kafka.ErrorCode, _ int64, text string) {
	if err := t.pulse.hear(kafka.NewError(code, text, false)); err != nil && t.failure == nil {
		t.failure = err
	}
}

// poll takes what the client library has to tell, waiting so long for the first of it.
func (t *transform) poll(wait int) error {
	for ; len(t.batch) < transformRecords; wait = 0 {
		ev := t.consumer.Poll(wait)
		if t.failure != nil {
			return t.failure
		}
		switch ev := ev.(type) {
		case nil:
			return t.pulse.check()
		case *kafka.Message:
			t.add(record(ev))
		case kafka.Error:
			if err := t.pulse.hear(ev); err != nil {
				return err
			}
		}
	}
	return nil
}

// process makes one transaction of what was folded, or rebuilds the folds: they have
// already taken records whose effects are now undone. What fails each time, such
// as a topic that may not be written, ends the job.
//
// Work in hand is committed or undone even if ctx ends meanwhile.
func (t *transform) process(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), commitGrace)
	defer cancel()
	err := t.commit(ctx)
	t.outs, t.written, t.begun, t.unsaid = t.outs[:0], 0, false, nil
	if err == nil {
		t.aborted = 0
		clear(t.uncommitted)
		return nil
	}
	t.aborted++
	undone := t.undo(ctx, err)
	if fencing(err) || t.aborted > transformRetries {
		return err
	}
	if undone != nil {
		return errors.Join(err, undone)
	}
	time.Sleep(time.Duration(t.aborted) * 20 * time.Millisecond)
	return t.rewind(t.ctx) // may take longer than a commit, and may be given up
}

// undo aborts the transaction. That is not always enough: a broker that never
// saw it begin refuses the abort, and the client gives up for good; a client
// whose batch was refused in the middle of others can go on to skip sequence
// numbers. A new client under the same id starts clean. Not so if another
// process has the id now: the two would fence each other for ever.
func (t *transform) undo(ctx context.Context, why error) error {
	err := t.writer.abort(ctx)
	if fencing(why) || fencing(err) || t.writer.fenced() || err != nil && !t.writer.broken() {
		return err
	}
	if err == nil && t.aborted == 1 {
		return nil
	}
	t.writer.close()
	t.writer, err = openWriter(ctx, t.cfg.Config, t.cfg.TransactionalID)
	return err
}

// say writes the answers that aren't yet, in a transaction that it begins if need be.
// The library asks the broker to add a partition to a transaction only a millisecond
// after the first record for it: the sooner that is, the more of this time the rest of
// the batch is folded in. Nothing polls before the commit. What fails is the commit's to
// tell.
func (t *transform) say(ctx context.Context) {
	if t.unsaid == nil && !t.begun {
		t.unsaid = t.writer.begin()
		t.begun = t.unsaid == nil
	}
	for ; t.unsaid == nil && t.written < len(t.outs); t.written++ {
		out := &t.outs[t.written]
		t.unsaid = t.writer.write(ctx, out.Out, t.place(out.Out, out.folded))
	}
}

// commit writes what isn't yet, adds the offsets, and commits.
//
// A member that lost its partitions without noticing must not commit: another
// one has them. Asking here is only to save work. What protects is the group's
// generation in the metadata: the broker refuses offsets of an old one, and the
// transaction is aborted with all its output.
func (t *transform) commit(ctx context.Context) error {
	if t.say(ctx); t.unsaid != nil {
		return t.unsaid
	}
	if t.consumer.AssignmentLost() {
		return errLost
	}
	var offsets []kafka.TopicPartition
	for number := range t.uncommitted {
		f := t.folds[number]
		at := slot{t.cfg.Input, number}.at(f.next)
		mark := f.seen.Format(time.RFC3339Nano)
		at.Metadata = &mark
		offsets = append(offsets, at)
	}
	if err := t.writer.consumed(ctx, offsets, t.consumer); err != nil {
		return err
	}
	return t.writer.commit(ctx)
}

// place is the partition that out goes to.
func (t *transform) place(out Out, folded int32) int32 {
	if out.Topic == t.cfg.State && t.cfg.State != "" {
		return folded
	}
	return kafka.PartitionAny
}

// close leaves the group first, so that another member can take over while the
// rest is freed.
func (t *transform) close() error {
	t.closing = true
	t.cfg.Lag.watch(nil)
	var err error
	if t.funnel != nil {
		t.funnel.close()
	}
	if t.consumer != nil {
		err = t.consumer.Close()
	}
	if t.writer != nil {
		t.writer.close()
	}
	if t.reader != nil {
		err = errors.Join(err, t.reader.close())
	}
	return err
}
