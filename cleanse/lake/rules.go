package lake

import (
	"fmt"

	"github.com/titrate/titrate/cleanse"
	"github.com/titrate/titrate/ingest"
)

// lookback is how many offsets back the rules remember.
const lookback = cleanse.Lookback

// events takes the wire events of people and devices.
type events struct {
	*cleanse.Cleaner
}

func newEvents(b *cleanse.Book) events { return events{b.Cleaner()} }

func (e events) check(rec *ingest.Record, v *cleanse.Verdict) { e.CheckLent(rec, v) }

func (e events) fold(rec *ingest.Record, v *cleanse.Verdict) { e.FoldInto(rec, v) }

// madeBy reports whether c was made by the rules of b and the present schema.
func (c *Claim) madeBy(b *cleanse.Book) bool {
	return c.Schema == SchemaVersion && c.Rules == cleanse.RulesVersion && c.Rulebook == b.Hash()
}

// watch tells the options' callback of a verdict that will be stored, and the guard
// of every one: what was read back is known to it too, so that a job that stopped
// stops again. Of what a scorer wrote only the rules of their scorer are compared.
func (w *Writer) watch(p *partition, rec *ingest.Record, v *cleanse.Verdict) error {
	_, wire := p.intake.(events)
	if wire && !w.watches {
		return nil
	}
	w.watching.Lock() // partitions are judged side by side
	defer w.watching.Unlock()
	if !wire {
		w.compare(rec)
		return nil
	}
	if rec.Offset < p.from {
		past := *v
		past.Fails = "" // it is stored
		v = &past
	} else if w.options.OnVerdict != nil {
		w.options.OnVerdict(v)
	}
	if err := w.guard.Observe(v); err != nil {
		return fmt.Errorf("stopped at %s partition %d offset %d: %w", rec.Topic, rec.Partition, rec.Offset, err)
	}
	return nil
}

// compare tells of a scorer that goes by other rules.
func (w *Writer) compare(rec *ingest.Record) {
	theirs := judgedBy(rec)
	if w.options.OnOtherRules == nil || theirs == "" || theirs == w.options.Rules.Name() || w.others[theirs] {
		return
	}
	if w.others == nil {
		w.others = map[string]bool{}
	}
	w.others[theirs] = true
	w.options.OnOtherRules(theirs)
}
