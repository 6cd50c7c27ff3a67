package lake

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/titrate/titrate/cleanse"
	"github.com/titrate/titrate/ingest"
)

// partition is what a writer knows about a partition that it was assigned.
type partition struct {
	assigned ingest.Partition // as the log names it; the ledger may be a later one (gap.go)
	ledger
	intake
	*shelves
	rules *cleanse.Book

	from int64 // the first offset that no finished claim holds: rows begin here
	read int64 // the offset behind the last record that was taken
	// open is a claim at from whose files may not all be there, nil if there is
	// none. It may be another writer's: whoever owns the partition finishes it.
	open  *Claim
	ready []file // the files of the open claim, once they are known

	outcomes []cleanse.Outcome // of the rows in raw
	since    time.Time         // when the oldest row came that is held
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

// compatible refuses to finish what other rules began: half of a range would be
// cleansed by one set of rules and half by another.
func (p *partition) compatible(c *Claim) error {
	if c.madeBy(p.rules) {
		return nil
	}
	return fmt.Errorf("claim %s of writer %q is unfinished and was made by rules %s and schema %d, but this is rules %s "+
		"and schema %d: let the version (and --rules) that made it finish it, then start this one",
		claimName(p.partition, c.Start), c.Writer, cleanse.RulesName(c.Rules, c.Rulebook), c.Schema, p.rules.Name(), SchemaVersion)
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
	p.shelve(rec, v)
	return nil
}

func (p *partition) empty() bool { return len(p.raw.marks) == 0 }

// shelve gives the record its row in raw and its row by outcome.
func (p *partition) shelve(rec *ingest.Record, v *cleanse.Verdict) {
	p.raw.add(rawRow{message: messageOf(rec), Outcome: outcomes[v.Outcome]})
	p.outcomes = append(p.outcomes, v.Outcome)
	switch v.Outcome {
	case cleanse.Quarantined:
		p.quarantine.add(quarantineRowOf(rec, v.Reasons))
	case cleanse.Accepted, cleanse.Late:
		p.row(p.shelves, rec, v)
	}
}

// store claims what is held and writes the files of the claim; it returns
// whether from has moved. It goes by what the ledger says, step by step:
//
//	claim free           → it is ours: write the files, mark it done
//	claim taken, done    → another owner stored it: forget those rows, claim the rest
//	claim taken, open    → write the files (they are the same, whoever writes
//	                       them), mark it done, claim the rest
//	claim taken, and it ends behind what was read → read on first
//
// An error leaves everything as it was, and storing again goes on from there.
func (p *partition) store(ctx context.Context, w *Writer) (moved bool, err error) {
	for p.open != nil || !p.empty() {
		if p.open == nil {
			if err := p.claim(ctx, w); err != nil {
				return moved, err
			}
		} else if p.read < p.open.Next {
			return moved, nil
		} else if err := p.complete(ctx, w); err != nil {
			return moved, err
		}
		moved = moved || p.open == nil
	}
	return moved, nil
}

// claim makes a claim of all that is held, or finds the one that is there.
func (p *partition) claim(ctx context.Context, w *Writer) error {
	r := p.reach(p.read)
	files := p.shelves.files(r)
	c := &Claim{
		Topic: p.partition.Topic, TopicID: p.partition.TopicID, Partition: p.partition.Number,
		Start: r.start, Next: r.next, Schema: SchemaVersion, Rules: cleanse.RulesVersion, Rulebook: p.rules.Hash(),
		Counts: p.counts(r.next), Files: entries(files), Writer: w.options.ID,
	}
	won, err := p.propose(ctx, c)
	if err != nil {
		return err
	}
	if won == c {
		p.open, p.ready = c, files
		return nil
	}
	return p.adopt(ctx, won)
}

// complete writes the files of the open claim and marks it as done.
func (p *partition) complete(ctx context.Context, w *Writer) error {
	if p.ready == nil {
		p.ready = p.shelves.files(p.reach(p.open.Next))
	}
	if err := p.verify(p.open, p.ready); err != nil {
		return err
	}
	if done, err := p.overtaken(ctx, w); done || err != nil {
		return err
	}
	if err := w.put(ctx, p.ready); err != nil {
		return err
	}
	if err := p.finish(ctx, p.open, w.options.ID); err != nil {
		return err
	}
	w.count(p.open)
	p.advance(p.open.Next)
	return nil
}

// stale is from which age of its rows on a writer asks first whether its claim
// was finished by another.
const stale = 10 * time.Minute

// overtaken goes on without writing if another owner has finished the claim. A
// writer that hung for long would otherwise put files again that compaction has
// merged and removed since; those that are there it can't overwrite anyway.
func (p *partition) overtaken(ctx context.Context, w *Writer) (bool, error) {
	if w.options.Now().Sub(p.since) < stale {
		return false, nil
	}
	done, err := p.done(ctx, p.open.Start)
	if done && err == nil {
		p.advance(p.open.Next)
	}
	return done, err
}

// adopt goes on from a claim that was there already.
func (p *partition) adopt(ctx context.Context, c *Claim) error {
	done, err := p.done(ctx, c.Start)
	if err != nil {
		return err
	}
	if done {
		p.advance(c.Next)
		return nil
	}
	if err := p.compatible(c); err != nil {
		return err
	}
	p.open = c
	return nil
}

// verify makes sure that the log still says what it said when c was made.
func (p *partition) verify(c *Claim, files []file) error {
	counts := p.counts(c.Next)
	if counts == c.Counts && slices.Equal(entries(files), c.Files) {
		return nil
	}
	return fmt.Errorf("claim %s of writer %q can't be finished: it holds %+v in %d files, but reading offsets %d to %d again "+
		"gives %+v in %d files: the log has lost records, or an assignment began elsewhere than the lake asked",
		claimName(p.partition, c.Start), c.Writer, c.Counts, len(c.Files), c.Start, c.Next, counts, len(files))
}

// advance forgets what lies before next, which is stored.
func (p *partition) advance(next int64) {
	p.outcomes = append(p.outcomes[:0], p.outcomes[p.raw.before(next):]...)
	p.drop(next)
	p.from, p.open, p.ready = next, nil, nil
}

func (p *partition) reach(next int64) reach {
	return reach{partition: p.partition, start: p.from, next: next}
}

// counts are the outcomes of the rows below next.
func (p *partition) counts(next int64) Counts {
	var c Counts
	for _, outcome := range p.outcomes[:p.raw.before(next)] {
		switch outcome {
		case cleanse.Accepted:
			c.Accepted++
		case cleanse.Quarantined:
			c.Quarantined++
		case cleanse.Duplicate:
			c.Duplicate++
		case cleanse.Late:
			c.Late++
		}
		c.Read++
	}
	return c
}

func entries(files []file) []FileEntry {
	list := make([]FileEntry, len(files))
	for i, f := range files {
		list[i] = f.FileEntry
	}
	return list
}
