package lake

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strconv"
	"strings"

	"github.com/titrate/titrate/ingest"
)

// ledger is the record of which offsets of one partition are stored. Claims
// follow one another without a gap, and only the last may be unfinished.
type ledger struct {
	bucket    Bucket
	partition ingest.Partition
}

// tail is the last claim, nil if there is none, and whether it is finished.
func (l ledger) tail(ctx context.Context) (claim *Claim, done bool, err error) {
	start, ok, err := l.last(ctx)
	if err != nil || !ok {
		return nil, false, err
	}
	if claim, err = l.fetch(ctx, start); err != nil {
		return nil, false, err
	}
	done, err = l.done(ctx, start)
	return claim, done, err
}

// fetch reads the claim that begins at start.
func (l ledger) fetch(ctx context.Context, start int64) (*Claim, error) {
	name := claimName(l.partition, start)
	f, err := l.bucket.Open(ctx, name)
	if err != nil {
		return nil, fmt.Errorf("read claim: %w", err)
	}
	defer f.Close()
	var c Claim
	if err := json.NewDecoder(io.NewSectionReader(f, 0, f.Size())).Decode(&c); err != nil {
		return nil, fmt.Errorf("read claim %s: %w", name, err)
	}
	if c.Start != start || c.Next < start || c.Next == start && c.Gap == nil {
		return nil, fmt.Errorf("read claim %s: it claims offsets %d to %d", name, c.Start, c.Next)
	}
	return &c, nil
}

// done says whether all files of the claim at start are known to be there.
func (l ledger) done(ctx context.Context, start int64) (bool, error) {
	f, err := l.bucket.Open(ctx, doneName(l.partition, start))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("read done mark: %w", err)
	}
	return true, f.Close()
}

// propose puts c in the ledger. If its start is claimed already, by another
// owner or by an earlier try whose answer was lost, that claim is returned: it
// is the one that counts.
func (l ledger) propose(ctx context.Context, c *Claim) (*Claim, error) {
	body, err := json.MarshalIndent(c, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("claim: %w", err)
	}
	err = l.bucket.Put(ctx, claimName(l.partition, c.Start), Bytes(append(body, '\n')))
	if errors.Is(err, ErrExists) {
		return l.fetch(ctx, c.Start)
	}
	if err != nil {
		return nil, fmt.Errorf("claim: %w", err)
	}
	return c, nil
}

// finish marks the claim at start as done.
func (l ledger) finish(ctx context.Context, c *Claim, writer string) error {
	body := fmt.Sprintf("{\"writer\": %q}\n", writer)
	err := l.bucket.Put(ctx, doneName(l.partition, c.Start), Bytes([]byte(body)))
	if err != nil && !errors.Is(err, ErrExists) {
		return fmt.Errorf("mark claim as done: %w", err)
	}
	return nil
}

// page is how many names are looked at before the search for the tail leaps.
const page = 1000

// last is the start of the last claim. It leaps ahead, farther each time, and
// halves the leap where it lands behind the end, so a ledger of many years costs
// a few dozen short listings.
func (l ledger) last(ctx context.Context) (start int64, ok bool, err error) {
	starts, more, err := l.starts(ctx, 0)
	if err != nil || len(starts) == 0 {
		return 0, false, err
	}
	start = starts[len(starts)-1]
	leap := start - starts[0]
	for more {
		ahead, rest, err := l.starts(ctx, start+1+leap)
		if err != nil {
			return 0, false, err
		}
		if len(ahead) == 0 {
			if leap == 0 {
				break
			}
			leap /= 2
			continue
		}
		start, more, leap = ahead[len(ahead)-1], rest, 2*leap
	}
	return start, true, nil
}

// starts are the starts of claims at or behind from, of one page of names, and
// whether there are more.
func (l ledger) starts(ctx context.Context, from int64) (starts []int64, more bool, err error) {
	folder := ledgerFolder(l.partition)
	names := 0
	err = l.bucket.List(ctx, folder, folder+pad(from), func(o Object) error {
		if names++; names > page {
			more = true
			return fs.SkipAll
		}
		text, isClaim := strings.CutSuffix(o.Name[len(folder):], ".json")
		if !isClaim {
			return nil
		}
		start, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return fmt.Errorf("%s is not the name of a claim: %w", o.Name, err)
		}
		starts = append(starts, start)
		return nil
	})
	if err != nil {
		return nil, false, fmt.Errorf("read ledger: %w", err)
	}
	return slices.Clip(starts), more, nil
}
