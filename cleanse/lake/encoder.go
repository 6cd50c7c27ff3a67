package lake

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"

	"github.com/parquet-go/parquet-go/encoding/rle"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"
)

// encoder makes files of packed rows, column by column, with parquet-go's encodings
// and metadata. parquet-go's own writer takes rows apart value by value, which costs
// three times as much; what it would write of the same rows is the same, byte for
// byte (TestFilesAreParquetGos).
//
// An encoder is used again, with its memory. It isn't safe for concurrent use.
type encoder struct {
	layout   *layout
	leaves   []leaf
	full     int // from which size on a page is finished
	rows     int // of the row group
	out      bytes.Buffer
	footer   format.FileMetaData
	indexes  [][]format.ColumnIndex // of the row groups, by column
	offsets  [][]format.OffsetIndex
	levels   []byte // room for the page under way: levels,
	encoded  []byte // values,
	squeezed []byte // and compressed ones
	header   bytes.Buffer
}

const (
	magic = "PAR1"
	// stride is after how many rows parquet-go looks whether a page is full.
	stride = 64
)

// encode makes a file of count rows of a layout, which row gives in the order of the
// file. The file's memory is the caller's.
func (e *encoder) encode(l *layout, page, count int, row func(i int) []byte) ([]byte, error) {
	e.begin(l, page)
	for i := range count {
		e.take(row(i))
		if e.rows%stride == 0 || i == count-1 {
			if err := e.finish(e.full); err != nil {
				return nil, err
			}
		}
		if e.rows == rowsPerGroup || i == count-1 {
			if err := e.endGroup(); err != nil {
				return nil, err
			}
		}
	}
	return e.end()
}

func (e *encoder) begin(l *layout, page int) {
	e.layout, e.full, e.footer = l, int(float64(page)*0.98), l.footer
	e.footer.RowGroups, e.indexes, e.offsets = nil, nil, nil
	e.out = bytes.Buffer{}
	if missing := len(l.leaves) - len(e.leaves); missing > 0 {
		e.leaves = append(e.leaves, make([]leaf, missing)...)
	}
	e.leaves = e.leaves[:len(l.leaves)]
	e.beginGroup()
}

func (e *encoder) beginGroup() {
	e.rows = 0
	for i := range e.leaves {
		e.leaves[i].begin(&e.layout.leaves[i])
	}
}

// take adds a packed row.
func (e *encoder) take(row []byte) {
	set := binary.LittleEndian.Uint64(row)
	row = row[8:]
	for i := range e.leaves {
		row = e.leaves[i].take(row, set&1 != 0)
		set >>= 1
	}
	e.rows++
}

// finish ends the pages that have at least so many bytes.
func (e *encoder) finish(size int) error {
	for i := range e.leaves {
		if l := &e.leaves[i]; l.count() > 0 && l.size() >= size {
			if err := e.endPage(l); err != nil {
				return err
			}
		}
	}
	return nil
}

// endPage puts the values of l's page behind its other pages.
func (e *encoder) endPage(l *leaf) (err error) {
	count := l.count()
	e.levels = e.levels[:0]
	if l.optional {
		one := rle.Encoding{BitWidth: 1}
		if e.levels, err = one.EncodeLevels(e.levels, l.present); err != nil {
			return err
		}
	}
	if e.encoded, err = l.encode(e.encoded[:0]); err != nil {
		return err
	}
	if e.squeezed, err = codec.Encode(e.squeezed[:0], e.encoded); err != nil {
		return err
	}
	header := format.PageHeader{
		Type:                 format.DataPageV2,
		UncompressedPageSize: int32(len(e.levels) + len(e.encoded)), CompressedPageSize: int32(len(e.levels) + len(e.squeezed)),
		CRC: int32(crc32.Update(crc32.ChecksumIEEE(e.levels), crc32.IEEETable, e.squeezed)),
	}
	header.DataPageHeaderV2 = thrift.New(format.DataPageHeaderV2{
		NumValues: int32(count), NumNulls: int32(count - l.values), NumRows: int32(count), Encoding: l.encoding.Encoding(),
		DefinitionLevelsByteLength: int32(len(e.levels)), IsCompressed: thrift.New(true),
	})
	head, err := e.head(&header)
	if err != nil {
		return err
	}
	l.endPage(int32(len(head)), &header)
	l.pages = append(append(append(l.pages, head...), e.levels...), e.squeezed...)
	return nil
}

// head is a page's header as it stands before it, until the next call.
func (e *encoder) head(h *format.PageHeader) ([]byte, error) {
	e.header.Reset()
	err := encodeThrift(&e.header, h)
	return e.header.Bytes(), err
}

// endGroup writes the row group behind the others.
func (e *encoder) endGroup() error {
	if err := e.finish(0); err != nil {
		return err
	}
	if e.out.Len() == 0 {
		e.reserve()
		e.out.WriteString(magic)
	}
	group := format.RowGroup{
		NumRows: int64(e.rows), SortingColumns: e.layout.sorting, FileOffset: int64(e.out.Len()), Ordinal: int16(len(e.footer.RowGroups)),
	}
	var index []format.ColumnIndex
	var offsets []format.OffsetIndex
	for i := range e.leaves {
		l := &e.leaves[i]
		if err := e.writeChunk(l); err != nil {
			return err
		}
		index, offsets = append(index, l.columnIndex()), append(offsets, l.offsets)
	}
	for i := range e.leaves {
		l := &e.leaves[i]
		if err := e.writeFilter(l); err != nil {
			return err
		}
		group.TotalByteSize += l.metadata.TotalUncompressedSize
		group.TotalCompressedSize += l.metadata.TotalCompressedSize
		group.Columns = append(group.Columns, format.ColumnChunk{MetaData: l.metadata})
	}
	e.footer.RowGroups = append(e.footer.RowGroups, group)
	e.footer.NumRows += group.NumRows
	e.indexes, e.offsets = append(e.indexes, index), append(e.offsets, offsets)
	e.beginGroup()
	return nil
}
