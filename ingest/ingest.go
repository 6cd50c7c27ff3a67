// Package ingest reads the log in order and remembers how far it got.
//
// It turns a partitioned log into calls on a sink: records of one partition
// arrive in offset order, each exactly once between an assignment and its
// revocation. What the sink has stored, not what the log's consumer group has
// committed, decides where reading starts.
package ingest

import (
	"context"
	"time"
)

// Record is one message as the log holds it. Key is the patient, Value the wire
// event; neither is trusted yet.
type Record struct {
	Topic     string
	Partition int32
	Offset    int64
	Seen      time.Time // when the log took it (UTC): the "we knew" of everything derived
	Key       []byte
	Value     []byte
	Headers   []Header

	// Decoded is the wire event in JSON, where Value holds it in the encoding of a
	// schema registry; Undecoded says why it couldn't be decoded. Both are empty where
	// Value is JSON itself, or nobody decoded it. Value is always what arrived.
	Decoded   []byte
	Undecoded string
}

// Header is a named value that travels beside a record's payload.
type Header struct {
	Key   string
	Value []byte
}

// Partition names one ordered part of the log. TopicID is the broker's id of the
// topic: a topic that was deleted and made again has another one, although its
// name and offsets repeat.
type Partition struct {
	Topic   string
	TopicID string
	Number  int32
}

// Position is the next offset to read in a partition.
type Position struct {
	Partition Partition
	Next      int64
}

// Source is a partitioned log read by one member of a group.
type Source interface {
	// Fetch waits until there are records, until every assigned partition is
	// read to its end, until a short while has passed, or until ctx is done;
	// then, without records, it returns ctx's error. The records, keys and values
	// included, are the caller's until the next call. Assignment changes call the Sink
	// from inside Fetch, on the caller's goroutine, so a sink needs no locks. A sink that can't say where
	// to start, because of an [Outage], is asked again by the next Fetch; until it
	// can, Fetch returns the outage and no records.
	Fetch(ctx context.Context) (Batch, error)
	// Hold stays a member of the group for d, or until ctx is done, and reads
	// nothing. Assignment changes call the Sink as in Fetch.
	Hold(ctx context.Context, d time.Duration) error
	// Commit publishes positions, for lag dashboards only.
	Commit(ctx context.Context, positions []Position) error
}

// Batch is what one Fetch yields.
type Batch struct {
	Records []Record
	// CaughtUp is set when partitions are assigned and each was read up to the
	// end that the log had when reading of it began, or when other members of the
	// group own them all.
	CaughtUp bool
}

// Start is where a sink wants a partition to be read. The two offsets differ in
// what their loss means: a log that no longer holds Next has lost records that
// nobody stored; one that no longer holds From has only forgotten the past that
// state is rebuilt from.
type Start struct {
	Next int64 // the first record that isn't stored; 0 if nothing is
	From int64 // where to begin, at or before Next, so that state is rebuilt by reading back
}

// Sink takes the records of the partitions it was assigned. After an [Outage] the
// same call is made again; any other error ends the run.
type Sink interface {
	// Assign says where to start reading p.
	Assign(ctx context.Context, p Partition) (Start, error)
	// Revoke forgets p: another member owns it now. What was not stored is
	// read again by the new owner.
	Revoke(p Partition)
	// Append takes records in offset order within each partition. It keeps nothing of
	// theirs: their memory is used again.
	Append(ctx context.Context, records []Record) error
	// Flush stores what is due (all that is held, if final) and returns how far
	// each changed partition is stored. Unless final, it may leave some on its way and
	// have the next call tell what became of it; ctx lasts until then. After an Outage
	// it leaves nothing on its way until it has succeeded.
	Flush(ctx context.Context, final bool) ([]Position, error)
}

// Skipper is a sink that can go on behind a gap in the log. Whether it may is the
// sink's to decide; a source whose log doesn't hold what a sink wants next asks it.
type Skipper interface {
	// Skip gives up what p no longer holds, where the log now begins at low and
	// ends at end, and says where to read instead. An error means that the gap is
	// not accepted.
	Skip(ctx context.Context, p Partition, low, end int64) (Start, error)
}
