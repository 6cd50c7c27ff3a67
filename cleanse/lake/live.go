package lake

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"
)

// Live gives the files of a table whose rows are to be read, each row once, within
// [since, until) (zero is unbounded), in the order of their names. Unlike a plain
// glob it is exact while a compaction swaps files, and after one was killed.
//
// The files are listed before the records of compaction are: whatever had begun
// to move when the files were listed is in the records that are read afterwards.
// A file may be gone by the time that it is opened, if it was compacted since:
// then the list is to be asked for again.
func Live(ctx context.Context, bucket Bucket, table string, since, until time.Time) ([]Object, error) {
	b := newBounds(since, until, nil)
	return b.objects(ctx, bucket, table)
}

// objects are the files of a table whose date is within bounds.
func (b *bounds) objects(ctx context.Context, bucket Bucket, table string) ([]Object, error) {
	listed, err := b.listed(ctx, bucket, table)
	if err != nil {
		return nil, err
	}
	merges, err := listMerges(ctx, bucket, table, dayOf(b.since).String())
	if err != nil {
		return nil, err
	}
	if len(merges) == 0 {
		return listed, nil
	}
	var live []Object
	for len(listed) > 0 {
		folder := path.Dir(listed[0].Name)
		n := 1
		for n < len(listed) && path.Dir(listed[n].Name) == folder {
			n++
		}
		date := strings.TrimPrefix(path.Base(folder), "date=")
		there, err := resolve(ctx, bucket, table, date, listed[:n], merges[date])
		if err != nil {
			return nil, err
		}
		live, listed = append(live, there...), listed[n:]
		delete(merges, date)
	}
	for date, f := range merges { // dates whose files were all on the move
		d, err := parseDay(date)
		if err != nil || int64(d)*microsPerDay >= b.until || d < dayOf(b.since) {
			continue
		}
		there, err := resolve(ctx, bucket, table, date, nil, f)
		if err != nil {
			return nil, err
		}
		live = append(live, there...)
	}
	slices.SortFunc(live, func(x, y Object) int { return strings.Compare(finalName(x.Name), finalName(y.Name)) })
	return live, nil
}

// resolve applies the merges of a folder to its files.
func resolve(ctx context.Context, bucket Bucket, table, date string, listed []Object, f *folderMerges) ([]Object, error) {
	if f == nil || f.settled(listed) {
		return listed, nil
	}
	files := map[string]Object{}
	folder := table + "/date=" + date + "/"
	for base, o := range f.strays {
		files[folder+base] = o
	}
	for _, o := range listed {
		files[o.Name] = o
	}
	var merges []*Merge
	for _, seq := range f.published {
		m, err := readMerge(ctx, bucket, table, date, seq)
		if err != nil {
			return nil, err
		}
		merges = append(merges, m)
		for _, out := range m.Outputs {
			if o, moved := files[out.Name]; !moved || o.Name != out.Name {
				files[out.Name] = Object{Name: staged(out.Name), Size: out.Size}
			}
		}
	}
	for _, m := range merges {
		for _, input := range m.Inputs {
			delete(files, input)
		}
	}
	live := make([]Object, 0, len(files))
	for _, o := range files {
		live = append(live, o)
	}
	return live, nil
}

// settled says whether the files can be read without asking the records: all
// merges are swapped in, and nothing is there but what the last one made.
func (f *folderMerges) settled(listed []Object) bool {
	last := f.lastSeq()
	return !f.pending() && len(f.strays) == 0 &&
		!slices.ContainsFunc(listed, func(o Object) bool { return mergedSeq(o.Name) != last })
}

// finalName is the name that a file has, or will have when it is swapped in.
func finalName(name string) string {
	name = strings.TrimPrefix(name, compactRoot)
	if i := strings.Index(name, "/"+swapPrefix); i >= 0 {
		return name[:i+1] + path.Base(name)
	}
	return name
}

// openLive opens a file of Live, which may have moved since.
func openLive(ctx context.Context, bucket Bucket, name string) (File, error) {
	f, err := bucket.Open(ctx, name)
	if errors.Is(err, fs.ErrNotExist) && finalName(name) != name {
		f, err = bucket.Open(ctx, finalName(name))
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s was compacted since the lake was listed: read again: %w", name, err)
	}
	return f, err
}
