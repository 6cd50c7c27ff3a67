package lake

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/titrate/titrate/cleanse"
	"github.com/titrate/titrate/ingest"
)

// part is rows of one partition that wait to be stored or are being stored, and how
// far the ledger is known to be: what it takes to store them. Either its partition
// adds rows to it, or a flight stores it; never both.
type part struct {
	ledger
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

func (p *part) empty() bool { return len(p.raw.marks) == 0 }

// short reports whether the open claim ends behind what was read: it can't be
// finished before more is.
func (p *part) short() bool { return p.open != nil && p.read < p.open.Next }

// stored reports whether nothing is left to do.
func (p *part) stored() bool { return p.open == nil && p.empty() }

// shelve gives the record its row in raw and its row by outcome.
func (p *part) shelve(in intake, rec *ingest.Record, v *cleanse.Verdict) {
	received := rec.Seen.UnixMicro()
	p.raw.put(p.packer.rawRow(rec, received, outcomes[v.Outcome]), arrival(received), rec.Offset)
	p.outcomes = append(p.outcomes, v.Outcome)
	switch v.Outcome {
	case cleanse.Quarantined:
		p.quarantine.add(quarantineRowOf(rec, v.Reasons))
	case cleanse.Accepted, cleanse.Late:
		in.row(p.shelves, rec, v)
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
func (p *part) store(ctx context.Context, w *Writer) (moved bool, err error) {
	for p.open != nil || !p.empty() {
		if p.open == nil {
			if err := p.claim(ctx, w); err != nil {
				return moved, err
			}
		} else if p.short() {
			return moved, nil
		} else if err := p.complete(ctx, w); err != nil {
			return moved, err
		}
		moved = moved || p.open == nil
	}
	return moved, nil
}

// compatible refuses to finish what other rules began: half of a range would be
// cleansed by one set of rules and half by another.
func (p *part) compatible(c *Claim) error {
	if c.madeBy(p.rules) {
		return nil
	}
	return fmt.Errorf("claim %s of writer %q is unfinished and was made by rules %s and schema %d, but this is rules %s "+
		"and schema %d: let the version (and --rules) that made it finish it, then start this one",
		claimName(p.partition, c.Start), c.Writer, cleanse.RulesName(c.Rules, c.Rulebook), c.Schema, p.rules.Name(), SchemaVersion)
}

// claim makes a claim of all that is held, or finds the one that is there.
func (p *part) claim(ctx context.Context, w *Writer) error {
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
func (p *part) complete(ctx context.Context, w *Writer) error {
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
func (p *part) overtaken(ctx context.Context, w *Writer) (bool, error) {
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
func (p *part) adopt(ctx context.Context, c *Claim) error {
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
func (p *part) verify(c *Claim, files []file) error {
	counts := p.counts(c.Next)
	if counts == c.Counts && slices.Equal(entries(files), c.Files) {
		return nil
	}
	return fmt.Errorf("claim %s of writer %q can't be finished: it holds %+v in %d files, but reading offsets %d to %d again "+
		"gives %+v in %d files: the log has lost records, or an assignment began elsewhere than the lake asked",
		claimName(p.partition, c.Start), c.Writer, c.Counts, len(c.Files), c.Start, c.Next, counts, len(files))
}

// advance forgets what lies before next, which is stored.
func (p *part) advance(next int64) {
	p.outcomes = append(p.outcomes[:0], p.outcomes[p.raw.before(next):]...)
	p.drop(next)
	p.from, p.open, p.ready = next, nil, nil
}

// absorb takes the rows of a part that begins where p ends, and leaves it empty.
func (p *part) absorb(later *part) {
	p.shelves.absorb(later.shelves)
	p.outcomes = append(p.outcomes, later.outcomes...)
	p.read = later.read
	later.advance(math.MaxInt64)
}

func (p *part) reach(next int64) reach {
	return reach{partition: p.partition, start: p.from, next: next}
}

// counts are the outcomes of the rows below next.
func (p *part) counts(next int64) Counts {
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
