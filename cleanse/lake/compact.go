package lake

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/titrate/titrate/ingest"
)

// CompactOptions are what to compact. The zero value works, but for ID and Now.
type CompactOptions struct {
	ID string // of the compactor, for people who read the records
	// Now is the time; After is how long a day must be over (default 1 h).
	Now   time.Time
	After time.Duration
	// MinFiles is from how many files of a table, day and topic on they are
	// merged (default 2).
	MinFiles int
	// Temp is a directory for sorting (default the system's), and SortRows how many
	// rows are sorted in memory (default 131,072, some 50 MB).
	Temp     string
	SortRows int
	// DryRun only counts what would be merged.
	DryRun bool
	// Progress, if not nil, is told of each day of a table that was looked at.
	Progress func(table, date string)
}

// CompactSummary counts what compaction did.
type CompactSummary struct {
	Merges      int   `json:"merges"`
	FilesBefore int   `json:"files_before"` // that were merged
	FilesAfter  int   `json:"files_after"`
	Rows        int64 `json:"rows"`    // in the files after
	Dropped     int64 `json:"dropped"` // that say what an earlier row says
	BytesBefore int64 `json:"bytes_before"`
	BytesAfter  int64 `json:"bytes_after"`
	Completed   int   `json:"completed"` // merges that an earlier compaction had left half-done
}

// Compact merges the files of finished days: one file for each table, day and
// topic, sorted, without rows that repeat an earlier one (the first by partition
// and offset stays). One compaction at a time is to work on a lake; writers and
// readers need not wait for it.
//
// A merge goes by these steps, and can be killed between any two of them:
//
//  1. the merged file is put where no glob looks
//  2. the record is put, if its name is free: from here on [Live] and all that
//     reads by it see the merged file and not the others
//  3. the files change places for plain globs, in one step where the bucket is
//     an [Exchanger]; else the merged file is put first, then the others removed
//  4. the done mark is put
//
// A compaction first completes the merges that it finds behind step 2.
func Compact(ctx context.Context, bucket Remover, o CompactOptions) (CompactSummary, error) {
	o.ID = cmp.Or(o.ID, "titrate")
	o.MinFiles = max(o.MinFiles, 2)
	o.After = cmp.Or(o.After, time.Hour)
	o.SortRows = cmp.Or(o.SortRows, 128<<10)
	c := &compactor{bucket: bucket, o: o, open: map[ingest.Partition]int64{}}
	for _, m := range mergers(newTables()) {
		if err := c.table(ctx, m); err != nil {
			return c.summary, fmt.Errorf("compact %s of %w", m.tableName(), err)
		}
	}
	return c.summary, nil
}

// compactor is one call of Compact.
type compactor struct {
	bucket  Remover
	o       CompactOptions
	summary CompactSummary
	open    map[ingest.Partition]int64 // where the open claim of a partition begins
}

// table compacts the days of one table.
func (c *compactor) table(ctx context.Context, t merger) error {
	all := newBounds(time.Time{}, c.o.Now.Add(-c.o.After).UTC().Truncate(24*time.Hour), nil)
	listed, err := all.listed(ctx, c.bucket, t.tableName())
	if err != nil {
		return err
	}
	merges, err := listMerges(ctx, c.bucket, t.tableName(), "")
	if err != nil {
		return err
	}
	dates := map[string][]Object{}
	for _, o := range listed {
		date := strings.TrimPrefix(path.Base(path.Dir(o.Name)), "date=")
		dates[date] = append(dates[date], o)
	}
	for date, f := range merges {
		if _, known := dates[date]; !known && f.lastSeq() > 0 {
			dates[date] = nil
		}
	}
	for _, date := range sortedKeys(dates) {
		if err := c.day(ctx, t, date, dates[date], merges[date]); err != nil {
			return fmt.Errorf("%s: %w", date, err)
		}
		if c.o.Progress != nil {
			c.o.Progress(t.tableName(), date)
		}
	}
	return nil
}

// day completes what was begun of a day and merges what is left.
func (c *compactor) day(ctx context.Context, t merger, date string, listed []Object, f *folderMerges) error {
	if f == nil {
		f = &folderMerges{done: map[int]bool{}}
	}
	if !f.settled(listed) && f.lastSeq() > 0 && !c.o.DryRun {
		if err := c.complete(ctx, t.tableName(), date, f); err != nil {
			return err
		}
	}
	live, err := resolve(ctx, c.bucket, t.tableName(), date, listed, f)
	if err != nil {
		return err
	}
	seq := f.lastSeq()
	for _, inputs := range byTopic(live) {
		if inputs, err = c.finished(ctx, inputs); err != nil {
			return err
		}
		if len(inputs) < c.o.MinFiles {
			continue
		}
		seq++
		if err := c.merge(ctx, t, date, seq, inputs); err != nil {
			return err
		}
	}
	return nil
}

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
	for input := range replaced {
		if err := c.bucket.Remove(ctx, input); err != nil {
			return err
		}
	}
	return nil
}

// finished leaves out the files of claims that aren't done: whoever finishes the
// claim may put them again.
func (c *compactor) finished(ctx context.Context, files []Object) ([]Object, error) {
	var kept []Object
	for _, o := range files {
		id, start, ok := parseFileName(o.Name)
		if ok {
			from, known := c.open[id]
			if !known {
				claim, done, err := ledger{c.bucket, id}.tail(ctx)
				if err != nil {
					return nil, err
				}
				from = 1<<63 - 1
				if claim != nil && !done {
					from = claim.Start
				}
				c.open[id] = from
			}
			ok = start < from
		}
		if ok || mergedSeq(o.Name) > 0 {
			kept = append(kept, o)
		}
	}
	return kept, nil
}

// parseFileName takes apart the name of a claim's file.
func parseFileName(name string) (id ingest.Partition, start int64, ok bool) {
	id.TopicID = generation(name)
	parts := strings.Split(strings.TrimSuffix(path.Base(name), "."+id.TopicID+".parquet"), "-")
	n := len(parts)
	if n < 4 {
		return id, 0, false
	}
	id.Topic = strings.Join(parts[:n-3], "-")
	number, err1 := strconv.ParseInt(parts[n-3], 10, 32)
	start, err2 := strconv.ParseInt(parts[n-2], 10, 64)
	_, err3 := strconv.ParseInt(parts[n-1], 10, 64)
	id.Number = int32(number)
	return id, start, errors.Join(err1, err2, err3) == nil
}

// byTopic groups files by the topic that they are of, in the order of names.
func byTopic(files []Object) [][]Object {
	slices.SortFunc(files, func(x, y Object) int {
		return cmp.Or(strings.Compare(generation(x.Name), generation(y.Name)), strings.Compare(finalName(x.Name), finalName(y.Name)))
	})
	return slices.Collect(func(yield func([]Object) bool) {
		for len(files) > 0 {
			n := 1
			for n < len(files) && generation(files[n].Name) == generation(files[0].Name) {
				n++
			}
			if !yield(files[:n]) {
				return
			}
			files = files[n:]
		}
	})
}

// merge makes one file of many.
func (c *compactor) merge(ctx context.Context, t merger, date string, seq int, inputs []Object) error {
	m := &Merge{
		Table: t.tableName(), Date: date, TopicID: generation(inputs[0].Name), Seq: seq, Schema: SchemaVersion, Writer: c.o.ID,
		Dropped: []LogOffset{},
	}
	hash := sha256.New()
	fmt.Fprintln(hash, SchemaVersion)
	for _, o := range inputs {
		m.Inputs = append(m.Inputs, finalName(o.Name))
		fmt.Fprintln(hash, finalName(o.Name))
		c.summary.BytesBefore += o.Size
	}
	c.summary.Merges++
	c.summary.FilesBefore += len(inputs)
	c.summary.FilesAfter++
	if c.o.DryRun {
		return nil
	}
	name := fmt.Sprintf("%s%s-compact-%d-%s.%s.parquet", m.folder(), topicOf(inputs[0].Name), seq,
		hex.EncodeToString(hash.Sum(nil)[:8]), m.TopicID)
	if err := c.build(ctx, t, m, name, inputs); err != nil {
		return err
	}
	if err := m.publish(ctx, c.bucket); err != nil {
		return err
	}
	replaced := map[string]bool{}
	for _, input := range m.Inputs {
		replaced[input] = true
	}
	c.summary.Rows += m.Outputs[0].Rows
	c.summary.Dropped += int64(len(m.Dropped))
	c.summary.BytesAfter += m.Outputs[0].Size
	return c.swap(ctx, m, replaced)
}

// topicOf is how a file's name begins: with its topic.
func topicOf(name string) string {
	if mergedSeq(name) > 0 {
		base := path.Base(name)
		return base[:strings.LastIndex(base, "-compact-")]
	}
	id, _, _ := parseFileName(name)
	return id.Topic
}

// build sorts the rows of inputs into a file and stages it.
func (c *compactor) build(ctx context.Context, t merger, m *Merge, name string, inputs []Object) (err error) {
	temp, err := os.MkdirTemp(c.o.Temp, "titrate-compact-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(temp)) }()
	f, err := os.CreateTemp(temp, "merged-*")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	rows, dropped, err := t.merge(ctx, c.bucket, inputs, f, scratch{temp, c.o.SortRows})
	if err != nil {
		return err
	}
	size, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		return err
	}
	m.Dropped = append(m.Dropped, dropped...)
	m.Outputs = []Output{{Name: name, Rows: rows, Size: size}}
	err = c.bucket.Put(ctx, staged(name), io.NewSectionReader(f, 0, size))
	if errors.Is(err, ErrExists) { // of the same inputs by the same schema: the same rows
		return c.adopt(ctx, &m.Outputs[0])
	}
	return err
}

// adopt takes the size of an output that an earlier compaction has staged.
func (c *compactor) adopt(ctx context.Context, out *Output) error {
	f, err := c.bucket.Open(ctx, staged(out.Name))
	if err != nil {
		return err
	}
	out.Size = f.Size()
	return f.Close()
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
	for base, from := range add {
		if err := c.move(ctx, from, m.folder()+base); err != nil {
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

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
