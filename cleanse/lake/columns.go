package lake

import (
	"errors"
	"fmt"
	"io"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/parquet-go/parquet-go"
)

// columns read the columns of a row group side by side.
type columns []column

// column appends, of the next len(wanted) rows, those that are wanted.
type column interface {
	build(b array.Builder, wanted []bool) error
	io.Closer
}

func openColumns(group parquet.RowGroup, schema *arrow.Schema) columns {
	var all columns
	for _, f := range schema.Fields() {
		if arrow.IsNested(f.Type.ID()) {
			all = append(all, openReasons(group, f.Name))
		} else {
			all = append(all, openFlat(group, f.Name))
		}
	}
	return all
}

func (c columns) build(b *array.RecordBuilder, wanted []bool) error {
	for i, column := range c {
		if err := column.build(b.Field(i), wanted); err != nil {
			return fmt.Errorf("column %s: %w", b.Schema().Field(i).Name, err)
		}
	}
	return nil
}

func (c columns) Close() error {
	var errs []error
	for _, column := range c {
		errs = append(errs, column.Close())
	}
	return errors.Join(errs...)
}

// flat reads a column that has one value a row. In a file of an older schema the
// column may be missing, and every value is null.
type flat struct {
	values parquet.ColumnChunkValueReader // nil if the file has no such column
	buffer [512]parquet.Value
}

func openFlat(group parquet.RowGroup, path ...string) *flat {
	leaf, ok := group.Schema().Lookup(path...)
	if !ok {
		return &flat{}
	}
	return &flat{values: parquet.NewColumnChunkValueReader(group.ColumnChunks()[leaf.ColumnIndex])}
}

func (f *flat) Close() error {
	if f.values == nil {
		return nil
	}
	return f.values.Close()
}

// each calls fn with the next n values and their index. A value is valid during
// the call only: the page it lies in is reused.
func (f *flat) each(n int, fn func(i int, v parquet.Value)) error {
	for i := 0; i < n; {
		if f.values == nil {
			fn(i, parquet.Value{})
			i++
			continue
		}
		got, err := f.values.ReadValues(f.buffer[:min(n-i, len(f.buffer))])
		for _, v := range f.buffer[:got] {
			fn(i, v)
			i++
		}
		if err != nil && (i < n || !errors.Is(err, io.EOF)) {
			return unexpected(err)
		}
	}
	return nil
}

func unexpected(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

func (f *flat) build(b array.Builder, wanted []bool) error {
	return f.each(len(wanted), func(i int, v parquet.Value) {
		if wanted[i] {
			appendValue(b, v)
		}
	})
}

// reasons reads the list of structs of the quarantine.
type reasons struct{ leaves []*peeker }

func openReasons(group parquet.RowGroup, name string) *reasons {
	r := &reasons{}
	for _, f := range reasonFields {
		r.leaves = append(r.leaves, &peeker{flat: openFlat(group, name, "list", "element", f.Name)})
	}
	return r
}

func (r *reasons) Close() error {
	var errs []error
	for _, leaf := range r.leaves {
		errs = append(errs, leaf.flat.Close())
	}
	return errors.Join(errs...)
}

func (r *reasons) build(b array.Builder, wanted []bool) error {
	list := b.(*array.ListBuilder)
	structs := list.ValueBuilder().(*array.StructBuilder)
	for k, leaf := range r.leaves {
		for _, want := range wanted {
			if want && k == 0 {
				list.Append(true)
			}
			err := leaf.row(func(v parquet.Value) {
				if !want || v.IsNull() {
					return
				}
				if k == 0 {
					structs.Append(true)
				}
				appendValue(structs.FieldBuilder(k), v)
			})
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// peeker reads a column that has any number of values a row.
type peeker struct {
	flat *flat
	rest []parquet.Value // read, but not handed out
}

// row calls fn with the values of the next row. A row ends where a value of
// repetition level 0 begins the next.
func (p *peeker) row(fn func(parquet.Value)) error {
	for first := true; ; first = false {
		if len(p.rest) == 0 {
			n, err := p.flat.values.ReadValues(p.flat.buffer[:])
			p.rest = p.flat.buffer[:n]
			if n == 0 && errors.Is(err, io.EOF) && !first {
				return nil
			}
			if n == 0 && err != nil {
				return unexpected(err)
			}
			if n == 0 {
				continue
			}
		}
		if !first && p.rest[0].RepetitionLevel() == 0 {
			return nil
		}
		fn(p.rest[0])
		p.rest = p.rest[1:]
	}
}

// keys read the columns that decide whether a row is wanted.
type keys struct{ patient, time *flat }

func openKeys(group parquet.RowGroup) keys {
	return keys{patient: openFlat(group, "patient"), time: openFlat(group, timeColumn(group))}
}

func (k keys) Close() error { return errors.Join(k.patient.Close(), k.time.Close()) }

// pick says which of the next n rows are within b.
func (k keys) pick(n int, b *bounds) ([]bool, error) {
	wanted := make([]bool, n)
	for i := range wanted {
		wanted[i] = true
	}
	if b.since > minMicros || b.until < maxMicros {
		err := k.time.each(n, func(i int, v parquet.Value) {
			wanted[i] = v.Int64() >= b.since && v.Int64() < b.until
		})
		if err != nil {
			return nil, fmt.Errorf("column of the time: %w", err)
		}
	}
	if b.patients == nil {
		return wanted, nil
	}
	var last string
	var lastWanted bool
	err := k.patient.each(n, func(i int, v parquet.Value) {
		if string(v.ByteArray()) != last || i == 0 {
			last = string(v.ByteArray())
			lastWanted = b.wants(last)
		}
		wanted[i] = wanted[i] && lastWanted
	})
	if err != nil {
		return nil, fmt.Errorf("column patient: %w", err)
	}
	return wanted, nil
}
