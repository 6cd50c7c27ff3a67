package query

import (
	"database/sql"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/ipc"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// batchRows is how many rows one Arrow record batch holds.
const batchRows = 8192

// writeArrow prints an Arrow IPC stream, as pyarrow, Polars and DuckDB read it.
// Types without an Arrow scalar (lists, structs) travel as JSON text.
func writeArrow(out io.Writer, columns []*sql.ColumnType, rows *sql.Rows) error {
	schema := arrowSchema(columns)
	w := ipc.NewWriter(out, ipc.WithSchema(schema))
	build := array.NewRecordBuilder(memory.DefaultAllocator, schema)
	defer build.Release()
	pending := 0
	flush := func() error {
		record := build.NewRecord()
		defer record.Release()
		pending = 0
		return w.Write(record)
	}
	err := each(columns, rows, func(values []any) error {
		for i, v := range values {
			if err := appendValue(build.Field(i), v); err != nil {
				return fmt.Errorf("column %s: %w", columns[i].Name(), err)
			}
		}
		if pending++; pending == batchRows {
			return flush()
		}
		return nil
	})
	if err == nil && pending > 0 {
		err = flush()
	}
	return errors.Join(err, w.Close())
}

func arrowSchema(columns []*sql.ColumnType) *arrow.Schema {
	fields := make([]arrow.Field, len(columns))
	for i, c := range columns {
		fields[i] = arrow.Field{Name: c.Name(), Type: arrowType(c.DatabaseTypeName()), Nullable: true}
	}
	return arrow.NewSchema(fields, nil)
}

func arrowType(name string) arrow.DataType {
	switch name {
	case "BOOLEAN":
		return arrow.FixedWidthTypes.Boolean
	case "TINYINT", "SMALLINT", "INTEGER", "BIGINT":
		return arrow.PrimitiveTypes.Int64
	case "FLOAT", "DOUBLE":
		return arrow.PrimitiveTypes.Float64
	case "TIMESTAMP", "TIMESTAMP WITH TIME ZONE", "TIMESTAMPTZ":
		return arrow.FixedWidthTypes.Timestamp_us
	case "DATE":
		return arrow.FixedWidthTypes.Date32
	}
	return arrow.BinaryTypes.String
}

func appendValue(b array.Builder, v any) error {
	if v == nil {
		b.AppendNull()
		return nil
	}
	switch b := b.(type) {
	case *array.BooleanBuilder:
		b.Append(v.(bool))
	case *array.Int64Builder:
		return appendInt(b, v)
	case *array.Float64Builder:
		f, ok := v.(float64)
		if !ok {
			f = float64(v.(float32))
		}
		b.Append(f)
	case *array.TimestampBuilder:
		b.Append(arrow.Timestamp(v.(time.Time).UnixMicro()))
	case *array.Date32Builder:
		b.Append(arrow.Date32FromTime(v.(time.Time)))
	case *array.StringBuilder:
		b.Append(text(v, ""))
	default:
		return fmt.Errorf("no Arrow builder for %T", v)
	}
	return nil
}

func appendInt(b *array.Int64Builder, v any) error {
	switch v := v.(type) {
	case int8:
		b.Append(int64(v))
	case int16:
		b.Append(int64(v))
	case int32:
		b.Append(int64(v))
	case int64:
		b.Append(v)
	default:
		return fmt.Errorf("%T is not an integer", v)
	}
	return nil
}
