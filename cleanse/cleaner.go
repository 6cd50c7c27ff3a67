package cleanse

import "github.com/titrate/titrate/ingest"

// Lookback is how many offsets before a record's own are searched for an event
// that it repeats, and for those beside which it is odd. A Cleaner that starts so
// many offsets early knows all that one knows that started at 0.
const Lookback = 65536

// Cleaner judges the records of one partition, in offset order. It remembers the
// events of the last Lookback offsets, in 1.5 MiB and some dozen bytes for each of
// them. The zero Cleaner isn't ready; it isn't safe for concurrent use.
type Cleaner struct {
	exam     exam // of the record at hand
	recent   *recent
	sequence *sequence
}

// New returns a Cleaner by the standard rules that has seen nothing.
func New() *Cleaner { return standard.Cleaner() }

// Clean judges the next record: Check and Fold.
func (c *Cleaner) Clean(rec ingest.Record) (v Verdict) {
	c.CleanInto(&rec, &v)
	return v
}

// CleanInto is Clean for a record and a verdict that are used again: together they have
// three quarters of a kilobyte.
func (c *Cleaner) CleanInto(rec *ingest.Record, v *Verdict) {
	c.exam.lent = false
	c.exam.judge(rec, v)
	c.FoldInto(rec, v)
}

// CheckLent judges a record by itself, as Book.Check does, without copying text: what
// the verdict says lies in part in the record, and is there no longer than it.
func (c *Cleaner) CheckLent(rec *ingest.Record, v *Verdict) {
	c.exam.lent = true
	c.exam.judge(rec, v)
}

// Fold completes v, which Check gave for rec, by what came before: the outcome
// becomes Duplicate if the same event stood in the partition at an offset in
// [rec.Offset-Lookback, rec.Offset), whether or not it was itself a duplicate
// there; else the rules over a person's events in that stretch may flag it.
// Quarantined records are no events: they repeat nothing, and nothing is odd
// beside them.
//
// Offsets must rise from call to call, and may have gaps. One that doesn't rise
// means that reading began again somewhere else: what was known is forgotten.
func (c *Cleaner) Fold(rec ingest.Record, v *Verdict) { c.FoldInto(&rec, v) }

// FoldInto is Fold for a record that isn't copied. Nothing of it is kept.
func (c *Cleaner) FoldInto(rec *ingest.Record, v *Verdict) {
	if v.identity == 0 { // quarantined
		return
	}
	duplicate := c.recent.observe(rec.Offset, v.identity)
	found := c.sequence.observe(&v.Event, v.identity, duplicate) &^ c.exam.book.ignored
	if duplicate {
		v.Outcome = Duplicate
		return
	}
	if found != 0 {
		v.flags |= found
		v.Event.Flags = c.exam.book.words(v.flags)
	}
}
