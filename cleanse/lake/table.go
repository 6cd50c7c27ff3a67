package lake

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"sync"

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

	// small and large are pools of *parquet.GenericWriter[R]. A writer sets aside a page
	// a column, so the many small files of a backfill have writers of their own.
	small, large sync.Pool
}

// Files of up to smallRows rows are written with pages of smallPage bytes, so
// that none of their columns needs more than one. Others have pages that are
// large enough to compress well and small enough to skip.
const (
	smallRows = 1 << 11
	smallPage = 16 << 10
	largePage = 256 << 10
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
// the rows alone, so whoever writes a range writes the same file.
func (t *table[R]) encode(rows []R, order []int32) ([]byte, error) {
	var out bytes.Buffer
	pool, page := &t.large, largePage
	if len(order) <= smallRows {
		pool, page = &t.small, smallPage
	}
	w, ok := pool.Get().(*parquet.GenericWriter[R])
	if ok {
		w.Reset(&out)
	} else {
		w = parquet.NewGenericWriter[R](&out, t.options(page)...)
	}
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
	w.Reset(nil)
	pool.Put(w)
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
		p := t.place(&rows[i])
		keys[i] = key{time: p.time, day: dayOf(p.time), rank: ranks[p.patient], index: int32(i)}
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

func (t *table[R]) rank(rows []R) map[string]int32 {
	ranks := make(map[string]int32)
	for i := range rows {
		ranks[t.place(&rows[i]).patient] = 0
	}
	patients := make([]string, 0, len(ranks))
	for p := range ranks {
		patients = append(patients, p)
	}
	slices.Sort(patients)
	for i, p := range patients {
		ranks[p] = int32(i)
	}
	return ranks
}
