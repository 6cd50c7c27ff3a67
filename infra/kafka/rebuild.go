package kafka

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
	"github.com/titrate/titrate/ingest"
)

// rebalance answers the client library from inside Poll; see Source.rebalance.
func (t *transform) rebalance(_ *kafka.Consumer, ev kafka.Event) error {
	var err error
	switch ev := ev.(type) {
	case kafka.AssignedPartitions:
		err = t.assign(numbers(ev.Partitions))
	case kafka.RevokedPartitions:
		err = t.revoke(ev.Partitions)
	}
	if err != nil && t.failure == nil {
		t.failure = err
	}
	return nil
}

func numbers(parts []kafka.TopicPartition) []int32 {
	var ns []int32
	for _, p := range parts {
		ns = append(ns, p.Partition)
	}
	return ns
}

func (t *transform) assign(parts []int32) error {
	var starts []kafka.TopicPartition
	var err error
	if !t.closing && t.failure == nil {
		starts, err = t.rebuild(t.ctx, parts)
	}
	if err != nil {
		starts = nil
	}
	if t.funnel != nil {
		for _, tp := range starts {
			t.funnel.join(slotOf(tp))
		}
	}
	if e := t.consumer.IncrementalAssign(starts); e != nil && err == nil {
		err = fmt.Errorf("kafka: assign: %w", e)
	}
	if err == nil && !t.closing && !t.ready {
		t.ready = true
		if t.cfg.OnReady != nil {
			t.cfg.OnReady()
		}
	}
	return err
}

// revoke forgets folds, and records of theirs that were gathered but not yet
// applied, or not committed because they had no answer: the new owner applies them.
func (t *transform) revoke(parts []kafka.TopicPartition) error {
	for _, number := range numbers(parts) {
		delete(t.folds, number)
		delete(t.uncommitted, number)
		t.batch = slices.DeleteFunc(t.batch, func(r ingest.Record) bool { return r.Partition == number })
	}
	if err := t.consumer.IncrementalUnassign(parts); err != nil {
		return fmt.Errorf("kafka: unassign: %w", err)
	}
	return nil
}

// rewind goes back to what is committed after an abort. The folds of the batch
// have seen records that now never happened.
func (t *transform) rewind(ctx context.Context) error {
	parts := slices.Sorted(maps.Keys(t.uncommitted))
	clear(t.uncommitted)
	if t.consumer.AssignmentLost() {
		// They are no longer ours to seek in. The next Poll revokes them, and
		// records that it yields before find no fold.
		for _, number := range parts {
			delete(t.folds, number)
		}
		return nil
	}
	starts, err := t.rebuild(ctx, parts)
	if err != nil {
		return err
	}
	sought, err := t.consumer.SeekPartitions(starts)
	if err != nil {
		return fmt.Errorf("kafka: seek: %w", err)
	}
	for _, tp := range sought {
		if tp.Error != nil {
			return fmt.Errorf("kafka: seek %s: %w", slotOf(tp), tp.Error)
		}
	}
	return nil
}

// rebuild makes the folds of partitions as they were when their offsets were
// committed, and returns where to read on.
//
// The order is what makes it right. First the committed offsets, which the
// broker withholds while a transaction of the previous owner is pending. Then
// the state topic to its high watermark, waiting for markers that are still on
// their way: a commit is acknowledged before its marker is in every partition,
// so whoever reads only what is visible now can miss the last state that
// belongs to the offset. The other way round, the previous owner commits
// between the two, and its last records are neither in the state nor applied.
func (t *transform) rebuild(ctx context.Context, parts []int32) ([]kafka.TopicPartition, error) {
	if len(parts) == 0 {
		return nil, nil
	}
	starts, err := t.starts(ctx, parts)
	if err != nil {
		return nil, err
	}
	for _, number := range parts {
		t.folds[number].fold = t.newFold(number)
	}
	if err := t.restore(ctx, parts); err != nil {
		return nil, fmt.Errorf("restore state: %w", err)
	}
	if err := t.replay(ctx, parts); err != nil {
		return nil, fmt.Errorf("replay: %w", err)
	}
	return starts, nil
}

// starts finds the committed offset and log time of each partition. One that
// was never read starts where its log begins.
func (t *transform) starts(ctx context.Context, parts []int32) ([]kafka.TopicPartition, error) {
	slots := t.slots(t.cfg.Input, parts)
	committed, err := t.committed(ctx, slots)
	if err != nil {
		return nil, err
	}
	low, end, err := bounds(ctx, t.reader.admin, slots, kafka.IsolationLevelReadUncommitted)
	if err != nil {
		return nil, err
	}
	var starts []kafka.TopicPartition
	for _, tp := range committed {
		at := slotOf(tp)
		f := &folding{next: int64(tp.Offset), low: low[at]}
		if tp.Offset < 0 {
			f.next = low[at]
		} else if err := gap(at, f.next, low[at], end[at]); err != nil {
			return nil, err
		}
		if tp.Metadata != nil {
			f.seen, _ = time.Parse(time.RFC3339Nano, *tp.Metadata) // another tool's commit: no lookback
		}
		t.folds[at.number] = f
		starts = append(starts, at.at(f.next))
	}
	return starts, nil
}

func (t *transform) slots(topic string, parts []int32) []slot {
	slots := make([]slot, len(parts))
	for i, number := range parts {
		slots[i] = slot{topic, number}
	}
	return slots
}

// committed asks the group's offsets, waiting while a transaction that a dead
// member left behind holds them back.
func (t *transform) committed(ctx context.Context, slots []slot) ([]kafka.TopicPartition, error) {
	asked := make([]kafka.TopicPartition, len(slots))
	for i, at := range slots {
		asked[i] = at.at(0)
	}
	ctx, cancel := context.WithTimeout(ctx, 2*transactionMs*time.Millisecond)
	defer cancel()
	for {
		found, err := t.consumer.Committed(asked, 1000)
		if err == nil {
			err = refusedOf(found)
		}
		if err == nil {
			return found, nil
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("kafka: committed offsets of group %s: %w", t.cfg.Group, err)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// refusedOf is the error of the first partition that has one of its own. Its offset then
// says nothing: taken for that of a partition that was never read, the whole log would be
// answered again.
func refusedOf(parts []kafka.TopicPartition) error {
	for _, tp := range parts {
		if tp.Error != nil {
			return fmt.Errorf("%s: %w", slotOf(tp), tp.Error)
		}
	}
	return nil
}

// restore passes the state topic to the folds.
func (t *transform) restore(ctx context.Context, parts []int32) error {
	if t.cfg.State == "" {
		return nil
	}
	slots := t.slots(t.cfg.State, parts)
	low, end, err := bounds(ctx, t.reader.admin, slots, kafka.IsolationLevelReadUncommitted)
	if err != nil {
		return err
	}
	var stretches []stretch
	for _, at := range slots {
		stretches = append(stretches, stretch{at, low[at], end[at]})
	}
	folds := t.foldAside(parts, Fold.Restore)
	defer folds.wait()
	return t.reader.read(ctx, stretches, folds.put)
}

// replay passes the recent past to the folds: from Lookback before the last folded
// record, by the log's clock, or from so many Offsets before the committed one, up to
// that. Time that passed while nobody ran the job doesn't count.
func (t *transform) replay(ctx context.Context, parts []int32) error {
	asked := map[slot]kafka.OffsetSpec{}
	for _, number := range parts {
		if seen := t.folds[number].seen; !seen.IsZero() {
			since := seen.Add(-t.cfg.Lookback).UnixMilli()
			asked[slot{t.cfg.Input, number}] = kafka.NewOffsetSpecForTimestamp(max(since, 0))
		}
	}
	from, err := offsetsEach(ctx, t.reader.admin, asked, kafka.IsolationLevelReadCommitted)
	if err != nil {
		return err
	}
	var stretches []stretch
	for _, at := range t.slots(t.cfg.Input, parts) {
		f := t.folds[at.number]
		begin := max(f.low, f.next-t.cfg.Offsets)
		if offset, ok := from[at]; ok && offset >= 0 {
			begin = min(begin, offset)
		}
		stretches = append(stretches, stretch{at, begin, f.next})
	}
	folds := t.foldAside(parts, Fold.Replay)
	defer folds.wait()
	return t.reader.read(ctx, stretches, folds.put)
}
