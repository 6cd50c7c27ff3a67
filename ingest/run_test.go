package ingest_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/titrate/titrate/ingest"
)

var p0 = ingest.Partition{Topic: "events", TopicID: "id", Number: 0}

// log is a source of one partition: ten records, three a fetch.
type log struct {
	at        int64
	end       int64
	fetched   func(*log)
	fetchErr  error
	commitErr error
	commits   []int64
	holds     []time.Duration
	held      func(holds int)
	trace     *[]string
}

func newLog(trace *[]string) *log { return &log{end: 10, trace: trace} }

func (l *log) Fetch(ctx context.Context) (ingest.Batch, error) {
	if l.fetchErr != nil {
		return ingest.Batch{}, l.fetchErr
	}
	if err := ctx.Err(); err != nil {
		return ingest.Batch{}, err
	}
	var b ingest.Batch
	for range min(3, l.end-l.at) {
		b.Records = append(b.Records, ingest.Record{Topic: "events", Offset: l.at})
		l.at++
	}
	b.CaughtUp = l.at == l.end
	if l.fetched != nil {
		l.fetched(l)
	}
	return b, nil
}

func (l *log) Commit(_ context.Context, positions []ingest.Position) error {
	if len(positions) != 1 || positions[0].Partition != p0 {
		return errors.New("strange positions")
	}
	*l.trace = append(*l.trace, "commit")
	if l.commitErr != nil {
		return l.commitErr
	}
	l.commits = append(l.commits, positions[0].Next)
	return nil
}

// lake is a sink that stores all that it holds whenever asked.
type lake struct {
	held, stored []int64
	finals       int
	appendErr    error
	flushErr     error
	flushing     func()
	ctxErr       error // of the contexts that the calls got
	trace        *[]string
}

func (s *lake) Assign(context.Context, ingest.Partition) (ingest.Start, error) {
	return ingest.Start{}, nil
}
func (s *lake) Revoke(ingest.Partition) {}

func (s *lake) Append(ctx context.Context, records []ingest.Record) error {
	*s.trace = append(*s.trace, "append")
	s.ctxErr = errors.Join(s.ctxErr, ctx.Err())
	for _, r := range records {
		s.held = append(s.held, r.Offset)
	}
	return s.appendErr
}

func (s *lake) Flush(ctx context.Context, final bool) ([]ingest.Position, error) {
	*s.trace = append(*s.trace, "flush")
	if s.flushing != nil {
		s.flushing()
	}
	s.ctxErr = errors.Join(s.ctxErr, ctx.Err())
	if final {
		s.finals++
	}
	if s.flushErr != nil {
		return nil, s.flushErr
	}
	if len(s.held) == 0 {
		return nil, nil
	}
	s.stored = append(s.stored, s.held...)
	s.held = nil
	return []ingest.Position{{Partition: p0, Next: s.stored[len(s.stored)-1] + 1}}, nil
}

func setup() (*log, *lake, *[]string) {
	trace := &[]string{}
	return newLog(trace), &lake{trace: trace}, trace
}

var drain = ingest.Options{Drain: true}

func offsets(n int64) []int64 {
	var all []int64
	for i := range n {
		all = append(all, i)
	}
	return all
}

func TestDrainStoresEverythingOnceAndCommits(t *testing.T) {
	source, sink, _ := setup()
	if err := ingest.Run(t.Context(), source, sink, drain); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(sink.stored, offsets(10)) {
		t.Errorf("stored %v, want 0 to 9 once", sink.stored)
	}
	if sink.finals != 1 {
		t.Errorf("%d final flushes, want one", sink.finals)
	}
	if last := source.commits[len(source.commits)-1]; last != 10 {
		t.Errorf("committed %d, want the offset after the last record", last)
	}
}

func TestNoCommitBeforeFlush(t *testing.T) {
	source, sink, trace := setup()
	if err := ingest.Run(t.Context(), source, sink, drain); err != nil {
		t.Fatal(err)
	}
	for i, step := range *trace {
		if step == "commit" && (*trace)[i-1] != "flush" {
			t.Fatalf("step %d commits after %q: %v", i, (*trace)[i-1], *trace)
		}
	}
}

func TestFlushFailsNoCommit(t *testing.T) {
	source, sink, _ := setup()
	sink.flushErr = errors.New("bucket is gone")
	err := ingest.Run(t.Context(), source, sink, drain)
	if !errors.Is(err, sink.flushErr) || !strings.Contains(err.Error(), "flush") {
		t.Errorf("error %v doesn't say what failed", err)
	}
	if len(source.commits) != 0 {
		t.Errorf("committed %v", source.commits)
	}
}

func TestAppendFailsNoFlushNoCommit(t *testing.T) {
	source, sink, trace := setup()
	sink.appendErr = errors.New("disk full")
	if err := ingest.Run(t.Context(), source, sink, drain); !errors.Is(err, sink.appendErr) {
		t.Errorf("error %v", err)
	}
	if !slices.Equal(*trace, []string{"append"}) {
		t.Errorf("went on after the failure: %v", *trace)
	}
}

func TestFetchFailsNoFlush(t *testing.T) {
	source, sink, trace := setup()
	source.fetchErr = errors.New("log gap")
	if err := ingest.Run(t.Context(), source, sink, drain); !errors.Is(err, source.fetchErr) {
		t.Errorf("error %v", err)
	}
	if len(*trace) != 0 {
		t.Errorf("went on after the failure: %v", *trace)
	}
}

func TestCommitFailsWorkGoesOnAndIsCommittedLater(t *testing.T) {
	source, sink, _ := setup()
	source.commitErr = errors.New("coordinator moved")
	var told error
	opts := ingest.Options{Drain: true, Progress: func(p ingest.Progress) {
		if p.CommitErr != nil {
			told, source.commitErr = p.CommitErr, nil
		}
	}}
	if err := ingest.Run(t.Context(), source, sink, opts); err != nil {
		t.Fatal(err)
	}
	if told == nil {
		t.Error("nobody was told of the failed commit")
	}
	if !slices.Equal(sink.stored, offsets(10)) || source.commits[len(source.commits)-1] != 10 {
		t.Errorf("stored %v, committed %v", sink.stored, source.commits)
	}
}

func TestLastCommitFailsIsAnError(t *testing.T) {
	source, sink, _ := setup()
	source.commitErr = errors.New("coordinator moved")
	if err := ingest.Run(t.Context(), source, sink, drain); !errors.Is(err, source.commitErr) {
		t.Errorf("error %v", err)
	}
	if !slices.Equal(sink.stored, offsets(10)) {
		t.Errorf("stored %v: a failed commit stopped the work", sink.stored)
	}
}

func TestCancelFinishesWorkInHand(t *testing.T) {
	source, sink, _ := setup()
	ctx, cancel := context.WithCancel(t.Context())
	source.fetched = func(l *log) {
		if l.at == 6 {
			cancel()
		}
	}
	if err := ingest.Run(ctx, source, sink, ingest.Options{}); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(sink.stored, offsets(6)) || sink.finals != 1 {
		t.Errorf("stored %v with %d final flushes, want what was fetched", sink.stored, sink.finals)
	}
	if sink.ctxErr != nil {
		t.Errorf("the sink got a context that had ended: %v", sink.ctxErr)
	}
	if last := source.commits[len(source.commits)-1]; last != 6 {
		t.Errorf("committed %d, want 6", last)
	}
}

func TestCancelDoesNotInterruptAFlush(t *testing.T) {
	source, sink, _ := setup()
	ctx, cancel := context.WithCancel(t.Context())
	sink.flushing = cancel
	if err := ingest.Run(ctx, source, sink, ingest.Options{}); err != nil {
		t.Fatal(err)
	}
	if sink.ctxErr != nil {
		t.Errorf("the sink got a context that had ended: %v", sink.ctxErr)
	}
	if !slices.Equal(sink.stored, offsets(3)) {
		t.Errorf("stored %v", sink.stored)
	}
}

// stuck is a sink whose final flush ends only with its context.
type stuck struct{ *lake }

func (s stuck) Flush(ctx context.Context, final bool) ([]ingest.Position, error) {
	if !final {
		return s.lake.Flush(ctx, final)
	}
	<-ctx.Done()
	return nil, ctx.Err()
}

func TestWorkInHandHasADeadline(t *testing.T) {
	source, sink, _ := setup()
	ctx, cancel := context.WithCancel(t.Context())
	source.fetched = func(*log) { cancel() }
	err := ingest.Run(ctx, source, stuck{sink}, ingest.Options{Grace: 10 * time.Millisecond})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	if len(source.commits) != 0 {
		t.Errorf("committed %v", source.commits)
	}
}

func TestNoDoubleConsumptionAfterACrash(t *testing.T) {
	source, sink, trace := setup()
	source.fetched = func(l *log) {
		if l.at == 9 {
			sink.flushErr = errors.New("killed")
		}
	}
	if err := ingest.Run(t.Context(), source, sink, drain); err == nil {
		t.Fatal("the crash was not noticed")
	}
	// What the sink has stored decides where reading goes on.
	again := newLog(trace)
	again.at = sink.stored[len(sink.stored)-1] + 1
	rest := &lake{trace: trace}
	if err := ingest.Run(t.Context(), again, rest, drain); err != nil {
		t.Fatal(err)
	}
	if all := append(sink.stored, rest.stored...); !slices.Equal(all, offsets(10)) {
		t.Errorf("stored %v, want 0 to 9 once", all)
	}
}

func TestProgressCountsWhatWasReadAndStored(t *testing.T) {
	source, sink, _ := setup()
	var last ingest.Progress
	opts := ingest.Options{Drain: true, Progress: func(p ingest.Progress) { last = p }}
	if err := ingest.Run(t.Context(), source, sink, opts); err != nil {
		t.Fatal(err)
	}
	if last.Read != 10 || last.Stored != 4 || !last.CaughtUp || last.CommitErr != nil {
		t.Errorf("progress %+v", last)
	}
}
