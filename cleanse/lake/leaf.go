package lake

import (
	"bytes"
	"encoding/binary"
	"math"
	"slices"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"
)

// leaf is a column of a row group that is being made: the page that values are added
// to, and the pages before it.
type leaf struct {
	*leafLayout
	unpaged
	words dictionary // of the row group

	pages    []byte // the finished ones, with their headers
	metadata format.ColumnMetaData
	offsets  format.OffsetIndex
	index    parquet.ColumnIndexer
	levels   [2]int64 // how many values of the row group are null, and how many aren't
	byPage   []int64  // the same of each page
	texts    int64    // bytes of text that stand in the pages themselves
	rows     int64    // in the finished pages
}

// unpaged is values that wait to become a page. Which of the slices has them depends on the
// column; words of a dictionary are their places in it.
type unpaged struct {
	present []byte   // of an optional column, 1 for each row that has a value, else 0
	values  int      // how many there are
	text    []byte   // one behind the other, and
	starts  []uint32 // where each begins
	int64s  []int64
	int32s  []int32
	floats  []float64
	bits    []byte
}

// begin makes the leaf one of l that has no rows, and keeps its memory.
func (l *leaf) begin(of *leafLayout) {
	if l.leafLayout != of {
		l.leafLayout, l.index = of, of.typ.NewColumnIndexer(of.indexSize)
	}
	l.metadata = of.metadata
	l.index.Reset()
	l.words.clear()
	l.pages, l.byPage, l.offsets.PageLocations = l.pages[:0], l.byPage[:0], nil
	l.levels, l.texts, l.rows = [2]int64{}, 0, 0
	l.unpaged.clear()
}

func (p *unpaged) clear() {
	p.present, p.values, p.text, p.starts = p.present[:0], 0, p.text[:0], p.starts[:0]
	p.int64s, p.int32s, p.floats, p.bits = p.int64s[:0], p.int32s[:0], p.floats[:0], p.bits[:0]
}

// take adds a row's field, which b begins with if it is set, and returns the rest of b.
func (l *leaf) take(b []byte, set bool) []byte {
	if l.optional {
		if !set {
			l.present = append(l.present, 0)
			return b
		}
		l.present = append(l.present, 1)
	}
	l.values++
	switch l.kind {
	case packedText, packedBytes, packedMaybeText:
		var s string
		if set {
			s, b = cutText(b)
		}
		if l.dictionary {
			l.int32s = append(l.int32s, l.words.place(s))
		} else {
			l.starts, l.text = append(l.starts, uint32(len(l.text))), append(l.text, s...)
		}
	case packedInt64:
		var v uint64
		if set {
			v, b = binary.LittleEndian.Uint64(b), b[8:]
		}
		l.int64s = append(l.int64s, int64(v))
	case packedInt32, packedMaybeInt32:
		var v uint32
		if set {
			v, b = binary.LittleEndian.Uint32(b), b[4:]
		}
		l.int32s = append(l.int32s, int32(v))
	case packedFloat, packedMaybeFloat:
		var v uint64
		if set {
			v, b = binary.LittleEndian.Uint64(b), b[8:]
		}
		l.floats = append(l.floats, math.Float64frombits(v))
	case packedBool:
		if l.values%8 == 1 {
			l.bits = append(l.bits, 0)
		}
		if set {
			l.bits[len(l.bits)-1] |= 1 << ((l.values - 1) % 8)
			b = b[1:]
		}
	}
	return b
}

// size is what parquet-go takes the page's size for.
func (p *unpaged) size() int {
	return 5*len(p.present) + len(p.text) + 4*len(p.starts) + 8*len(p.int64s) + 4*len(p.int32s) + 8*len(p.floats) + len(p.bits)
}

// count is how many rows the page has.
func (l *leaf) count() int {
	if l.optional {
		return len(l.present)
	}
	return l.values
}

// encode is the values of the page as the column's encoding has them, in room.
func (l *leaf) encode(room []byte) ([]byte, error) {
	switch {
	case l.dictionary:
		return l.encoding.EncodeInt32(room, l.int32s)
	case l.typ.Kind() == parquet.ByteArray:
		return l.encoding.EncodeByteArray(room, l.text, append(l.starts, uint32(len(l.text))))
	case l.typ.Kind() == parquet.Boolean:
		return l.encoding.EncodeBoolean(room, l.bits)
	case l.typ.Kind() == parquet.Double:
		return l.encoding.EncodeDouble(room, l.floats)
	case l.typ.Kind() == parquet.Int32:
		return l.encoding.EncodeInt32(room, l.int32s)
	}
	return l.encoding.EncodeInt64(room, l.int64s)
}

// bounds are the least and the greatest value of the page, nulls if it has none.
func (l *leaf) bounds() (least, greatest parquet.Value) {
	if l.values == 0 {
		return
	}
	switch {
	case l.dictionary:
		least, greatest := l.words.bounds(l.int32s)
		return parquet.ValueOf(least), parquet.ValueOf(greatest)
	case l.typ.Kind() == parquet.ByteArray:
		least, greatest := l.textBounds()
		return parquet.ByteArrayValue(least), parquet.ByteArrayValue(greatest)
	case l.typ.Kind() == parquet.Boolean:
		least, greatest := bitBounds(l.bits, l.values)
		return parquet.BooleanValue(least), parquet.BooleanValue(greatest)
	case l.typ.Kind() == parquet.Double:
		return parquet.DoubleValue(slices.Min(l.floats)), parquet.DoubleValue(slices.Max(l.floats))
	case l.typ.Kind() == parquet.Int32:
		return parquet.Int32Value(slices.Min(l.int32s)), parquet.Int32Value(slices.Max(l.int32s))
	}
	return parquet.Int64Value(slices.Min(l.int64s)), parquet.Int64Value(slices.Max(l.int64s))
}

// textBounds are the bounds of the texts.
func (p *unpaged) textBounds() (least, greatest []byte) {
	end := len(p.text)
	for i := len(p.starts) - 1; i >= 0; i-- {
		s := p.text[p.starts[i]:end]
		switch {
		case end == len(p.text) && i == len(p.starts)-1:
			least, greatest = s, s
		case bytes.Compare(s, least) < 0:
			least = s
		case bytes.Compare(s, greatest) > 0:
			greatest = s
		}
		end = int(p.starts[i])
	}
	return least, greatest
}

// bitBounds are the bounds of the first count bits.
func bitBounds(all []byte, count int) (least, greatest bool) {
	least = true
	for i := range count {
		set := all[i/8]>>(i%8)&1 != 0
		least, greatest = least && set, greatest || set
	}
	return least, greatest
}

// widen notes the bounds of a page for the row group.
func (l *leaf) widen(least, greatest parquet.Value) {
	if least.IsNull() {
		return
	}
	s, kind := &l.metadata.Statistics, l.typ.Kind()
	if s.MaxValue == nil || l.typ.Compare(greatest, kind.Value(s.MaxValue)) > 0 {
		s.MaxValue = greatest.AppendBytes(make([]byte, 0, 8))
	}
	if s.MinValue == nil || l.typ.Compare(least, kind.Value(s.MinValue)) < 0 {
		s.MinValue = least.AppendBytes(make([]byte, 0, 8))
	}
}
