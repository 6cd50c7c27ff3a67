package audit

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strconv"
	"strings"
)

// claim is an entry of the ledger, as docs/lake.md describes it.
type claim struct {
	Topic     string `json:"topic"`
	TopicID   string `json:"topic_id"`
	Partition int32  `json:"partition"`
	Start     int64  `json:"start"`
	Next      int64  `json:"next"`
	Counts    struct {
		Read        int64 `json:"read"`
		Accepted    int64 `json:"accepted"`
		Quarantined int64 `json:"quarantined"`
		Duplicate   int64 `json:"duplicate"`
		Late        int64 `json:"late"`
	} `json:"counts"`
	Files []struct {
		Name  string `json:"name"`
		Table string `json:"table"`
		Rows  int64  `json:"rows"`
	} `json:"files"`
	Gap *struct {
		Why       string `json:"why"`
		Continues string `json:"continues"`
		From      int64  `json:"from"`
	} `json:"gap"`

	done      bool // its done mark was there before the files were listed
	abandoned bool // its done mark says that it was given up
	missing   int  // files that it lacks, if so
}

// ledger is the claims of a partition, in order.
type ledger struct {
	Partition
	claims []*claim
	begins int64 // where its first claim must begin
}

// merge is a record of compaction: outputs stand in for inputs.
type merge struct {
	Table   string   `json:"table"`
	TopicID string   `json:"topic_id"`
	Inputs  []string `json:"inputs"`
	Outputs []struct {
		Name string `json:"name"`
		Rows int64  `json:"rows"`
	} `json:"outputs"`
	Dropped []struct {
		Partition int32 `json:"partition"`
		Offset    int64 `json:"offset"`
	} `json:"dropped"`

	name string
	done bool
}

// inventory reads what is there. A lake may be written to meanwhile, so the order
// matters: what the ledger calls done before the files are listed must be among
// them, and what is among them must be in the ledger, and in the records of
// compaction, as they are afterwards.
func (a *audit) inventory(ctx context.Context) error {
	before, err := a.names(ctx, "_ledger/")
	if err != nil {
		return err
	}
	doneBefore := map[string]bool{}
	for _, name := range before {
		doneBefore[name] = strings.HasSuffix(name, ".done")
	}
	if err := a.listFiles(ctx); err != nil {
		return err
	}
	after, err := a.names(ctx, "_ledger/")
	if err != nil {
		return err
	}
	for _, name := range after {
		if err := a.readClaim(ctx, name, doneBefore); err != nil {
			return err
		}
	}
	return a.readMerges(ctx)
}

func (a *audit) names(ctx context.Context, prefix string) (names []string, err error) {
	err = a.store.List(ctx, prefix, func(name string, _ int64) error {
		names = append(names, name)
		return nil
	})
	return names, err
}

func (a *audit) readClaim(ctx context.Context, name string, done map[string]bool) error {
	base, isClaim := strings.CutSuffix(name, ".json")
	parts := strings.Split(base, "/")
	if !isClaim || len(parts) != 4 {
		return nil
	}
	partition, err1 := strconv.ParseInt(parts[2], 10, 32)
	start, err2 := strconv.ParseInt(parts[3], 10, 64)
	c := &claim{}
	err3 := a.readJSON(ctx, name, c)
	if err := errors.Join(err1, err2, err3); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if c.TopicID != parts[1] || int64(c.Partition) != partition || c.Start != start || c.Next < start || c.Next == start && c.Gap == nil {
		a.report.add(Difference{Kind: "claim", File: name, Note: fmt.Sprintf("it claims offsets %d to %d of %s partition %d",
			c.Start, c.Next-1, c.TopicID, c.Partition)})
		return nil
	}
	c.done = done[base+".done"]
	key := ledgerKey{c.TopicID, c.Partition}
	l := a.ledgers[key]
	if l == nil {
		l = &ledger{Partition: Partition{Topic: c.Topic, TopicID: c.TopicID, Number: c.Partition}}
		a.ledgers[key] = l
	}
	l.claims = append(l.claims, c)
	return nil
}

func (a *audit) readJSON(ctx context.Context, name string, into any) error {
	f, err := a.store.Open(ctx, name)
	if err != nil {
		return err
	}
	defer f.Close()
	return json.NewDecoder(io.NewSectionReader(f, 0, f.Size())).Decode(into)
}

func (a *audit) readMerges(ctx context.Context) error {
	names, err := a.names(ctx, "_compact/")
	if err != nil {
		return err
	}
	there := map[string]bool{}
	for _, name := range names {
		there[name] = true
		if folder, rest, isStray := strings.Cut(strings.TrimPrefix(name, "_compact/"), "/swap-"); isStray {
			_, base, _ := strings.Cut(rest, "/")
			a.strays[folder+"/"+base] = name
		}
	}
	for _, name := range names {
		base, isRecord := strings.CutSuffix(name, ".json")
		if !isRecord || strings.Count(name, "/") != 3 {
			continue
		}
		m := &merge{name: name, done: there[base+".done"]}
		if err := a.readJSON(ctx, name, m); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		a.merges = append(a.merges, m)
	}
	return nil
}

// chains checks that claims follow one another, add up and are finished.
func (a *audit) chains() {
	for _, l := range a.ledgers {
		slices.SortFunc(l.claims, func(x, y *claim) int { return cmp.Compare(x.Start, y.Start) })
		if last := l.claims[len(l.claims)-1]; last.Gap != nil && last.Gap.Continues != "" {
			l.Continues = last.Gap.Continues
			if after := a.ledgers[ledgerKey{l.Continues, l.Number}]; after != nil {
				after.begins = last.Gap.From
			}
		}
	}
	for _, l := range a.ledgers {
		a.chain(l)
	}
}

func (a *audit) chain(l *ledger) {
	next := l.begins
	l.Claims, l.From = len(l.claims), next
	for i, c := range l.claims {
		if c.Start != next {
			a.report.add(l.difference("claim", next, c.Start, fmt.Sprintf("a claim begins at %d where %d is next", c.Start, next)))
		}
		n := c.Counts
		if n.Read != n.Accepted+n.Quarantined+n.Duplicate+n.Late {
			a.report.add(l.difference("claim", c.Start, c.Next, "its counts don't add up"))
		}
		if c.Topic != l.Topic {
			a.report.add(l.difference("claim", c.Start, c.Next, "it names topic "+c.Topic))
		}
		if last := i == len(l.claims)-1; !c.done && !last && l.claims[i+1].done {
			a.report.add(l.difference("claim", c.Start, c.Next, "it isn't done, but the claim after it is"))
		}
		if c.Gap != nil && c.Next > c.Start {
			l.GivenUp = append(l.GivenUp, Gap{c.Start, c.Next, c.Gap.Why})
			l.Counts.Lost += c.Next - c.Start
		}
		next = c.Next
	}
	l.Next = next
	for len(l.claims) > 0 && !l.claims[len(l.claims)-1].done {
		l.Open, l.Next = true, l.claims[len(l.claims)-1].Start
		l.claims = l.claims[:len(l.claims)-1]
	}
}

func (l *ledger) difference(kind string, start, next int64, note string) Difference {
	return Difference{Kind: kind, Topic: l.Topic, TopicID: l.TopicID, Partition: l.Number, Start: start, Next: next, Note: note}
}

// abandoned reads whether a done mark says that its claim was given up.
func (a *audit) abandoned(ctx context.Context, c *claim) (bool, error) {
	var mark struct {
		Gap *struct{} `json:"gap"`
	}
	err := a.readJSON(ctx, fmt.Sprintf("_ledger/%s/%d/%020d.done", c.TopicID, c.Partition, c.Start), &mark)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return mark.Gap != nil, err
}
