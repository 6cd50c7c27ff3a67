// Package audit turns a lake, and the log it was made from, into an account of
// every offset: each record that was read has its row in raw and one in the table
// of its outcome, no row is there twice, and none that the ledger doesn't know.
//
// It checks the writer, so it shares no code with it: it reads ledger and Parquet
// by itself and knows the lake by docs/lake.md alone.
package audit

import (
	"context"
	"fmt"
	"io"
)

// Store is a lake to read, names relative and slash-separated.
type Store interface {
	// List calls fn for every object whose name begins with prefix.
	List(ctx context.Context, prefix string, fn func(name string, size int64) error) error
	// Open opens an object; an error wraps fs.ErrNotExist if there is none.
	Open(ctx context.Context, name string) (Object, error)
}

// Object is opened for reading.
type Object interface {
	io.ReaderAt
	io.Closer
	Size() int64 // in bytes
}

// Log is the log that the lake was made from.
type Log interface {
	// Topic says what a topic's id is now and where its partitions begin and end.
	Topic(ctx context.Context, name string) (id string, partitions map[int32]Bounds, err error)
	// Offsets calls fn with the offset of each committed record in [from, to).
	Offsets(ctx context.Context, topic string, partition int32, from, to int64, fn func(offset int64)) error
}

// Bounds are the offsets [Low, End) that a log holds of a partition.
type Bounds struct{ Low, End int64 }

// Options are how to check. The zero value works.
type Options struct {
	// AtOnce bounds memory: so many records are accounted for at a time, in
	// two to three bytes each (default 32 million). A longer lake is read in
	// several passes, each of which opens the files of its own ranges only.
	AtOnce int64
}

// Run accounts for the whole lake; log is nil to check the lake by itself. Errors
// are of reading; what is wrong with the lake is in the report.
func Run(ctx context.Context, store Store, log Log, o Options) (*Report, error) {
	if o.AtOnce <= 0 {
		o.AtOnce = 32 << 20
	}
	a := &audit{store: store, log: log, ledgers: map[ledgerKey]*ledger{}, files: map[string]*file{}, strays: map[string]string{}, report: &Report{}}
	if err := a.inventory(ctx); err != nil {
		return nil, fmt.Errorf("verify: %w", err)
	}
	a.chains()
	if err := a.matchFiles(ctx); err != nil {
		return nil, fmt.Errorf("verify: %w", err)
	}
	if err := a.askLog(ctx); err != nil {
		return nil, fmt.Errorf("verify: %w", err)
	}
	for _, pass := range a.passes(o.AtOnce) {
		if err := a.account(ctx, pass); err != nil {
			return nil, fmt.Errorf("verify: %w", err)
		}
		clear(pass) // its marks
	}
	a.sum()
	return a.report, nil
}

// audit is one call of Run.
type audit struct {
	store   Store
	log     Log
	ledgers map[ledgerKey]*ledger
	files   map[string]*file // of the tables, by name
	merges  []*merge         // what compaction did
	// strays are files that a compaction which was killed has taken out of their
	// folder beside those that it replaced: where they are, by name.
	strays map[string]string
	report *Report
}

// ledgerKey names a ledger.
type ledgerKey struct {
	topicID   string
	partition int32
}
