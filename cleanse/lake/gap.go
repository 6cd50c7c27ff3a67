package lake

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/titrate/titrate/cleanse"
	"github.com/titrate/titrate/ingest"
)

// Gap says that offsets of a partition were given up, with the operator's consent,
// because the log no longer has them.
type Gap struct {
	// Why is expired (retention passed over the range before it was read) or
	// truncated (the log ended before what the ledger holds).
	Why string `json:"why"`
	// Continues is the ledger that goes on after a truncation, whose records have
	// offsets that the ledger before it has given to others.
	Continues string `json:"continues,omitempty"`
	From      int64  `json:"from,omitempty"` // where it goes on: the log's end at that time
}

// The reasons of gaps.
const (
	gapExpired   = "expired"
	gapTruncated = "truncated"
	gapRecreated = "recreated"
)

// errGap is what an operator can do about a gap.
var errGap = errors.New("--accept-gap goes on without the lost records and has the ledger say so")

// Skip implements [ingest.Skipper]: with AcceptGap the ledger records what the log
// has lost, and reading goes on behind it.
func (w *Writer) Skip(ctx context.Context, id ingest.Partition, low, end int64) (ingest.Start, error) {
	p := w.partitions[address{id.Topic, id.Number}]
	if p == nil {
		return ingest.Start{}, fmt.Errorf("skip %s partition %d: it isn't assigned", id.Topic, id.Number)
	}
	if !w.options.AcceptGap {
		return ingest.Start{}, errGap
	}
	if err := p.skip(ctx, w, low, end); err != nil {
		return ingest.Start{}, fmt.Errorf("record the gap of %s partition %d: %w", id.Topic, id.Number, err)
	}
	return p.start(), nil
}

func (p *partition) skip(ctx context.Context, w *Writer, low, end int64) error {
	if p.open != nil && p.open.Start < low {
		if err := p.abandon(ctx, w.options.ID); err != nil {
			return err
		}
	}
	switch {
	case p.from < low:
		return p.giveUp(ctx, w, p.gapClaim(w, low, Gap{Why: gapExpired}))
	case p.from > end:
		return p.giveUp(ctx, w, p.gapClaim(w, p.from, Gap{Why: gapTruncated, Continues: later(p.partition.TopicID), From: end}))
	}
	return nil
}

// abandon gives up a claim whose records were lost before its files were written.
// Some of its files may be there, so its whole range is left as it is: reading the
// end of it again would double their rows.
func (p *partition) abandon(ctx context.Context, writer string) error {
	body, err := json.Marshal(doneMark{Writer: writer, Gap: &Gap{Why: gapExpired}})
	if err != nil {
		return fmt.Errorf("abandon claim: %w", err)
	}
	err = p.bucket.Put(ctx, doneName(p.partition, p.open.Start), Bytes(append(body, '\n')))
	if err != nil && !errors.Is(err, ErrExists) { // whoever finished it meanwhile did better
		return fmt.Errorf("abandon claim: %w", err)
	}
	p.from, p.open = p.open.Next, nil
	return nil
}

func (p *partition) gapClaim(w *Writer, next int64, gap Gap) *Claim {
	return &Claim{
		Topic: p.partition.Topic, TopicID: p.partition.TopicID, Partition: p.partition.Number,
		Start: p.from, Next: next, Schema: SchemaVersion, Rules: cleanse.RulesVersion, Rulebook: p.rules.Hash(),
		Files: []FileEntry{}, Writer: w.options.ID, Gap: &gap,
	}
}

// giveUp claims a gap, which is a claim like any other but for its emptiness: two
// writers that find it record it once.
func (p *partition) giveUp(ctx context.Context, w *Writer, c *Claim) error {
	won, err := p.propose(ctx, c)
	if err != nil {
		return err
	}
	if won != c && (won.Gap == nil || *won.Gap != *c.Gap || won.Next != c.Next) {
		return fmt.Errorf("another writer has claimed offsets %d to %d meanwhile: start again", won.Start, won.Next)
	}
	return p.behind(ctx, w, won)
}

// behind goes on after a gap that the ledger ends with.
func (p *partition) behind(ctx context.Context, w *Writer, c *Claim) error {
	if err := p.finish(ctx, c, w.options.ID); err != nil {
		return err
	}
	p.from = c.Next
	if c.Gap.Continues == "" {
		return nil
	}
	p.from, p.partition.TopicID = c.Gap.From, c.Gap.Continues
	return p.resume(ctx, w)
}

// cut separates a topic's id from the number of times that it was truncated.
const cut = "-cut-"

// later is the name of the ledger that follows id's after a truncation.
func later(id string) string {
	at := strings.LastIndex(id, cut)
	if at < 0 {
		return id + cut + "1"
	}
	n, err := strconv.Atoi(id[at+len(cut):])
	if err != nil {
		return id + cut + "1"
	}
	return id[:at] + cut + strconv.Itoa(n+1)
}

// doneMark is the body of a done mark.
type doneMark struct {
	Writer string `json:"writer"`
	Gap    *Gap   `json:"gap,omitempty"` // of a claim that was abandoned
}
