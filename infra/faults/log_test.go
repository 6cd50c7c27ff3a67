package faults

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/titrate/titrate/cleanse"
	"github.com/titrate/titrate/cleanse/lake/audit"
	"github.com/titrate/titrate/ingest"
)

const topicName, topicID = "events", "topic-A"

// epoch is when the first record arrives.
var epoch = time.Date(2026, 11, 20, 22, 0, 0, 0, time.UTC)

// log is a topic, with gaps as transactions leave them.
type log [][]ingest.Record

func newLog(random *rand.Rand) log {
	l := make(log, 1+random.IntN(3))
	for p := range l {
		offset := int64(random.IntN(3))
		for i := range 10 + random.IntN(50) {
			at := epoch.Add(time.Duration(i) * 10 * time.Minute)
			value := message(random, p, at)
			if i > 0 && random.IntN(6) == 0 {
				value = l[p][i-1-random.IntN(min(i, 20))].Value // sent twice
			}
			l[p] = append(l[p], ingest.Record{Topic: topicName, Partition: int32(p), Offset: offset, Seen: at, Value: value})
			offset += int64(1 + random.IntN(8)/7*random.IntN(4))
		}
	}
	return l
}

func message(random *rand.Rand, p int, seen time.Time) []byte {
	at := seen.Add(-time.Duration(random.IntN(3600)) * time.Second)
	if random.IntN(10) == 0 {
		at = at.Add(-time.Duration(random.IntN(5*24)) * time.Hour)
	}
	head := fmt.Sprintf(`"patient":"p-%d-%d","time":%q`, p, random.IntN(3), at.Format(time.RFC3339))
	switch random.IntN(8) {
	case 0:
		return fmt.Appendf(nil, `{"type":"meal",%s,"carbs_g":%d,"meal":"lunch"}`, head, 1+random.IntN(90))
	case 1:
		return [][]byte{nil, []byte("{"), []byte("\xff\xfe"), []byte(`{"type":"tea",` + head + `}`)}[random.IntN(4)]
	default:
		return fmt.Appendf(nil, `{"type":"glucose",%s,"value":%d,"unit":"mg/dL","source":"cgm","device":"g7"}`, head, 60+random.IntN(200))
	}
}

func (l log) end(p int) int64 { return l[p][len(l[p])-1].Offset + 1 }

// from is the index of the first record at or behind offset.
func (l log) from(p int, offset int64) int {
	i := 0
	for i < len(l[p]) && l[p][i].Offset < offset {
		i++
	}
	return i
}

// counts is what a cleaner makes of a partition that reads it in one go.
func (l log) counts(p int) (c audit.Counts) {
	cleaner := cleanse.New()
	for _, rec := range l[p] {
		c.Read++
		switch cleaner.Clean(rec).Outcome {
		case cleanse.Accepted:
			c.Accepted++
		case cleanse.Late:
			c.Late++
		case cleanse.Quarantined:
			c.Quarantined++
		case cleanse.Duplicate:
			c.Duplicate++
		}
	}
	return c
}

// Topic and Offsets implement audit.Log.
func (l log) Topic(context.Context, string) (string, map[int32]audit.Bounds, error) {
	bounds := map[int32]audit.Bounds{}
	for p := range l {
		bounds[int32(p)] = audit.Bounds{Low: l[p][0].Offset, End: l.end(p)}
	}
	return topicID, bounds, nil
}

func (l log) Offsets(_ context.Context, _ string, partition int32, from, to int64, fn func(int64)) error {
	for _, r := range l[partition] {
		if r.Offset >= from && r.Offset < to {
			fn(r.Offset)
		}
	}
	return nil
}

// source is the log as a member of the group reads it. The group may give its
// partitions to others at any time, also while the member hangs; the member learns
// of it at its next fetch.
type source struct {
	*member
	sink  ingest.Sink
	owned map[int]int // index of the next record, by partition
}

func (s *source) Fetch(ctx context.Context) (b ingest.Batch, err error) {
	err = s.ask(ctx, "fetch", func(f fault) error {
		if f != works {
			return fmt.Errorf("broker: %w", errFault)
		}
		return nil
	})
	if err != nil {
		return b, err
	}
	s.revoke()
	for p := range s.sim.group {
		if _, has := s.owned[p]; s.sim.group[p] == s.number && !has {
			if err := s.assign(ctx, p); err != nil {
				return b, err
			}
		}
	}
	for p := range s.sim.group {
		at, mine := s.owned[p]
		if !mine {
			continue
		}
		end := min(len(s.sim.log[p]), at+s.sim.random.IntN(25))
		b.Records = append(b.Records, s.sim.log[p][at:end]...)
		s.owned[p] = end
		if s.sim.off.storedDecides && end > at {
			s.sim.offsets[p] = s.sim.log[p][end-1].Offset + 1 // as auto-commit does
		}
	}
	return b, nil
}

// revoke learns of what the group gave to others.
func (s *source) revoke() {
	for p := range s.owned {
		if s.sim.group[p] != s.number {
			delete(s.owned, p)
			s.sink.Revoke(partition(p))
		}
	}
}

// Hold implements ingest.Source. The wait is as many requests of others as the
// scheduler likes.
func (s *source) Hold(ctx context.Context, _ time.Duration) error {
	err := s.ask(ctx, "hold", func(f fault) error {
		if f != works {
			return fmt.Errorf("broker: %w", errFault)
		}
		s.revoke()
		return nil
	})
	if err != nil || !s.sim.off.keepHeld {
		return err
	}
	for p := range s.sim.log { // and reading goes on where it was
		if _, mine := s.owned[p]; mine {
			s.sink.Revoke(partition(p))
			if _, err := s.sink.Assign(ctx, partition(p)); err != nil {
				delete(s.owned, p)
			}
		}
	}
	return nil
}

func (s *source) assign(ctx context.Context, p int) error {
	start, err := s.sink.Assign(ctx, partition(p))
	if err != nil {
		return err
	}
	from := start.From
	switch {
	case s.sim.off.readBack:
		from = start.Next
	case s.sim.off.storedDecides && s.sim.offsets[p] > 0:
		from = s.sim.offsets[p]
	case s.sim.off.resetIsError && start.Next > 0 && s.sim.random.IntN(3) == 0:
		from = s.sim.log.end(p) - 1 // as auto.offset.reset=latest does
	}
	s.owned[p] = s.sim.log.from(p, from)
	return nil
}

func (s *source) Commit(ctx context.Context, positions []ingest.Position) error {
	return s.ask(ctx, "commit", func(f fault) error {
		if f != works {
			return fmt.Errorf("commit: %w", errFault)
		}
		for _, p := range positions {
			s.sim.offsets[int(p.Partition.Number)] = p.Next
		}
		return nil
	})
}

func partition(p int) ingest.Partition {
	return ingest.Partition{Topic: topicName, TopicID: topicID, Number: int32(p)}
}
