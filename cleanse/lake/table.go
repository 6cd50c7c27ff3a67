package lake

import (
	"bytes"
	"fmt"
	"strconv"
	"sync"

	"github.com/parquet-go/parquet-go"
)

// place is where a row belongs: the day of its file, then whose it is and when.
type place struct {
	patient string
	time    int64 // microseconds UTC; its day is the file's
}

// table is how rows of one kind become files.
type table[R any] struct {
	name    string
	place   func(*R) place
	offset  func(*R) int64
	sorting []string // columns that a file is sorted by
	bloom   []string // columns with a bloom filter
	width   int      // of the widest column in a typical row, in bytes
	page    int      // how large a page may be, in bytes
	stored  int      // what a typical row takes in a file, in bytes
	packing packing[R]
	layout  func() (*layout, error) // nil where only parquet-go's own writer will do
}

// ready completes a table. Its layout is made when it is first needed.
func (t *table[R]) ready() *table[R] {
	t.packing = packingOf[R]()
	t.layout = sync.OnceValues(func() (*layout, error) { return layoutOf(t) })
	return t
}

// A page is large enough to compress well and small enough to skip. A file of few
// rows gets pages that just hold them: a writer sets one aside for each column
// before the first row, and a backfill makes thousands of small files.
// What is looked up by patient has smaller pages than what is read in a piece: less
// is read of them, and the room for all columns of a file stays in the cache.
const (
	smallestPage = 1 << 10
	patientPage  = 64 << 10
	arrivalPage  = 256 << 10
)

// rowsPerGroup bounds what a reader of one patient must decode.
const rowsPerGroup = 128 << 10

// gather is how many rows are brought into order before they are handed to the
// encoder: few enough to stay in the processor's cache.
const gather = 256

func (t *table[R]) options(page int) []parquet.WriterOption {
	options := []parquet.WriterOption{
		parquet.Compression(codec),
		parquet.MaxRowsPerRowGroup(rowsPerGroup),
		parquet.PageBufferSize(page),
		parquet.DataPageStatistics(false), // the column index says the same
		parquet.CreatedBy("titrate", strconv.Itoa(SchemaVersion), ""),
		parquet.KeyValueMetadata("titrate.schema", strconv.Itoa(SchemaVersion)),
	}
	var sorting []parquet.SortingColumn
	for _, c := range t.sorting {
		sorting = append(sorting, parquet.Ascending(c))
	}
	var blooms []parquet.BloomFilterColumn
	for _, c := range t.bloom {
		blooms = append(blooms, parquet.SplitBlockFilter(10, c))
	}
	return append(options,
		parquet.SortingWriterConfig(parquet.SortingColumns(sorting...)),
		parquet.BloomFilters(blooms...))
}

// pageFor is how large a page of a file of count rows may be.
func (t *table[R]) pageFor(count int) int { return min(max(t.width*count, smallestPage), t.page) }

// encode writes count rows with parquet-go's own writer, which row gives in the order of the file. The bytes
// depend on the rows alone, so whoever writes a range writes the same file. Writers
// aren't reused: after its Reset, parquet-go v0.32 leaves out the columns' paths and
// the sort order.
func (t *table[R]) encode(count int, row func(i int, into *R)) ([]byte, error) {
	var out bytes.Buffer
	out.Grow(t.stored * count)
	w := parquet.NewGenericWriter[R](&out, t.options(t.pageFor(count))...)
	chunk := make([]R, min(count, gather))
	for start := 0; start < count; start += gather {
		part := chunk[:min(gather, count-start)]
		for i := range part {
			row(start+i, &part[i])
		}
		if _, err := w.Write(part); err != nil {
			return nil, fmt.Errorf("encode %s: %w", t.name, err)
		}
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("encode %s: %w", t.name, err)
	}
	return out.Bytes(), nil
}
