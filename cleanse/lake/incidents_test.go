package lake_test

import (
	"context"
	"io"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/titrate/titrate/cleanse/lake"
)

// The incidents of peers, each as it would have to happen here. What they were
// is told in the words of their reports.

// held makes a writer that has taken the first n records of l and stored none.
func held(t *testing.T, b lake.Bucket, id string, l *log, n int) *reader {
	t.Helper()
	r := &reader{log: l, writer: lake.NewWriter(b, lake.WriterOptions{ID: id})}
	must(t, r.assign(t.Context()), r.writer.Append(t.Context(), l.records[:n]))
	r.next = n
	return r
}

// store flushes what r holds.
func (r *reader) store(t *testing.T) {
	t.Helper()
	_, err := r.writer.Flush(t.Context(), true)
	must(t, err)
}

// accounted makes sure that l is in the lake, each record once.
func accounted(t *testing.T, b lake.Bucket, l *log) {
	t.Helper()
	expect(t, b, l)
	if r := verify(t, b, l); !r.OK() {
		t.Errorf("%s", text(r))
	}
}

// TestKafkaConnect253: one task writes offsets 0 to 30 and commits; another, which
// also believes to own the partition, then writes 0 to 20 to the same key; 21 to 30
// were lost.
func TestKafkaConnect253(t *testing.T) {
	l := newLog(topic("A", 0), 31, rand.New(rand.NewPCG(1, 1)))
	b := newMemory()
	late := held(t, b, "late", l, 21)
	held(t, b, "early", l, 31).store(t)
	late.store(t)
	accounted(t, b, l)
}

// TestKafkaConnect800: a hung task revived and replaced the new owner's larger file
// by its own. It may hang before any request of its flush.
func TestKafkaConnect800(t *testing.T) {
	l := newLog(topic("A", 0), 120, rand.New(rand.NewPCG(1, 1)))
	for _, at := range []string{"claim", "file", "done"} {
		for n := 1; n < 4; n++ {
			b := newMemory()
			hung := &hanging{Bucket: b, at: at, n: n}
			task := held(t, hung, "hung", l, 80)
			hung.meanwhile = func() {
				owner := held(t, b, "owner", l, 100)
				owner.store(t)
			}
			task.store(t)
			rest := held(t, b, "rest", l, 120)
			rest.store(t)
			accounted(t, b, l)
		}
	}
}

// hanging has something happen while its nth put of a kind hangs.
type hanging struct {
	lake.Bucket
	at        string
	mu        sync.Mutex // of n: files are put side by side
	n         int
	meanwhile func()
}

func (h *hanging) Put(ctx context.Context, name string, body *io.SectionReader) error {
	if point(name) == h.at && h.turn() {
		h.meanwhile()
	}
	return h.Bucket.Put(ctx, name, body)
}

// turn reports whether this is the put that hangs.
func (h *hanging) turn() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.n--
	return h.n == 0
}

// TestRedpandaConnect4666: a commit that was reported as failed had landed, and the
// cleanup deleted files that were live. A writer deletes nothing here (a Bucket has
// no way to; only compaction asks for a Remover), and what landed counts.
func TestRedpandaConnect4666(t *testing.T) {
	l := newLog(topic("A", 0), 80, rand.New(rand.NewPCG(1, 1)))
	for _, at := range []string{"claim", "file", "done"} {
		b := newMemory()
		r := held(t, &faulty{Bucket: b, plan: nth(at, 1, timesOut)}, "one", l, 80)
		if _, err := r.writer.Flush(t.Context(), true); err == nil {
			t.Fatalf("%s: a put without an answer was taken for one that works", at)
		}
		before := len(b.objects)
		if before == 0 {
			t.Errorf("%s: what landed is gone", at)
		}
		r.store(t)
		if len(b.objects) < before {
			t.Errorf("%s: trying again removed something", at)
		}
		accounted(t, b, l)
	}
}

// TestIceberg17340: two coordinators committed the same records, in other batches,
// and 111,927 rows were there twice.
func TestIceberg17340(t *testing.T) {
	l := newLog(topic("A", 0), 90, rand.New(rand.NewPCG(1, 1)))
	b := newMemory()
	one, two := held(t, b, "one", l, 50), held(t, b, "two", l, 70)
	for range 3 {
		one.store(t)
		two.store(t)
	}
	must(t, one.step(t.Context(), 40), two.step(t.Context(), 20))
	accounted(t, b, l)
}

// TestIceberg17551: a new coordinator found no offset of its own and began at the
// latest. Where the lake begins is the ledger's word; a reader that begins behind
// it can't finish the claim that is open.
func TestIceberg17551(t *testing.T) {
	l := newLog(topic("A", 0), 90, rand.New(rand.NewPCG(1, 1)))
	b := newMemory()
	held(t, b, "one", l, 50).store(t)
	w := lake.NewWriter(b, lake.WriterOptions{})
	start, err := w.Assign(t.Context(), l.Partition)
	if err != nil || start.Next != l.records[49].Offset+1 {
		t.Errorf("reading starts at %+v, %v, want %d", start, err, l.records[49].Offset+1)
	}
	open := newMemory()
	openClaim(t, open, l)
	late := &reader{log: l, writer: lake.NewWriter(open, lake.WriterOptions{})}
	must(t, late.assign(t.Context()))
	late.next = 60
	if err := late.step(t.Context(), 1000); err == nil {
		t.Error("a reader that began at the latest finished a claim of what came before")
	}
}

// TestFlink28268: the writer lost the tail that was on its way when it resumed. It
// may stop after any of a claim's requests.
func TestFlink28268(t *testing.T) {
	l := newLog(topic("A", 0), 80, rand.New(rand.NewPCG(1, 1)))
	for n := 1; ; n++ {
		b := newMemory()
		f := &faulty{Bucket: b, plan: anyNth(n, crashAfter)}
		_, _ = held(t, f, "tail", l, 80).writer.Flush(t.Context(), true)
		held(t, b, "resumed", l, 80).store(t)
		accounted(t, b, l)
		if !f.crashed {
			return
		}
	}
}

// anyNth plans one fault, at the nth put of whatever kind.
func anyNth(n int, what fault) func(string) fault {
	return func(string) fault {
		if n--; n == 0 {
			return what
		}
		return works
	}
}

// TestArroyo1027: recovering was not idempotent. Here a recovery is itself stopped
// after each of its requests, and done again, until one ends.
func TestArroyo1027(t *testing.T) {
	l := newLog(topic("A", 0), 80, rand.New(rand.NewPCG(1, 1)))
	b := newMemory()
	openClaim(t, b, l)
	for n := 1; ; n++ {
		f := &faulty{Bucket: b, plan: anyNth(n, crashAfter)}
		r := held(t, f, "recovery", l, 80)
		_, _ = r.writer.Flush(t.Context(), true)
		if !f.crashed {
			break
		}
	}
	accounted(t, b, l)
}
