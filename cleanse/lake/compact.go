package lake

import (
	"cmp"
	"context"
	"fmt"
	"path"
	"slices"
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

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
