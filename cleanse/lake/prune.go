package lake

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"github.com/parquet-go/parquet-go"
)

// bounds are the rows that a reader wants. The zero bounds are all rows.
type bounds struct {
	since, until int64    // microseconds; since <= time < until
	patients     []string // sorted; nil for all
}

func newBounds(since, until time.Time, patients []string) bounds {
	b := bounds{since: minMicros, until: maxMicros}
	if !since.IsZero() {
		b.since = ceilMicros(since)
	}
	if !until.IsZero() {
		b.until = ceilMicros(until)
	}
	if patients != nil {
		b.patients = append([]string{}, patients...) // none is not everyone
		slices.Sort(b.patients)
	}
	return b
}

// The bounds of time are the years 1 and 9999: dates beyond have no name.
var (
	minMicros = time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC).UnixMicro()
	maxMicros = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC).UnixMicro()
)

// ceilMicros keeps a row's time, which is cut to microseconds, on the right side
// of a bound that is finer.
func ceilMicros(t time.Time) int64 {
	us := t.UnixMicro()
	if t.After(time.UnixMicro(us)) {
		us++
	}
	return us
}

func (b *bounds) wants(patient string) bool {
	if b.patients == nil {
		return true
	}
	_, found := slices.BinarySearch(b.patients, patient)
	return found
}

// listed are the files of a table's folders whose date is within bounds.
func (b *bounds) listed(ctx context.Context, bucket Bucket, table string) ([]Object, error) {
	folder := table + "/date="
	var found []Object
	err := bucket.List(ctx, folder, folder+dayOf(b.since).String(), func(o Object) error {
		date, _, ok := strings.Cut(o.Name[len(folder):], "/")
		if !ok || !strings.HasSuffix(o.Name, ".parquet") {
			return nil
		}
		d, err := parseDay(date)
		if err != nil {
			return fmt.Errorf("%s: %w", o.Name, err)
		}
		if int64(d)*microsPerDay >= b.until {
			return fs.SkipAll
		}
		found = append(found, o)
		return nil
	})
	return found, err
}

// may says whether a row group can hold a wanted row, by its statistics and its
// bloom filter. It never says no wrongly.
func (b *bounds) may(group parquet.RowGroup) bool {
	if low, high, ok := chunkBounds(group, timeColumn(group)); ok {
		if high.Int64() < b.since || low.Int64() >= b.until {
			return false
		}
	}
	if b.patients == nil {
		return true
	}
	candidates := b.patients
	if low, high, ok := chunkBounds(group, "patient"); ok {
		first, _ := slices.BinarySearch(candidates, low.String())
		last, found := slices.BinarySearch(candidates, high.String())
		if found {
			last++
		}
		candidates = candidates[first:max(first, last)]
	}
	return anyInBloom(group, candidates)
}

// manyPatients is from how many candidates on the bloom filter isn't asked: that
// one of so many is there is likely.
const manyPatients = 64

func anyInBloom(group parquet.RowGroup, candidates []string) bool {
	chunk := chunkOf(group, "patient")
	if len(candidates) == 0 || len(candidates) > manyPatients || chunk == nil {
		return len(candidates) > 0
	}
	filter := chunk.BloomFilter()
	if filter == nil {
		return true
	}
	return slices.ContainsFunc(candidates, func(patient string) bool {
		found, err := filter.Check(parquet.ValueOf(patient))
		return found || err != nil // unreadable: the rows themselves will tell
	})
}

// timeColumn is the column that Since and Until are about.
func timeColumn(group parquet.RowGroup) string {
	if chunkOf(group, "time") != nil {
		return "time"
	}
	return "received"
}

func chunkOf(group parquet.RowGroup, column string) parquet.ColumnChunk {
	leaf, ok := group.Schema().Lookup(column)
	if !ok {
		return nil
	}
	return group.ColumnChunks()[leaf.ColumnIndex]
}

func chunkBounds(group parquet.RowGroup, column string) (low, high parquet.Value, ok bool) {
	chunk, is := chunkOf(group, column).(*parquet.FileColumnChunk)
	if !is {
		return low, high, false
	}
	return chunk.Bounds()
}

// withFile opens one Parquet file of the lake for as long as fn runs.
func withFile(ctx context.Context, bucket Bucket, o Object, fn func(*parquet.File) error) error {
	return withFileRead(ctx, bucket, o, readBuffer, fn)
}

// withFileRead is withFile that reads so many bytes at once.
func withFileRead(ctx context.Context, bucket Bucket, o Object, atOnce int, fn func(*parquet.File) error) (err error) {
	f, err := openLive(ctx, bucket, o.Name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	pf, err := parquet.OpenFile(f, f.Size(), parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true),
		parquet.OptimisticRead(true), parquet.ReadBufferSize(atOnce))
	if err == nil {
		err = fn(pf)
	}
	if err != nil {
		return fmt.Errorf("read %s: %w", o.Name, err)
	}
	return nil
}

// readBuffer is how much is read at once: a request to an object store costs as
// much as transferring about this many bytes.
const readBuffer = 256 << 10

// fewBuffer is for who wants few patients' rows: most files that are opened have
// none, so it holds the end of a file, which says that, and hardly more.
const fewBuffer = 32 << 10

// atOnce is how much to read at once.
func (b *bounds) atOnce() int {
	if b.patients != nil && len(b.patients) <= manyPatients {
		return fewBuffer
	}
	return readBuffer
}
