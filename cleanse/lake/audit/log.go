package audit

import (
	"context"
	"fmt"
	"strings"
)

// askLog finds the ledgers that are of the topics as they are now, and where
// their logs begin and end.
func (a *audit) askLog(ctx context.Context) error {
	if a.log == nil {
		return nil
	}
	names := map[string][]*ledger{}
	for _, l := range a.ledgers {
		names[l.Topic] = append(names[l.Topic], l)
	}
	for name, ledgers := range names {
		id, partitions, err := a.log.Topic(ctx, name)
		if err != nil {
			return err
		}
		for _, l := range ledgers {
			original, _, _ := strings.Cut(l.TopicID, "-cut-")
			bounds, has := partitions[l.Number]
			if original != id || l.Continues != "" || !has {
				continue
			}
			l.HasLog, l.LogLow, l.LogEnd = true, bounds.Low, bounds.End
			if l.Next > bounds.End {
				a.report.add(l.difference("invented", bounds.End, l.Next, "the lake has claimed what the log doesn't hold yet: the log was cut"))
			}
			if l.Waiting, err = a.waiting(ctx, l); err != nil {
				return err
			}
		}
	}
	return nil
}

// counted is how many offsets beyond the lake are looked at one by one.
const counted = 1000

// waiting is how many records of the log are beyond what is claimed. The end of a transaction
// takes an offset and is no record, so the log's end alone doesn't tell: a lake that has
// everything would look as if it were behind for ever. Where much waits, offsets will do.
func (a *audit) waiting(ctx context.Context, l *ledger) (records int64, err error) {
	from := max(l.Next, l.LogLow)
	if l.LogEnd-from > counted {
		return l.LogEnd - from, nil
	}
	if from >= l.LogEnd {
		return 0, nil
	}
	err = a.log.Offsets(ctx, l.Topic, l.Number, from, l.LogEnd, func(int64) { records++ })
	if err != nil {
		return 0, fmt.Errorf("read %s partition %d: %w", l.Topic, l.Number, err)
	}
	return records, nil
}

// readLog marks the offsets that the log holds of a part.
func (a *audit) readLog(ctx context.Context, p *part) error {
	if !p.HasLog {
		return nil
	}
	from := max(p.start, p.LogLow, p.begins)
	to := min(p.next, p.LogEnd)
	if from >= to {
		return nil
	}
	p.compared = from
	err := a.log.Offsets(ctx, p.Topic, p.Number, from, to, func(offset int64) {
		*p.marks.at(offset) |= inLog
		p.Compared++
	})
	if err != nil {
		return fmt.Errorf("read %s partition %d: %w", p.Topic, p.Number, err)
	}
	return nil
}
