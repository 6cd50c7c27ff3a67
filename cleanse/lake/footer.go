package lake

import "encoding/binary"

// reserve makes room for the first row group and what stands behind it: most files
// have no other.
func (e *encoder) reserve() {
	const overhead = 600 // of a column: its headers, its metadata and its indexes
	size := len(magic)
	for i := range e.leaves {
		l := &e.leaves[i]
		size += len(l.pages) + l.words.size + overhead
		if l.filter != nil {
			size += l.filter.Size(int64(len(l.words.texts)))
		}
	}
	e.out.Grow(size)
}

// end writes what follows the row groups: their indexes and the footer.
func (e *encoder) end() ([]byte, error) {
	for g := range e.indexes {
		for i := range e.indexes[g] {
			column := &e.footer.RowGroups[g].Columns[i]
			column.ColumnIndexOffset = int64(e.out.Len())
			if err := encodeThrift(&e.out, &e.indexes[g][i]); err != nil {
				return nil, err
			}
			column.ColumnIndexLength = int32(int64(e.out.Len()) - column.ColumnIndexOffset)
		}
	}
	for g := range e.offsets {
		for i := range e.offsets[g] {
			column := &e.footer.RowGroups[g].Columns[i]
			column.OffsetIndexOffset = int64(e.out.Len())
			if err := encodeThrift(&e.out, &e.offsets[g][i]); err != nil {
				return nil, err
			}
			column.OffsetIndexLength = int32(int64(e.out.Len()) - column.OffsetIndexOffset)
		}
	}
	start := e.out.Len()
	if err := encodeThrift(&e.out, &e.footer); err != nil {
		return nil, err
	}
	e.out.Write(binary.LittleEndian.AppendUint32(nil, uint32(e.out.Len()-start)))
	e.out.WriteString(magic)
	return e.out.Bytes(), nil
}
