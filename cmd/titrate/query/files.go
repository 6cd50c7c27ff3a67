package query

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/titrate/titrate/cleanse/lake"
)

// rows is the query for all rows of a table. One that has no file yet has its columns
// and no rows: a query for what may be there needn't know whether it is.
func (db *DB) rows(ctx context.Context, table string) (string, error) {
	files, err := db.files(ctx, table)
	if err != nil || files == "" {
		return nothing(table), err
	}
	return fmt.Sprintf(`SELECT * FROM read_parquet(%s, hive_partitioning = true, union_by_name = true)`, files), nil
}

// nothing is a query with the columns of a table and no rows.
func nothing(table string) string {
	schema, err := lake.Schema(table)
	if err != nil { // nobody's table: a directory that was emptied
		return "SELECT NULL::DATE AS date WHERE false"
	}
	var columns strings.Builder
	for _, f := range schema.Fields() {
		fmt.Fprintf(&columns, "NULL::%s AS %s, ", duckType(f.Type), identifier(f.Name))
	}
	return "SELECT " + columns.String() + "NULL::DATE AS date WHERE false"
}

// duckType is what DuckDB makes of a column of the lake.
func duckType(t arrow.DataType) string {
	switch t := t.(type) {
	case *arrow.BooleanType:
		return "BOOLEAN"
	case *arrow.Int32Type:
		return "INTEGER"
	case *arrow.Int64Type:
		return "BIGINT"
	case *arrow.Float64Type:
		return "DOUBLE"
	case *arrow.TimestampType:
		return "TIMESTAMPTZ"
	case *arrow.BinaryType:
		return "BLOB"
	case *arrow.ListType:
		return duckType(t.Elem()) + "[]"
	case *arrow.StructType:
		var fields []string
		for _, f := range t.Fields() {
			fields = append(fields, identifier(f.Name)+" "+duckType(f.Type))
		}
		return "STRUCT(" + strings.Join(fields, ", ") + ")"
	}
	return "VARCHAR"
}

// files are the files of a table as a list in SQL, empty if there is none: not what a
// glob finds, but those that hold each row once, also while a compaction swaps them.
func (db *DB) files(ctx context.Context, table string) (string, error) {
	bucket, err := lake.Dir(db.lake)
	if err != nil {
		return "", err
	}
	objects, err := lake.Live(ctx, bucket, table, time.Time{}, time.Time{})
	if err != nil {
		return "", fmt.Errorf("open lake: %w", err)
	}
	if len(objects) == 0 {
		return "", nil
	}
	names := make([]string, len(objects))
	for i, o := range objects {
		names[i] = literal(filepath.Join(db.lake, filepath.FromSlash(o.Name)))
	}
	return "[" + strings.Join(names, ", ") + "]", nil
}

// moved says whether a query failed because a file is gone that was there when
// the views were made: it was compacted since, and new views know where its rows are.
func moved(err error) bool {
	text := err.Error()
	return strings.Contains(text, "No files found") || strings.Contains(text, "No such file") || strings.Contains(text, "Cannot open file")
}
