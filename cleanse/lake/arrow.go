package lake

import (
	"fmt"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"
)

// Schema is the schema of a table as Arrow says it. The date of a row is not in it: it
// is in the name of the file's directory.
func Schema(table string) (*arrow.Schema, error) {
	schema := schemaOf(table)
	if schema == nil {
		return nil, fmt.Errorf("no such table; there are %s", strings.Join(TableNames(), ", "))
	}
	var fields []arrow.Field
	for _, f := range schema.Fields() {
		fields = append(fields, arrow.Field{Name: f.Name(), Type: arrowType(f), Nullable: f.Optional()})
	}
	return arrow.NewSchema(fields, nil), nil
}

// arrowType covers the types that the row types use. Others would be a bug, which
// the test of the schema finds.
func arrowType(f parquet.Field) arrow.DataType {
	if !f.Leaf() {
		return arrow.ListOf(arrow.StructOf(reasonFields...))
	}
	switch f.Type().Kind() {
	case parquet.Boolean:
		return arrow.FixedWidthTypes.Boolean
	case parquet.Int32:
		return arrow.PrimitiveTypes.Int32
	case parquet.Int64:
		if is[*format.TimestampType](f) {
			return arrow.FixedWidthTypes.Timestamp_us
		}
		return arrow.PrimitiveTypes.Int64
	case parquet.Double:
		return arrow.PrimitiveTypes.Float64
	case parquet.ByteArray:
		if is[*format.StringType](f) {
			return arrow.BinaryTypes.String
		}
		return arrow.BinaryTypes.Binary
	}
	panic("a row type has a column of a type that Scan doesn't know: " + f.Name())
}

// is says whether a column's logical type is T.
func is[T format.LogicalTypeValue](f parquet.Field) bool {
	logical := f.Type().LogicalType()
	if logical == nil {
		return false
	}
	_, ok := logical.Value.(T)
	return ok
}

var reasonFields = []arrow.Field{
	{Name: "field", Type: arrow.BinaryTypes.String},
	{Name: "code", Type: arrow.BinaryTypes.String},
	{Name: "note", Type: arrow.BinaryTypes.String},
}

// appendValue appends one value of a flat column.
func appendValue(b array.Builder, v parquet.Value) {
	if v.IsNull() {
		b.AppendNull()
		return
	}
	switch b := b.(type) {
	case *array.BooleanBuilder:
		b.Append(v.Boolean())
	case *array.Int32Builder:
		b.Append(v.Int32())
	case *array.Int64Builder:
		b.Append(v.Int64())
	case *array.TimestampBuilder:
		b.Append(arrow.Timestamp(v.Int64()))
	case *array.Float64Builder:
		b.Append(v.Double())
	case *array.StringBuilder:
		b.BinaryBuilder.Append(v.ByteArray())
	case *array.BinaryBuilder:
		b.Append(v.ByteArray())
	default:
		panic(fmt.Sprintf("no way to append to %T", b))
	}
}
