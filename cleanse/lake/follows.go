package lake

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/titrate/titrate/ingest"
)

// Follows says that a topic took the place of others of its name, whose ends may
// have been lost with them.
type Follows struct {
	Why    string     `json:"why"` // recreated
	Topics []Previous `json:"topics"`
	Writer string     `json:"writer"`
}

// Previous is how far a topic of the same name was stored.
type Previous struct {
	TopicID string `json:"topic_id"`
	Next    int64  `json:"next"`
}

// begin starts a ledger. If the lake holds a topic of the same name and another
// id, the topic was deleted and made again: what the old one held and nobody had
// read is gone, and that is not passed over in silence.
func (p *partition) begin(ctx context.Context, w *Writer) error {
	name := ledgerFolder(p.partition) + "follows.gap"
	f, err := p.bucket.Open(ctx, name)
	if err == nil {
		return f.Close() // accepted before
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("read ledger: %w", err)
	}
	if strings.Contains(p.partition.TopicID, cut) {
		return nil // the gap is in the ledger that it continues
	}
	old, err := p.previous(ctx)
	if err != nil || len(old) == 0 {
		return err
	}
	if !w.options.AcceptGap {
		last := old[len(old)-1]
		return fmt.Errorf("log gap: the lake holds this topic under the id %s up to offset %d, but its id is %s now: it was deleted and made "+
			"again, or is another cluster's (check --brokers): %w", last.TopicID, last.Next, p.partition.TopicID, errGap)
	}
	body, err := json.MarshalIndent(Follows{Why: gapRecreated, Topics: old, Writer: w.options.ID}, "", "  ")
	if err != nil {
		return fmt.Errorf("record the gap: %w", err)
	}
	if err := p.bucket.Put(ctx, name, Bytes(append(body, '\n'))); err != nil && !errors.Is(err, ErrExists) {
		return fmt.Errorf("record the gap: %w", err)
	}
	return nil
}

// previous are the other topics of this name that the lake has a ledger of.
func (p *partition) previous(ctx context.Context) ([]Previous, error) {
	ids, err := ledgerTopics(ctx, p.bucket)
	if err != nil {
		return nil, err
	}
	var old []Previous
	for _, id := range ids {
		if id == p.partition.TopicID {
			continue
		}
		other := p.partition
		other.TopicID = id
		claim, _, err := ledger{p.bucket, other}.tail(ctx)
		if err != nil {
			return nil, err
		}
		if claim != nil && claim.Topic == p.partition.Topic {
			old = append(old, Previous{TopicID: id, Next: claim.Next})
		}
	}
	return old, nil
}

// ledgerTopics are the ids of all topics that a lake has a ledger of. Each costs
// one short listing, whatever the length of its ledger.
func ledgerTopics(ctx context.Context, bucket Bucket) (ids []string, err error) {
	const root = "_ledger/"
	for after, more := root, true; more; {
		more = false
		err := bucket.List(ctx, root, after, func(o Object) error {
			id, _, _ := strings.Cut(o.Name[len(root):], "/")
			ids = append(ids, id)
			after, more = root+id+"0", true // '0' is behind '/': the next topic's
			return fs.SkipAll
		})
		if err != nil {
			return nil, fmt.Errorf("read ledger: %w", err)
		}
	}
	return ids, nil
}

var _ ingest.Skipper = (*Writer)(nil)
