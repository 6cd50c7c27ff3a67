package lake_test

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/titrate/titrate/cleanse/lake"
	"github.com/titrate/titrate/ingest"
)

// gate is a bucket whose first put of a kind waits until it is opened, and then does
// as it is told.
type gate struct {
	lake.Bucket
	at      string
	fails   bool
	once    sync.Once
	reached chan struct{}
	opened  chan struct{}
}

func newGate(b lake.Bucket, at string) *gate {
	return &gate{Bucket: b, at: at, reached: make(chan struct{}), opened: make(chan struct{})}
}

func (g *gate) Put(ctx context.Context, name string, body *io.SectionReader) (err error) {
	if point(name) == g.at {
		g.once.Do(func() {
			close(g.reached)
			<-g.opened
			if g.fails {
				err = fmt.Errorf("put %s: %w", name, errFault)
			}
		})
	}
	if err != nil {
		return err
	}
	return g.Bucket.Put(ctx, name, body)
}

// budget is what some 60 records need.
const budget = 16 << 10

var points = []string{"claim", "file", "done"}

// airborne makes a reader of which some waits at g and some is held.
func airborne(t *testing.T, g *gate, l *log) *reader {
	t.Helper()
	r := &reader{log: l, writer: lake.NewWriter(g, lake.WriterOptions{RotateBytes: budget, RotateAge: time.Hour})}
	must(t, r.assign(t.Context()))
	for flying := int64(0); flying == 0; _, flying = r.writer.Held() {
		must(t, r.step(t.Context(), 1))
	}
	<-g.reached
	must(t, r.step(t.Context(), 3))
	return r
}

func (r *reader) rest(t *testing.T) {
	t.Helper()
	for r.next < len(r.records) {
		must(t, r.step(t.Context(), 10))
	}
}

// TestStoringGoesOnBesideReading has the store stand still at each kind of request.
// Reading goes on, but only as far as the budget does.
func TestStoringGoesOnBesideReading(t *testing.T) {
	for _, at := range points {
		l := newLog(topic("A", 0), 400, rand.New(rand.NewPCG(1, 1)))
		b := newMemory()
		g := newGate(b, at)
		r := airborne(t, g, l)
		first := r.next
		for {
			must(t, r.writer.Append(t.Context(), l.records[r.next:r.next+1]))
			r.next++
			if held, _ := r.writer.Held(); held >= budget {
				break
			}
			_, err := r.writer.Flush(t.Context(), false)
			must(t, err)
		}
		if r.next < first+5 {
			t.Errorf("%s: %d records were read beside storing", at, r.next-first)
		}
		flushed := make(chan error)
		go func() {
			_, err := r.writer.Flush(t.Context(), false)
			flushed <- err
		}()
		select {
		case <-flushed:
			t.Fatalf("%s: the budget is spent, and Flush doesn't wait", at)
		case <-time.After(50 * time.Millisecond): // to let it go wrong
		}
		close(g.opened)
		must(t, <-flushed)
		if held, _ := r.writer.Held(); held >= budget {
			t.Errorf("%s: %d bytes are held, of %d", at, held, budget)
		}
		r.rest(t)
		accounted(t, b, l)
	}
}

// TestWhatFailsInFlightIsStoredFirst: the failure is told by the next flush; from then
// on storing and reading take turns until the store works, and what has failed goes first.
func TestWhatFailsInFlightIsStoredFirst(t *testing.T) {
	for _, at := range points {
		l := newLog(topic("A", 0), 200, rand.New(rand.NewPCG(1, 1)))
		memory := newMemory()
		b := &broken{Bucket: memory, off: true}
		g := newGate(b, at)
		g.fails = true
		r := airborne(t, g, l)
		close(g.opened)
		r.writer.Close()
		b.verb, b.off = "put a "+at, false
		for range 3 {
			if _, err := r.writer.Flush(t.Context(), false); !ingest.Passes(err) {
				t.Fatalf("%s: Flush = %v", at, err)
			}
		}
		b.off = true
		positions, err := r.writer.Flush(t.Context(), false)
		must(t, err)
		if _, flying := r.writer.Held(); len(positions) != 1 || flying > 0 {
			t.Errorf("%s: positions %v, %d bytes in flight", at, positions, flying)
		}
		if since := r.records[r.next-3].Offset; positions[0].Next > since {
			t.Errorf("%s: stored up to %d, but from %d on it was read beside", at, positions[0].Next, since)
		}
		r.rest(t)
		accounted(t, memory, l)
	}
}

// TestNothingIsLeftOnItsWayAfterAFailure: although what has failed was taken away since.
func TestNothingIsLeftOnItsWayAfterAFailure(t *testing.T) {
	l := newLog(topic("A", 0), 200, rand.New(rand.NewPCG(1, 1)))
	other := newLog(topic("A", 1), 200, rand.New(rand.NewPCG(2, 1)))
	b := &broken{Bucket: newMemory(), verb: "put a file", off: true}
	g := newGate(b, "file")
	g.fails = true
	r := airborne(t, g, l)
	close(g.opened)
	r.writer.Close()
	b.off = false
	if _, err := r.writer.Flush(t.Context(), false); !ingest.Passes(err) {
		t.Fatalf("Flush = %v", err)
	}
	r.writer.Revoke(l.Partition)
	second := &reader{log: other, writer: r.writer}
	must(t, second.assign(t.Context()), r.writer.Append(t.Context(), other.records))
	if _, err := r.writer.Flush(t.Context(), false); !ingest.Passes(err) {
		t.Errorf("the store still fails, and Flush = %v", err)
	}
}

// TestAFinalFlushTellsOfWhatFailedInFlight: what a drain has in flight when it ends isn't forgotten.
func TestAFinalFlushTellsOfWhatFailedInFlight(t *testing.T) {
	l := newLog(topic("A", 0), 200, rand.New(rand.NewPCG(1, 1)))
	b := newMemory()
	g := newGate(b, "file")
	g.fails = true
	r := airborne(t, g, l)
	close(g.opened)
	if _, err := r.writer.Flush(t.Context(), true); !ingest.Passes(err) {
		t.Errorf("Flush = %v", err)
	}
	r.store(t)
	l.records = l.records[:r.next]
	accounted(t, b, l)
}

// TestRevokedInFlight has a partition taken away while some of it is in flight. Another
// writer, or the same one, goes on from what the ledger says then, before or after the
// flight has landed.
func TestRevokedInFlight(t *testing.T) {
	for _, at := range points {
		for _, comesBack := range []bool{false, true} {
			for _, landed := range []bool{false, true} {
				l := newLog(topic("A", 0), 200, rand.New(rand.NewPCG(1, 1)))
				b := newMemory()
				g := newGate(b, at)
				r := airborne(t, g, l)
				r.writer.Revoke(l.Partition)
				next := r
				if !comesBack {
					next = &reader{log: l, writer: lake.NewWriter(b, lake.WriterOptions{RotateBytes: budget})}
				}
				if landed {
					close(g.opened)
					r.writer.Close()
				}
				must(t, next.assign(t.Context()), next.writer.Append(t.Context(), l.records[next.next:next.next+5]))
				next.next += 5
				if !landed {
					close(g.opened)
				}
				next.rest(t)
				if positions, err := r.writer.Flush(t.Context(), true); !comesBack && len(positions) > 0 || err != nil {
					t.Errorf("%s: of a partition that was taken away Flush says %v, %v", at, positions, err)
				}
				accounted(t, b, l)
				if held, _ := r.writer.Held(); held > 0 {
					t.Errorf("%s: %d bytes are still held", at, held)
				}
			}
		}
	}
}

// TestAnotherOwnersClaimReachesIntoWhatWasReadSince: while a part is in flight, another
// owner has claimed more than it, or less, and has stored that, or not.
func TestAnotherOwnersClaimReachesIntoWhatWasReadSince(t *testing.T) {
	for _, count := range []int{10, 60, 75, 190} {
		for _, done := range []bool{false, true} {
			l := newLog(topic("A", 0), 200, rand.New(rand.NewPCG(1, 1)))
			b := newMemory()
			g := newGate(b, "claim")
			r := airborne(t, g, l)
			other := held(t, &faulty{Bucket: b, plan: nth("file", 1, crashBefore)}, "other", l, count)
			if done {
				other = held(t, b, "other", l, count)
			}
			if _, err := other.writer.Flush(t.Context(), true); (err == nil) != done {
				t.Fatal(err)
			}
			close(g.opened)
			r.rest(t)
			accounted(t, b, l)
		}
	}
}

// TestFlightsUseMemoryAgain has parts of several partitions use what others have left.
func TestFlightsUseMemoryAgain(t *testing.T) {
	var logs []*log
	for n := range int32(3) {
		logs = append(logs, newLog(topic("A", n), 300, rand.New(rand.NewPCG(uint64(n), 1))))
	}
	b := newMemory()
	w := lake.NewWriter(b, lake.WriterOptions{RotateBytes: budget, RotateAge: time.Hour})
	for _, l := range logs {
		_, err := w.Assign(t.Context(), l.Partition)
		must(t, err)
	}
	for i := 0; i < 300; i += 4 {
		for _, l := range logs {
			must(t, w.Append(t.Context(), l.records[i:i+4]))
		}
		_, err := w.Flush(t.Context(), false)
		must(t, err)
	}
	_, err := w.Flush(t.Context(), true)
	must(t, err)
	expect(t, b, logs...)
}
