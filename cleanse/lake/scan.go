package lake

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/parquet-go/parquet-go"
)

// ScanOptions say which rows and columns of a table are wanted.
type ScanOptions struct {
	Table string
	// Since and Until bound the column time (of raw and quarantine: received):
	// Since <= time < Until. Zero is unbounded.
	Since, Until time.Time
	// Patients are whose rows are wanted; nil for everyone's. Not for raw and
	// quarantine, whose messages may be nobody's.
	Patients []string
	// Columns are the wanted columns in the wanted order; nil for all.
	Columns []string
}

// scanBatch is how many rows a record of Scan has at most.
const scanBatch = 8192

// Scan calls fn with the wanted rows, file by file, each as it is sorted: by
// patient and time (raw and quarantine: by offset). Files of other dates aren't
// opened, and row groups that can't hold a wanted row aren't read. The record is
// released after fn; retain it to keep it.
func Scan(ctx context.Context, bucket Bucket, o ScanOptions, fn func(arrow.Record) error) error {
	s, err := newScanner(o)
	if err != nil {
		return fmt.Errorf("scan %s: %w", o.Table, err)
	}
	objects, err := s.objects(ctx, bucket, o.Table)
	if err != nil {
		return fmt.Errorf("scan %s: %w", o.Table, err)
	}
	for _, object := range objects {
		err := withFileRead(ctx, bucket, object, s.atOnce(), func(f *parquet.File) error { return s.file(ctx, f, fn) })
		if err != nil {
			return fmt.Errorf("scan %w", err)
		}
	}
	return nil
}

// scanner turns the files of one table into Arrow records.
type scanner struct {
	bounds
	schema *arrow.Schema
}

func newScanner(o ScanOptions) (*scanner, error) {
	full, err := Schema(o.Table)
	if err != nil {
		return nil, err
	}
	if o.Patients != nil && !full.HasField("patient") {
		return nil, fmt.Errorf("its rows can't be picked by patient")
	}
	fields := full.Fields()
	if o.Columns != nil {
		fields = nil
		for _, name := range o.Columns {
			i := full.FieldIndices(name)
			if i == nil {
				return nil, fmt.Errorf("no column %q", name)
			}
			fields = append(fields, full.Field(i[0]))
		}
	}
	return &scanner{bounds: newBounds(o.Since, o.Until, o.Patients), schema: arrow.NewSchema(fields, nil)}, nil
}

func (s *scanner) file(ctx context.Context, f *parquet.File, fn func(arrow.Record) error) error {
	for _, group := range f.RowGroups() {
		if !s.may(group) {
			continue
		}
		if err := s.group(ctx, group, fn); err != nil {
			return err
		}
	}
	return nil
}

func (s *scanner) group(ctx context.Context, group parquet.RowGroup, fn func(arrow.Record) error) (err error) {
	columns, keys := openColumns(group, s.schema), openKeys(group)
	defer func() { err = errors.Join(err, columns.Close(), keys.Close()) }()
	builder := array.NewRecordBuilder(memory.DefaultAllocator, s.schema)
	defer builder.Release()
	for left := group.NumRows(); left > 0; {
		if err := ctx.Err(); err != nil {
			return err
		}
		n := int(min(left, scanBatch))
		left -= int64(n)
		wanted, err := keys.pick(n, &s.bounds)
		if err != nil {
			return err
		}
		if err := columns.build(builder, wanted); err != nil {
			return err
		}
		if !slices.Contains(wanted, true) {
			continue
		}
		if err := emit(builder, fn); err != nil {
			return err
		}
	}
	return nil
}

func emit(builder *array.RecordBuilder, fn func(arrow.Record) error) error {
	record := builder.NewRecord()
	defer record.Release()
	return fn(record)
}
