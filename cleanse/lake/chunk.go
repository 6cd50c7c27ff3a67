package lake

import (
	"hash/crc32"
	"io"
	"slices"

	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"
)

// endPage notes a page that is finished, and makes room for the next one.
func (l *leaf) endPage(head int32, h *format.PageHeader) {
	nulls, values := int64(l.count()-l.values), int64(l.values)
	least, greatest := l.bounds()
	l.index.IndexPage(nulls+values, nulls, least, greatest)
	l.widen(least, greatest)
	l.metadata.NumValues += nulls + values
	l.metadata.Statistics.NullCount += nulls
	l.offsets.PageLocations = append(l.offsets.PageLocations, format.PageLocation{
		Offset: l.metadata.TotalCompressedSize, CompressedPageSize: head + h.CompressedPageSize, FirstRowIndex: l.rows,
	})
	l.rows += nulls + values
	if l.optional {
		l.levels[0] += nulls
		l.levels[1] += values
		l.byPage = append(l.byPage, nulls, values)
	}
	l.texts += int64(len(l.text))
	l.add(head, h, l.encoding.Encoding())
	l.unpaged.clear()
}

// add counts a page of the chunk.
func (l *leaf) add(head int32, h *format.PageHeader, e format.Encoding) {
	m := &l.metadata
	m.TotalUncompressedSize += int64(head + h.UncompressedPageSize)
	m.TotalCompressedSize += int64(head + h.CompressedPageSize)
	if at := slices.IndexFunc(m.EncodingStats, func(s format.PageEncodingStats) bool { return s.PageType == h.Type }); at >= 0 {
		m.EncodingStats[at].Count++
		return
	}
	stats := format.PageEncodingStats{PageType: h.Type, Encoding: e, Count: 1}
	if h.Type == format.DictionaryPage { // they are sorted by the pages' types
		m.EncodingStats = append([]format.PageEncodingStats{stats}, m.EncodingStats...)
		return
	}
	m.EncodingStats = append(m.EncodingStats, stats)
}

// columnIndex says what the pages hold. It is valid until the leaf begins again.
func (l *leaf) columnIndex() format.ColumnIndex {
	index := l.index.ColumnIndex()
	index.DefinitionLevelHistogram = append([]int64(nil), l.byPage...)
	return index
}

// writeChunk writes the pages of a column, the dictionary first.
func (e *encoder) writeChunk(l *leaf) error {
	l.metadata.SizeStatistics.UnencodedByteArrayDataBytes = l.texts
	if l.optional {
		l.metadata.SizeStatistics.DefinitionLevelHistogram = append([]int64(nil), l.levels[:]...)
	}
	if l.dictionary {
		l.metadata.DictionaryPageOffset = int64(e.out.Len())
		if err := e.writeDictionary(l); err != nil {
			return err
		}
	}
	l.metadata.DataPageOffset = int64(e.out.Len())
	for i := range l.offsets.PageLocations {
		l.offsets.PageLocations[i].Offset += l.metadata.DataPageOffset
	}
	_, err := e.out.Write(l.pages)
	return err
}

func (e *encoder) writeDictionary(l *leaf) (err error) {
	e.encoded = l.words.appendPlain(e.encoded[:0])
	if e.squeezed, err = codec.Encode(e.squeezed[:0], e.encoded); err != nil {
		return err
	}
	header := format.PageHeader{
		Type: format.DictionaryPage, UncompressedPageSize: int32(len(e.encoded)), CompressedPageSize: int32(len(e.squeezed)),
		CRC: int32(crc32.ChecksumIEEE(e.squeezed)),
	}
	header.DictionaryPageHeader = thrift.New(format.DictionaryPageHeader{NumValues: int32(len(l.words.texts)), Encoding: format.Plain})
	head, err := e.head(&header)
	if err != nil {
		return err
	}
	l.add(int32(len(head)), &header, format.Plain)
	e.out.Write(head)
	_, err = e.out.Write(e.squeezed)
	return err
}

// writeFilter writes the bloom filter of a column that has one, whose dictionary has
// all its values.
func (e *encoder) writeFilter(l *leaf) (err error) {
	if l.filter == nil {
		return nil
	}
	texts, offsets := l.words.flat()
	filter := make([]byte, l.filter.Size(int64(len(l.words.texts))))
	if filter, err = l.filter.Encoding().EncodeByteArray(filter, texts, offsets); err != nil {
		return err
	}
	header := format.BloomFilterHeader{NumBytes: int32(len(filter))}
	header.Algorithm.Value = &format.SplitBlockAlgorithm{}
	header.Hash.Value = &format.XxHash{}
	header.Compression.Value = &format.BloomFilterUncompressed{}
	l.metadata.BloomFilterOffset = int64(e.out.Len())
	if err := encodeThrift(&e.out, &header); err != nil {
		return err
	}
	_, err = e.out.Write(filter)
	l.metadata.BloomFilterLength = int32(int64(e.out.Len()) - l.metadata.BloomFilterOffset)
	return err
}

func encodeThrift(w io.Writer, v any) error {
	var protocol thrift.CompactProtocol
	return thrift.NewEncoder(protocol.NewWriter(w)).Encode(v)
}
