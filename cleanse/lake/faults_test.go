package lake_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	"github.com/titrate/titrate/cleanse/lake"
	"github.com/titrate/titrate/ingest"
)

// fault is what goes wrong with one Put.
type fault int

const (
	works       fault = iota
	fails             // nothing was stored, and the caller is told
	timesOut          // it was stored, but the caller is told that it wasn't
	crashBefore       // the process ends before it is stored
	crashAfter        // the process ends once it is stored
)

var errFault = errors.New("injected fault")

// faulty passes puts on, unless plan says otherwise. After a crash nothing of
// this process reaches the bucket any more. Puts are made one by one, so that a
// seed gives the same faults each time.
type faulty struct {
	lake.Bucket
	plan    func(name string) fault
	mu      sync.Mutex
	crashed bool
}

func (f *faulty) Put(ctx context.Context, name string, body *io.SectionReader) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.crashed {
		return errFault
	}
	switch f.plan(name) {
	case fails:
		return fmt.Errorf("put %s: %w", name, errFault)
	case timesOut:
		return errors.Join(f.Bucket.Put(ctx, name, body), errFault)
	case crashBefore:
		f.crashed = true
		return errFault
	case crashAfter:
		f.crashed = true
		return errors.Join(f.Bucket.Put(ctx, name, body), errFault)
	default:
		return f.Bucket.Put(ctx, name, body)
	}
}

// point is a step of a claim at which something goes wrong.
func point(name string) string {
	switch {
	case strings.HasSuffix(name, ".done"):
		return "done"
	case strings.HasPrefix(name, "_ledger/"):
		return "claim"
	default:
		return "file"
	}
}

// nth plans one fault, at the nth Put of a kind.
func nth(at string, n int, what fault) func(string) fault {
	return func(name string) fault {
		if point(name) != at {
			return works
		}
		if n--; n == 0 {
			return what
		}
		return works
	}
}

func TestEveryRecordIsStoredOnceAfter(t *testing.T) {
	faults := map[string]fault{
		"fails": fails, "times out after success": timesOut,
		"crash before": crashBefore, "crash after": crashAfter,
	}
	for word, what := range faults {
		for _, at := range []string{"claim", "file", "done"} {
			for _, n := range []int{1, 2, 5} {
				t.Run(fmt.Sprintf("%s, %s %d", word, at, n), func(t *testing.T) {
					random := rand.New(rand.NewPCG(7, uint64(n)))
					l := newLog(topic("A", 3), 300, random)
					b := newMemory()
					f := &faulty{Bucket: b, plan: nth(at, n, what)}
					run(t, f, l, random)
					if f.crashed {
						run(t, &faulty{Bucket: b, plan: nth("none", 0, works)}, l, random)
					}
					expect(t, b, l)
					expectLedger(t, b, l)
				})
			}
		}
	}
}

// run reads l to its end or until the process crashes. Whatever else fails is
// tried again, as ingest.Run and an operator's restarts do.
func run(t *testing.T, f *faulty, l *log, random *rand.Rand) {
	t.Helper()
	r := &reader{log: l, writer: lake.NewWriter(f, lake.WriterOptions{RotateRows: 30 + random.IntN(100)})}
	assigned := false
	for tries := 0; !f.crashed; tries++ {
		if tries > 10_000 {
			t.Fatal("no progress")
		}
		if !assigned {
			if err := r.assign(t.Context()); err != nil && !errors.Is(err, errFault) {
				t.Fatal(err)
			} else if err != nil {
				continue
			}
			assigned = true
		}
		err := r.step(t.Context(), 1+random.IntN(60))
		if err != nil && !errors.Is(err, errFault) {
			t.Fatal(err)
		}
		if err == nil && r.next == len(l.records) {
			return
		}
	}
}

var schedules = flag.Uint64("schedules", 25, "how many schedules of faults to try")

// TestRandomFaults has processes crash, fail and time out at random until one
// reads to the end.
func TestRandomFaults(t *testing.T) {
	for seed := range *schedules {
		random := rand.New(rand.NewPCG(seed, 2))
		l := newLog(topic("A", 0), 30+random.IntN(150), random)
		b := newMemory()
		done := false
		for !done {
			f := &faulty{Bucket: b, plan: randomly(random)}
			run(t, f, l, random)
			done = !f.crashed
		}
		expect(t, b, l)
		expectLedger(t, b, l)
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

func randomly(random *rand.Rand) func(string) fault {
	rate := 5 + random.IntN(40)
	return func(string) fault {
		if random.IntN(rate) > 0 {
			return works
		}
		return fault(1 + random.IntN(4))
	}
}

// TestZombies has several writers that each believe to own the partition take
// turns, while some crash and come back. Peers lost rows when one of them
// overwrote the other's file, and doubled rows when both names were kept.
func TestZombies(t *testing.T) {
	for seed := range *schedules {
		random := rand.New(rand.NewPCG(seed, 3))
		l := newLog(topic("A", 0), 30+random.IntN(150), random)
		b := newMemory()
		race(t, b, l, random, 2+random.IntN(2))
		expect(t, b, l)
		expectLedger(t, b, l)
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

func race(t *testing.T, b lake.Bucket, l *log, random *rand.Rand, owners int) {
	t.Helper()
	readers := make([]*reader, owners)
	buckets := make([]*faulty, owners)
	for {
		i := random.IntN(owners)
		if readers[i] == nil || buckets[i].crashed {
			buckets[i] = &faulty{Bucket: b, plan: randomly(random)}
			readers[i] = &reader{log: l, writer: lake.NewWriter(buckets[i], lake.WriterOptions{
				ID: fmt.Sprint("writer ", i), RotateRows: 1 + random.IntN(100),
			})}
			if err := readers[i].assign(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		err := readers[i].step(t.Context(), random.IntN(60))
		if err != nil && !errors.Is(err, errFault) {
			t.Fatal(err)
		}
		if err == nil && readers[i].next == len(l.records) {
			return
		}
	}
}

// expectLedger makes sure that the claims follow one another without a gap and
// are done, and that their counts add up to the log.
func expectLedger(t testing.TB, b lake.Bucket, l *log) {
	t.Helper()
	next, read := int64(0), int64(0)
	for c, err := range lake.Claims(context.Background(), b, l.Partition) {
		if err != nil {
			t.Fatal(err)
		}
		if c.Start != next || !c.Done {
			t.Errorf("claim from %d, done %t, follows one up to %d", c.Start, c.Done, next)
		}
		if n := c.Counts; n.Read != n.Accepted+n.Quarantined+n.Duplicate+n.Late {
			t.Errorf("claim from %d: %+v doesn't add up", c.Start, n)
		}
		next, read = c.Next, read+c.Counts.Read
	}
	if read != int64(len(l.records)) || next != l.records[len(l.records)-1].Offset+1 {
		t.Errorf("claims hold %d records up to %d, want %d up to %d", read, next, len(l.records), l.records[len(l.records)-1].Offset+1)
	}
}

var _ ingest.Sink = (*lake.Writer)(nil)
