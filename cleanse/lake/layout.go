package lake

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/encoding"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"
)

// layout is what all files of a table have in common. It holds for flat rows only.
type layout struct {
	footer  format.FileMetaData // of a file without rows, as parquet-go makes it
	sorting []format.SortingColumn
	leaves  []leafLayout
}

// leafLayout is a column: how it stands in packed rows and in files.
type leafLayout struct {
	kind       packedKind
	optional   bool
	dictionary bool
	encoding   encoding.Encoding
	filter     parquet.BloomFilterColumn // nil if it has none
	indexSize  int                       // bytes of text that an index's bounds have at most
	typ        parquet.Type
	metadata   format.ColumnMetaData // what doesn't depend on rows
}

// layoutOf is t's layout; nil where its rows hold lists, which only parquet-go's own
// writer writes. The schema's columns are the row's fields in their order, as
// the packing's are.
func layoutOf[R any](t *table[R]) (*layout, error) {
	if slices.ContainsFunc(t.packing.fields, func(f packed) bool { return f.kind == packedReasons }) {
		return nil, nil
	}
	config, err := parquet.NewWriterConfig(t.options(t.page)...)
	if err != nil {
		return nil, fmt.Errorf("layout of %s: %w", t.name, err)
	}
	var empty bytes.Buffer
	w := parquet.NewGenericWriter[R](&empty, t.options(t.page)...)
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("layout of %s: %w", t.name, err)
	}
	l := &layout{footer: *w.File().Metadata()}
	fields := w.Schema().Fields()
	if len(fields) != len(t.packing.fields) {
		return nil, fmt.Errorf("layout of %s: %d columns of rows that have %d fields", t.name, len(fields), len(t.packing.fields))
	}
	for i, f := range fields {
		leaf := leafLayoutOf(f, t.packing.fields[i].kind, config)
		l.leaves = append(l.leaves, leaf)
	}
	for _, name := range t.sorting {
		at := slices.IndexFunc(fields, func(f parquet.Field) bool { return f.Name() == name })
		l.sorting = append(l.sorting, format.SortingColumn{ColumnIdx: int32(at)})
	}
	return l, nil
}

func leafLayoutOf(f parquet.Field, kind packedKind, config *parquet.WriterConfig) leafLayout {
	path := []string{f.Name()}
	leaf := leafLayout{kind: kind, optional: f.Optional(), encoding: f.Encoding(), indexSize: config.ColumnIndexSizeLimit(path), typ: f.Type()}
	switch {
	case leaf.encoding != nil:
	case f.Type().Kind() == parquet.ByteArray:
		leaf.encoding = &parquet.DeltaLengthByteArray // as parquet-go does
	default:
		leaf.encoding = &parquet.Plain
	}
	leaf.dictionary = leaf.encoding.Encoding() == format.RLEDictionary
	for _, filter := range config.BloomFilters {
		if slices.Equal(filter.Path(), path) {
			leaf.filter = filter
		}
	}
	encodings := []format.Encoding{leaf.encoding.Encoding()}
	if leaf.optional {
		encodings = append(encodings, format.RLE)
	}
	if leaf.dictionary {
		encodings = append(encodings, format.Plain)
	}
	slices.Sort(encodings)
	leaf.metadata = format.ColumnMetaData{
		Type: format.Type(f.Type().Kind()), Encoding: encodings,
		PathInSchema: thrift.Slice[string](path), Codec: config.Compression.CompressionCodec(),
	}
	return leaf
}
