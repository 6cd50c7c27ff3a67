package lake

import (
	"context"
	"iter"

	"github.com/titrate/titrate/ingest"
)

// Entry is a claim and what became of it.
type Entry struct {
	Claim
	Done bool // all files are known to be there
}

// Claims yields the claims of a partition from the first to the last.
func Claims(ctx context.Context, bucket Bucket, p ingest.Partition) iter.Seq2[Entry, error] {
	l := ledger{bucket, p}
	return func(yield func(Entry, error) bool) {
		for from, more := int64(0), true; more; {
			starts, rest, err := l.starts(ctx, from)
			if err != nil {
				yield(Entry{}, err)
				return
			}
			for _, start := range starts {
				e, err := l.entry(ctx, start)
				if !yield(e, err) || err != nil {
					return
				}
				from = start + 1
			}
			more = rest
		}
	}
}

func (l ledger) entry(ctx context.Context, start int64) (Entry, error) {
	c, err := l.fetch(ctx, start)
	if err != nil {
		return Entry{}, err
	}
	done, err := l.done(ctx, start)
	return Entry{Claim: *c, Done: done}, err
}
