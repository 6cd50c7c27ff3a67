package audit

import (
	"context"
	"fmt"
	"slices"
	"sort"
)

// part is the claims of one ledger that a pass accounts for.
type part struct {
	*ledger
	claims      []*claim
	start, next int64
	marks       marks
	compared    int64 // offsets from here on are compared with the log; -1 for none
}

// pass is what is accounted for at a time.
type pass map[ledgerKey]*part

// passes cuts the ledgers into as many parts as memory asks for. The parts of one
// pass lie beside each other in time, so that what compaction merged, which is of
// all partitions, is read in few of them.
func (a *audit) passes(atOnce int64) []pass {
	var records int64
	for _, l := range a.ledgers {
		for _, c := range l.claims {
			records += c.Counts.Read
		}
	}
	count := int(records/atOnce) + 1
	passes := make([]pass, count)
	for i := range passes {
		passes[i] = pass{}
		for key, l := range a.ledgers {
			from, to := i*len(l.claims)/count, (i+1)*len(l.claims)/count
			if from == to {
				continue
			}
			claims := l.claims[from:to]
			passes[i][key] = &part{
				ledger: l, claims: claims, start: claims[0].Start, next: claims[len(claims)-1].Next, marks: marks{}, compared: -1,
			}
		}
	}
	return passes
}

// account reads the files of a pass and holds them against ledger and log.
func (a *audit) account(ctx context.Context, p pass) error {
	for _, f := range a.live() {
		if err := ctx.Err(); err != nil {
			return err
		}
		if !p.wants(f) {
			continue
		}
		if err := a.readFile(ctx, p, f); err != nil {
			return fmt.Errorf("%s: %w", f.name, err)
		}
	}
	for _, m := range a.merges {
		for _, d := range m.Dropped {
			if part := p[ledgerKey{m.TopicID, d.Partition}]; part != nil && d.Offset >= part.start && d.Offset < part.next {
				*part.marks.at(d.Offset) |= dropped
			}
		}
	}
	for _, key := range p.keys() {
		part := p[key]
		if err := a.readLog(ctx, part); err != nil {
			return err
		}
		for _, c := range part.claims {
			a.balance(part, c)
		}
	}
	return nil
}

func (p pass) keys() []ledgerKey {
	keys := make([]ledgerKey, 0, len(p))
	for key := range p {
		keys = append(keys, key)
	}
	sort.Slice(keys, func(i, j int) bool {
		if keys[i].topicID != keys[j].topicID {
			return keys[i].topicID < keys[j].topicID
		}
		return keys[i].partition < keys[j].partition
	})
	return keys
}

// wants says whether a file may hold rows of the pass. What compaction merged may
// be of any range.
func (p pass) wants(f *file) bool {
	if f.ledger == nil {
		return true
	}
	part := p[ledgerKey{f.ledger.TopicID, f.ledger.Number}]
	return part != nil && f.claim.Start >= part.start && f.claim.Start < part.next
}

func (a *audit) readFile(ctx context.Context, p pass, f *file) error {
	if first := !f.counted; first {
		a.report.Files++
		a.report.Rows += f.rows
		f.counted = true
	}
	strange := false
	return a.rows(ctx, f, func(s seen) {
		if day := floorDay(s.micros); day != f.day && !strange {
			strange = true
			a.report.add(Difference{Kind: "date", File: f.name, Note: fmt.Sprintf("it holds offset %d of partition %d, which is of another day",
				s.offset, s.partition)})
		}
		a.note(p, f, s)
	})
}

// note marks the offset that a row is of.
func (a *audit) note(p pass, f *file, s seen) {
	l := a.ledgers[ledgerKey{f.topicID, s.partition}]
	if l == nil || f.ledger != nil && (f.ledger != l || s.offset < f.claim.Start || s.offset >= f.claim.Next) || !l.claimed(s.offset) {
		a.report.add(Difference{Kind: "outside", File: f.name, Partition: s.partition, Start: s.offset, Next: s.offset + 1,
			Note: fmt.Sprintf("offset %d of partition %d is outside of what is claimed", s.offset, s.partition)})
		return
	}
	part := p[ledgerKey{f.topicID, s.partition}]
	if part == nil || s.offset < part.start || s.offset >= part.next {
		return // another pass counts it
	}
	m := part.marks.at(s.offset)
	if s.mark&outcomeBits&*m != 0 || s.mark&outcomeBits != 0 && m.outcome() != 0 {
		a.doubled(l, f, s, "raw")
	}
	if s.mark&tableBits != 0 && m.table() != 0 {
		a.doubled(l, f, s, tables[m.table()])
	}
	*m |= s.mark
}

func (a *audit) doubled(l *ledger, f *file, s seen, table string) {
	d := l.difference("doubled", s.offset, s.offset+1, "it has another row in "+table)
	d.File = f.name
	a.report.add(d)
}

// claimed says whether a finished claim holds an offset.
func (l *ledger) claimed(offset int64) bool {
	i, found := slices.BinarySearchFunc(l.claims, offset, func(c *claim, o int64) int {
		switch {
		case c.Next <= o:
			return -1
		case c.Start > o:
			return 1
		}
		return 0
	})
	return found && l.claims[i].Gap == nil
}

// balance holds the rows of a claim against its counts.
func (a *audit) balance(p *part, c *claim) {
	var n Counts
	p.marks.each(c.Start, c.Next, func(offset int64, m mark) {
		kind, note := m.problem(p.compared >= 0 && offset >= p.compared)
		if kind != "" && c.abandoned {
			return // of what was given up, only what is whole counts
		}
		if kind != "" {
			a.report.add(p.difference(kind, offset, offset+1, note))
		}
		n.count(m)
	})
	p.Counts.add(n)
	if c.abandoned {
		p.Counts.Lost += c.Counts.Read - n.Read
		return
	}
	want := c.Counts
	if n.Read != want.Read || n.Accepted != want.Accepted || n.Late != want.Late || n.Quarantined != want.Quarantined || n.Duplicate != want.Duplicate {
		a.report.add(p.difference("claim", c.Start, c.Next, fmt.Sprintf(
			"it promises %d read = %d accepted + %d late + %d quarantined + %d duplicate, but the rows are %d = %d + %d + %d + %d",
			want.Read, want.Accepted, want.Late, want.Quarantined, want.Duplicate, n.Read, n.Accepted, n.Late, n.Quarantined, n.Duplicate)))
	}
}

func (c *Counts) count(m mark) {
	switch m.outcome() {
	case accepted:
		c.Accepted++
	case late:
		c.Late++
	case quarantined:
		c.Quarantined++
	case duplicate:
		c.Duplicate++
	default:
		return
	}
	c.Read++
	if m&dropped != 0 {
		c.Merged++
	}
}

const microsPerDay = 24 * 60 * 60 * 1_000_000

func floorDay(micros int64) int64 {
	day := micros / microsPerDay
	if micros < 0 && micros%microsPerDay != 0 {
		day--
	}
	return day
}
