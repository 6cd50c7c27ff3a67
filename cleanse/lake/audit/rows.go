package audit

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"github.com/parquet-go/parquet-go"
)

// The columns that are looked at.
type rawRow struct {
	Payload   []byte `parquet:"payload"`
	Partition int32  `parquet:"kafka_partition"`
	Offset    int64  `parquet:"kafka_offset"`
	Received  int64  `parquet:"received,timestamp(microsecond)"`
	Outcome   string `parquet:"outcome,dict"`
}

type quarantineRow struct {
	Partition int32 `parquet:"kafka_partition"`
	Offset    int64 `parquet:"kafka_offset"`
	Received  int64 `parquet:"received,timestamp(microsecond)"`
}

type eventRow struct {
	Time      int64 `parquet:"time,timestamp(microsecond)"`
	Late      bool  `parquet:"late,optional"`
	Partition int32 `parquet:"kafka_partition"`
	Offset    int64 `parquet:"kafka_offset"`
}

type adviceRow struct {
	Time      int64 `parquet:"time,timestamp(microsecond)"`
	Partition int32 `parquet:"kafka_partition"`
	Offset    int64 `parquet:"kafka_offset"`
}

// seen is what a row says of one offset.
type seen struct {
	partition int32
	offset    int64
	micros    int64 // what the file's date is made of
	mark      mark
}

// rows calls fn with each row of f.
func (a *audit) rows(ctx context.Context, f *file, fn func(seen)) error {
	object, err := a.open(ctx, f)
	if errors.Is(err, fs.ErrNotExist) {
		a.report.add(Difference{Kind: "lost", File: f.name, Note: "it isn't there any more; if titrate compact is at work, verify again"})
		return nil
	}
	if err != nil {
		return err
	}
	defer object.Close()
	p, err := parquet.OpenFile(object, object.Size(), parquet.SkipBloomFilters(true), parquet.SkipPageIndex(true), parquet.ReadBufferSize(256<<10))
	if err != nil {
		a.report.add(Difference{Kind: "file", File: f.name, Note: "it isn't readable: " + err.Error()})
		return nil
	}
	if p.NumRows() != f.rows {
		a.report.add(Difference{Kind: "file", File: f.name, Note: fmt.Sprintf("it has %d rows, %d were promised", p.NumRows(), f.rows)})
	}
	err = read(p, f.table, fn)
	if err != nil {
		a.report.add(Difference{Kind: "file", File: f.name, Note: "it isn't readable: " + err.Error()})
	}
	return nil
}

// open finds f where it is now: the outputs of a merge move when they are swapped in.
func (a *audit) open(ctx context.Context, f *file) (Object, error) {
	object, err := a.store.Open(ctx, f.at)
	if errors.Is(err, fs.ErrNotExist) && f.at != f.name {
		return a.store.Open(ctx, f.name)
	}
	return object, err
}

func read(p *parquet.File, table string, fn func(seen)) error {
	switch table {
	case "raw":
		return each(p, func(r *rawRow) {
			fn(seen{r.Partition, r.Offset, r.Received, outcomeMark(r.Outcome) | kindMark(r.Payload)})
		})
	case "quarantine":
		return each(p, func(r *quarantineRow) { fn(seen{r.Partition, r.Offset, r.Received, tableMark(table)}) })
	case "recommendations", "shadow", "moments":
		return each(p, func(r *adviceRow) { fn(seen{r.Partition, r.Offset, r.Time, tableMark(table)}) })
	default:
		return each(p, func(r *eventRow) {
			m := tableMark(table)
			if r.Late {
				m |= lateRow
			}
			fn(seen{r.Partition, r.Offset, r.Time, m})
		})
	}
}

func each[R any](p *parquet.File, fn func(*R)) (err error) {
	defer func() { // a file that was cut or overwritten may hold anything
		if r := recover(); r != nil {
			err = fmt.Errorf("%v", r)
		}
	}()
	r := parquet.NewGenericReader[R](p)
	defer func() { err = errors.Join(err, r.Close()) }()
	var buffer [512]R
	for {
		n, err := r.Read(buffer[:])
		for i := range buffer[:n] {
			fn(&buffer[i])
		}
		clear(buffer[:n])
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// kindMark is the table that a message's type belongs to, if that can be told.
func kindMark(payload []byte) mark {
	if len(payload) == 0 || payload[0] != '{' {
		return 0
	}
	var m struct {
		Type string `json:"type"`
	}
	if json.Unmarshal(payload, &m) != nil {
		return 0
	}
	n, known := kinds[m.Type]
	if !known {
		return 0
	}
	return mark(n) << kindShift
}
