package lake

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path"
)

// complete goes through the merges of a day again, first to last: it swaps in what
// was left half-done, and removes replaced files that a writer which hung for long
// has put once more.
func (c *compactor) complete(ctx context.Context, table, date string, f *folderMerges) error {
	replaced := map[string]bool{}
	var merges []*Merge
	for _, seq := range f.published {
		m, err := readMerge(ctx, c.bucket, table, date, seq)
		if err != nil {
			return err
		}
		merges = append(merges, m)
		for _, input := range m.Inputs {
			replaced[input] = true
		}
	}
	for _, m := range merges {
		if f.done[m.Seq] {
			continue
		}
		if err := c.swap(ctx, m, replaced); err != nil {
			return err
		}
		f.done[m.Seq] = true
		c.summary.Completed++
	}
	for _, input := range sortedKeys(replaced) { // in an order: a schedule of faults can be played again
		if err := c.bucket.Remove(ctx, input); err != nil {
			return err
		}
	}
	return nil
}

// swap has plain globs see what a merge made, and marks it as done. replaced are
// the names that no folder is to hold any more: a later merge may have taken what
// this one made.
func (c *compactor) swap(ctx context.Context, m *Merge, replaced map[string]bool) error {
	add := map[string]string{}
	for _, out := range m.Outputs {
		if !replaced[out.Name] {
			add[path.Base(out.Name)] = staged(out.Name)
		}
	}
	exchanged, err := c.exchange(ctx, m, add, replaced)
	if err != nil {
		return err
	}
	if !exchanged {
		if err := c.replace(ctx, m, add); err != nil {
			return err
		}
	}
	err = c.bucket.Put(ctx, m.doneName(), Bytes([]byte(fmt.Sprintf("{\"writer\": %q}\n", c.o.ID))))
	if err != nil && !errors.Is(err, ErrExists) {
		return err
	}
	for _, out := range m.Outputs {
		if err := c.bucket.Remove(ctx, staged(out.Name)); err != nil {
			return err
		}
	}
	return nil
}

func (c *compactor) exchange(ctx context.Context, m *Merge, add map[string]string, replaced map[string]bool) (bool, error) {
	e, can := c.bucket.(Exchanger)
	if !can {
		return false, nil
	}
	var drop []string
	for name := range replaced {
		drop = append(drop, path.Base(name))
	}
	return e.Exchange(ctx, m.folder(), add, drop)
}

// replace puts what is new and removes what is old, object by object.
func (c *compactor) replace(ctx context.Context, m *Merge, add map[string]string) error {
	for _, base := range sortedKeys(add) {
		if err := c.move(ctx, add[base], m.folder()+base); err != nil {
			return err
		}
	}
	for _, input := range m.Inputs {
		if err := c.bucket.Remove(ctx, input); err != nil {
			return err
		}
	}
	return nil
}

// move puts a staged object under its name. The staged one stays for readers that
// were told of it, until the merge is done.
func (c *compactor) move(ctx context.Context, from, to string) error {
	f, err := openLive(ctx, c.bucket, from)
	if err != nil {
		return err
	}
	err = c.bucket.Put(ctx, to, io.NewSectionReader(f, 0, f.Size()))
	if errors.Is(err, ErrExists) {
		err = nil
	}
	return errors.Join(err, f.Close())
}
