package lake

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strconv"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress/zstd"
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
}

// A page is large enough to compress well and small enough to skip. A file of few
// rows gets pages that just hold them: a writer sets one aside for each column
// before the first row, and a backfill makes thousands of small files.
const (
	smallestPage = 1 << 10
	largestPage  = 256 << 10
)

// rowsPerGroup bounds what a reader of one patient must decode.
const rowsPerGroup = 128 << 10

// gather is how many rows are brought into order before they are handed to the
// encoder: few enough to stay in the processor's cache.
const gather = 256

// codec is shared: it pools its encoders, which are large.
var codec = &zstd.Codec{Level: zstd.SpeedFastest}

func (t *table[R]) options(page int) []parquet.WriterOption {
	options := []parquet.WriterOption{
		parquet.Compression(codec),
		parquet.MaxRowsPerRowGroup(rowsPerGroup),
		parquet.PageBufferSize(page),
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

// encode writes the rows that order picks, in that order. The bytes depend on
// the rows alone, so whoever writes a range writes the same file. Writers aren't
// reused: after its Reset, parquet-go v0.32 leaves out the columns' paths and the
// sort order.
func (t *table[R]) encode(rows []R, order []int32) ([]byte, error) {
	var out bytes.Buffer
	page := min(max(t.width*len(order), smallestPage), largestPage)
	w := parquet.NewGenericWriter[R](&out, t.options(page)...)
	var chunk [gather]R
	for part := range slices.Chunk(order, gather) {
		for i, n := range part {
			chunk[i] = rows[n]
		}
		if _, err := w.Write(chunk[:len(part)]); err != nil {
			return nil, fmt.Errorf("encode %s: %w", t.name, err)
		}
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("encode %s: %w", t.name, err)
	}
	return out.Bytes(), nil
}

// span is the rows of one day, in the order of their file.
type span struct {
	day   day
	order []int32
}

// arrange sorts rows by day, patient, time and arrival, and cuts them by day.
// Patients are ranked first, so that the sort itself compares integers.
func (t *table[R]) arrange(rows []R) []span {
	type key struct {
		time  int64
		day   day
		rank  int32
		index int32
	}
	keys := make([]key, len(rows))
	ranks := t.rank(rows)
	for i := range rows {
		time := t.place(&rows[i]).time
		keys[i] = key{time: time, day: dayOf(time), rank: ranks[i], index: int32(i)}
	}
	slices.SortFunc(keys, func(a, b key) int {
		return cmp.Or(cmp.Compare(a.day, b.day), cmp.Compare(a.rank, b.rank),
			cmp.Compare(a.time, b.time), cmp.Compare(a.index, b.index))
	})
	order := make([]int32, len(keys))
	var spans []span
	start := 0
	for i, k := range keys {
		order[i] = k.index
		if i+1 == len(keys) || keys[i+1].day != k.day {
			spans = append(spans, span{day: k.day, order: order[start : i+1]})
			start = i + 1
		}
	}
	return spans
}

// rank is, for each row, the place of its patient among all patients.
func (t *table[R]) rank(rows []R) []int32 {
	numbers := make(map[string]int32)
	var patients []string // by number
	ranks := make([]int32, len(rows))
	for i := range rows {
		patient := t.place(&rows[i]).patient
		n, known := numbers[patient]
		if !known {
			n = int32(len(patients))
			numbers[patient] = n
			patients = append(patients, patient)
		}
		ranks[i] = n
	}
	rankOf := make([]int32, len(patients))
	for rank, patient := range slices.Sorted(slices.Values(patients)) {
		rankOf[numbers[patient]] = int32(rank)
	}
	for i, n := range ranks {
		ranks[i] = rankOf[n]
	}
	return ranks
}
