package lake

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"runtime"
	"sync"
	"time"

	"github.com/titrate/titrate/cleanse"
	"github.com/titrate/titrate/ingest"
)

// WriterOptions are how a Writer rotates and who it is. The zero value works,
// but for ID.
type WriterOptions struct {
	// ID names the writer in the ledger, for people who read it.
	ID string
	// RotateRows, RotateAge and RotateBytes are when what is held is stored: at
	// so many records of a partition (default 1,000,000), at such an age of its
	// oldest record (default 10 s), or when the rows of all partitions together
	// need three quarters of so much memory (default 112 MB), the largest partition
	// first.
	RotateRows  int
	RotateBytes int64
	RotateAge   time.Duration
	// Now is the clock of RotateAge (default time.Now). It has no influence on
	// what is in the files.
	Now func() time.Time
	// AcceptGap lets the writer go on where the log has lost what comes next. The
	// ledger then says what was given up.
	AcceptGap bool
	// Rules are what records are judged by (default the standard ones).
	Rules *cleanse.Book
	// OnVerdict, if set, is told what became of each wire event that will be stored,
	// in no particular order of partitions.
	OnVerdict func(*cleanse.Verdict)
	// OnOtherRules, if set, is told once of each other rules by which a scorer
	// cleansed what it answered: then lake and advice don't agree on every event.
	OnOtherRules func(theirs string)
	// Recommendations is the topic that holds advice instead of wire events
	// (default "recommendations").
	Recommendations string
	// Shadow is the topic of what a challenger would have said (default "shadow").
	Shadow string
	// Moments is the topic of what a coach acts on (default "moments").
	Moments string
}

// Summary counts what a Writer has stored.
type Summary struct {
	Counts
	Files int   `json:"files"`
	Bytes int64 `json:"bytes"` // of the files
}

// Writer stores records in a lake, each exactly once. It implements ingest.Sink
// and, as a sink, is not to be called concurrently. What its bucket fails at is
// an [ingest.Outage]; everything else that it returns is for good.
//
// While memory is short, a part of what is held is stored beside reading (flight.go).
type Writer struct {
	bucket     Bucket
	options    WriterOptions
	tables     *tables
	pool       pool
	partitions map[address]*partition
	flight     *flight       // what is being stored, nil if nothing is
	failed     bool          // the last one did
	spare      []*part       // empty ones, whose memory is used again
	encoders   chan *encoder // those that aren't at work

	mu      sync.Mutex // partitions are stored concurrently
	summary Summary

	watching sync.Mutex // of what follows
	guard    *cleanse.Guard
	watches  bool            // somebody wants to know of verdicts
	others   map[string]bool // rules of scorers that were told of
}

// address is a partition as records name it.
type address struct {
	topic  string
	number int32
}

var _ ingest.Sink = (*Writer)(nil)

// NewWriter makes a writer to bucket.
func NewWriter(bucket Bucket, o WriterOptions) *Writer {
	o.ID = cmp.Or(o.ID, "titrate")
	o.RotateRows = cmp.Or(o.RotateRows, 1_000_000)
	o.RotateBytes = cmp.Or(o.RotateBytes, 112<<20)
	o.RotateAge = cmp.Or(o.RotateAge, 10*time.Second)
	o.Recommendations = cmp.Or(o.Recommendations, "recommendations")
	o.Shadow = cmp.Or(o.Shadow, "shadow")
	o.Moments = cmp.Or(o.Moments, "moments")
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Rules == nil {
		o.Rules = cleanse.Standard()
	}
	w := &Writer{
		bucket: outages{bucket}, options: o, tables: newTables(), partitions: map[address]*partition{},
		encoders: make(chan *encoder, runtime.GOMAXPROCS(0)),
		guard:    cleanse.NewGuard(o.Rules), watches: o.OnVerdict != nil || o.Rules.Hash() != "" || len(o.Rules.ErrorIf()) > 0,
	}
	for range cap(w.encoders) {
		w.encoders <- &encoder{}
	}
	return w
}

// Summary is what was stored so far, by this writer.
func (w *Writer) Summary() Summary {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.summary
}

// Assign reads the ledger of id and says where to read from: far enough before
// the first record that isn't stored for the rules to remember what they must.
func (w *Writer) Assign(ctx context.Context, id ingest.Partition) (ingest.Start, error) {
	if id.TopicID == "" {
		return ingest.Start{}, fmt.Errorf("assign %s partition %d: the topic's id is not known, so a topic made anew could not be told apart",
			id.Topic, id.Number)
	}
	p := &partition{
		assigned: id, intake: newEvents(w.options.Rules),
		part: &part{ledger: ledger{w.bucket, id}, rules: w.options.Rules, shelves: newShelves(w.tables, &w.pool)},
	}
	switch id.Topic {
	case w.options.Recommendations:
		p.intake = advice{}
	case w.options.Shadow:
		p.intake = opinions{}
	case w.options.Moments:
		p.intake = noticed{}
	}
	if err := p.resume(ctx, w); err != nil {
		return ingest.Start{}, fmt.Errorf("assign %s partition %d: %w", id.Topic, id.Number, err)
	}
	w.partitions[address{id.Topic, id.Number}] = p
	return p.start(), nil
}

// Revoke forgets p and what is held of it, which its new owner reads again. A
// claim that is open is finished by the new owner too. What is in flight goes on:
// its claim is the new owner's claim, and its files are the new owner's files.
func (w *Writer) Revoke(p ingest.Partition) {
	a := address{p.Topic, p.Number}
	held := w.partitions[a]
	delete(w.partitions, a)
	if held == nil {
		return
	}
	w.discard(held.part)
	if held.cut != nil && !w.flight.has(held.cut) {
		w.discard(held.cut)
	}
}

// Close waits for what is being stored, which ends early if the context of the
// Flush that began it has ended. Nothing is lost by not calling it.
func (w *Writer) Close() {
	if w.flight != nil {
		<-w.flight.landed
	}
}

// discard forgets the rows of a part and keeps its memory.
func (w *Writer) discard(p *part) {
	p.advance(math.MaxInt64)
	w.spare = append(w.spare, p)
}

// empty is a part without rows.
func (w *Writer) empty() *part {
	if n := len(w.spare); n > 0 {
		p := w.spare[n-1]
		w.spare = w.spare[:n-1]
		return p
	}
	return &part{shelves: newShelves(w.tables, &w.pool)}
}
