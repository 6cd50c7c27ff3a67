package lake

import (
	"cmp"
	"context"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/titrate/titrate/ingest"
)

// Messages calls fn with every message of the raw table that arrived within
// [since, until), zero times being unbounded, and the outcome that it had. Within a
// partition they come in the order of the log, day by day of arrival; one day is
// held in memory. Headers aren't in raw.
func Messages(ctx context.Context, bucket Bucket, since, until time.Time, fn func(rec ingest.Record, outcome string) error) error {
	days, err := rawDays(ctx, bucket)
	if err != nil {
		return fmt.Errorf("read messages: %w", err)
	}
	for _, d := range days {
		from := time.Unix(int64(d)*24*60*60, 0).UTC()
		to := from.AddDate(0, 0, 1)
		if !until.IsZero() && to.After(until) {
			to = until
		}
		if !since.IsZero() && from.Before(since) {
			from = since
		}
		if !from.Before(to) {
			continue
		}
		if err := messagesOf(ctx, bucket, from, to, fn); err != nil {
			return fmt.Errorf("read messages: %w", err)
		}
	}
	return nil
}

// rawDays are the days on which messages arrived.
func rawDays(ctx context.Context, bucket Bucket) ([]day, error) {
	b := newBounds(time.Time{}, time.Time{}, nil)
	objects, err := b.objects(ctx, bucket, Raw)
	if err != nil {
		return nil, err
	}
	found := map[day]bool{}
	var days []day
	for _, o := range objects {
		d, err := parseDay(strings.TrimPrefix(path.Base(path.Dir(o.Name)), "date="))
		if err != nil {
			return nil, err
		}
		if !found[d] {
			found[d] = true
			days = append(days, d)
		}
	}
	slices.Sort(days)
	return days, nil
}

type judged struct {
	rec     ingest.Record
	outcome string
}

func messagesOf(ctx context.Context, bucket Bucket, from, to time.Time, fn func(ingest.Record, string) error) error {
	var all []judged
	columns := []string{"topic", "kafka_partition", "kafka_offset", "received", "key", "payload", "outcome"}
	err := Scan(ctx, bucket, ScanOptions{Table: Raw, Since: from, Until: to, Columns: columns}, func(r arrow.Record) error {
		for i := range int(r.NumRows()) {
			all = append(all, judged{
				rec: ingest.Record{
					Topic: r.Column(0).(*array.String).Value(i), Partition: r.Column(1).(*array.Int32).Value(i),
					Offset: r.Column(2).(*array.Int64).Value(i), Seen: micros(int64(r.Column(3).(*array.Timestamp).Value(i))),
					Key: slices.Clone(r.Column(4).(*array.Binary).Value(i)), Value: slices.Clone(r.Column(5).(*array.Binary).Value(i)),
				},
				outcome: r.Column(6).(*array.String).Value(i),
			})
		}
		return nil
	})
	if err != nil {
		return err
	}
	slices.SortStableFunc(all, func(a, b judged) int {
		return cmp.Or(cmp.Compare(a.rec.Topic, b.rec.Topic), cmp.Compare(a.rec.Partition, b.rec.Partition), cmp.Compare(a.rec.Offset, b.rec.Offset))
	})
	for _, j := range all {
		if err := fn(j.rec, j.outcome); err != nil {
			return err
		}
	}
	return nil
}
