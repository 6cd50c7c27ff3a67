package lake

import (
	"context"
	"fmt"
	"time"

	"github.com/titrate/titrate/cleanse"
	"github.com/titrate/titrate/ingest"
)

// partition is what a writer knows about a partition that it was assigned. It embeds
// the part that rows are added to.
type partition struct {
	assigned ingest.Partition // as the log names it; the ledger may be a later one (gap.go)
	intake
	*part
	// cut is the part before, which is being stored, or wasn't because the store has
	// failed; nil if there is none.
	cut *part
}

// resume reads the ledger and says where rows begin.
func (p *partition) resume(ctx context.Context, w *Writer) error {
	claim, done, err := p.tail(ctx)
	if err != nil {
		return err
	}
	if claim == nil {
		return p.begin(ctx, w)
	}
	if claim.Gap != nil {
		return p.behind(ctx, w, claim)
	}
	if done {
		p.from = claim.Next
		return nil
	}
	p.from, p.open = claim.Start, claim
	return p.compatible(claim)
}

// start is where the log is to be read from: far enough before the first record
// that isn't stored for the rules to remember what they must.
func (p *partition) start() ingest.Start {
	return ingest.Start{Next: p.from, From: max(0, p.from-lookback)}
}

// take adds a record and what cleansing said of it. What lies before from is
// stored already and was read for the memory of the rules only.
func (p *partition) take(rec *ingest.Record, v *cleanse.Verdict, now time.Time) error {
	if rec.Offset < p.read {
		return fmt.Errorf("%s partition %d: offset %d came after %d", rec.Topic, rec.Partition, rec.Offset, p.read-1)
	}
	p.read = rec.Offset + 1
	p.fold(rec, v)
	if rec.Offset < p.from {
		return nil
	}
	if p.empty() {
		p.since = now
	}
	p.shelve(p.intake, rec, v)
	return nil
}

// split cuts off what is held, which nothing is added to any more, and goes on with
// next, an empty part.
func (p *partition) split(next *part) *part {
	next.ledger, next.rules, next.from, next.read = p.ledger, p.rules, p.read, p.read
	p.cut, p.part = p.part, next
	return p.cut
}

// join goes on after what was cut off was stored as far as it could be, and returns
// the part that is empty now, nil if there is none.
func (p *partition) join() *part {
	switch cut := p.cut; {
	case cut.stored():
		if cut.from > p.from { // another owner's claim reached beyond what was cut off
			p.advance(cut.from)
		}
		p.cut = nil
		return cut
	case cut.short(): // another owner's open claim does; what it lacks came since
		later := p.part
		cut.absorb(later)
		p.part, p.cut = cut, nil
		return later
	}
	return nil
}
