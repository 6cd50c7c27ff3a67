package lake_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/titrate/titrate/cleanse/lake"
	"github.com/titrate/titrate/ingest"
)

// claimsOf are the claims of a partition.
func claimsOf(t *testing.T, b lake.Bucket, p ingest.Partition) []lake.Entry {
	t.Helper()
	var all []lake.Entry
	for c, err := range lake.Claims(t.Context(), b, p) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, c)
	}
	return all
}

// skipTo has a writer find that the log begins at low and ends at end.
func skipTo(t *testing.T, b lake.Bucket, p ingest.Partition, low, end int64) (ingest.Start, *lake.Writer) {
	t.Helper()
	w := lake.NewWriter(b, lake.WriterOptions{AcceptGap: true})
	if _, err := w.Assign(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	start, err := w.Skip(t.Context(), p, low, end)
	if err != nil {
		t.Fatal(err)
	}
	return start, w
}

func TestGapIsRefusedUnlessAccepted(t *testing.T) {
	l := newLog(topic("A", 0), 50, rand.New(rand.NewPCG(1, 1)))
	b := newMemory()
	drain(t, b, lake.WriterOptions{}, 100, l)
	before := len(b.objects)
	w := lake.NewWriter(b, lake.WriterOptions{})
	if _, err := w.Assign(t.Context(), l.Partition); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Skip(t.Context(), l.Partition, 1000, 2000); err == nil || !strings.Contains(err.Error(), "--accept-gap") {
		t.Errorf("Skip = %v", err)
	}
	if len(b.objects) != before {
		t.Error("a gap that was refused left something behind")
	}
}

// TestExpiredGapIsRecorded: retention was faster than the reader.
func TestExpiredGapIsRecorded(t *testing.T) {
	l := newLog(topic("A", 0), 100, rand.New(rand.NewPCG(1, 1)))
	b := newMemory()
	drain(t, b, lake.WriterOptions{}, 100, &log{Partition: l.Partition, records: l.records[:40]})
	next, low := l.records[39].Offset+1, l.records[60].Offset
	start, _ := skipTo(t, b, l.Partition, low, 1<<40)
	if start.Next != low {
		t.Errorf("reading goes on at %d, want %d", start.Next, low)
	}
	drain(t, b, lake.WriterOptions{}, 100, &log{Partition: l.Partition, records: l.records[60:]})
	claims := claimsOf(t, b, l.Partition)
	if len(claims) != 3 {
		t.Fatalf("%d claims, want 3", len(claims))
	}
	gap := claims[1]
	if gap.Gap == nil || gap.Gap.Why != "expired" || gap.Start != next || gap.Next != low || !gap.Done || gap.Counts.Read != 0 {
		t.Errorf("the gap is recorded as %+v", gap)
	}
	if claims[2].Start != low {
		t.Errorf("the claim behind the gap begins at %d, want %d", claims[2].Start, low)
	}
}

// TestGapThatSwallowsAnOpenClaim: its files can't be made any more, and its end,
// which the log still has, isn't read again, because some of its files may exist.
func TestGapThatSwallowsAnOpenClaim(t *testing.T) {
	l := newLog(topic("A", 0), 100, rand.New(rand.NewPCG(1, 1)))
	b := newMemory()
	f := &faulty{Bucket: b, plan: nth("file", 2, crashAfter)}
	run(t, f, l, rand.New(rand.NewPCG(1, 1)))
	open := claimsOf(t, b, l.Partition)[0]
	start, _ := skipTo(t, b, l.Partition, l.records[10].Offset, 1<<40)
	if start.Next != open.Next {
		t.Errorf("reading goes on at %d, want %d", start.Next, open.Next)
	}
	rest := &log{Partition: l.Partition, records: l.records[l.from(open.Next):]}
	drain(t, b, lake.WriterOptions{}, 100, rest)
	for p, tables := range readLake(t, b).tables {
		slices.Sort(tables)
		if len(slices.Compact(tables)) != len(tables) {
			t.Errorf("offset %d is in %v", p.offset, tables)
		}
	}
}

// TestTruncatedLogGoesOnInALedgerOfItsOwn: new records have offsets that the
// ledger has given to others.
func TestTruncatedLogGoesOnInALedgerOfItsOwn(t *testing.T) {
	old := newLog(topic("A", 0), 100, rand.New(rand.NewPCG(1, 1)))
	b := newMemory()
	drain(t, b, lake.WriterOptions{}, 100, old)
	stored := len(old.records)
	for generation, records := range []int{60, 30} {
		end := old.records[records/2].Offset
		start, w := skipTo(t, b, old.Partition, 0, end)
		if start.Next != end {
			t.Fatalf("after truncation %d reading goes on at %d, want %d", generation+1, start.Next, end)
		}
		young := newLog(topic("A", 0), records, rand.New(rand.NewPCG(2, uint64(records))))
		for i := range young.records {
			young.records[i].Offset += end
		}
		if err := w.Append(t.Context(), young.records); err != nil {
			t.Fatal(err)
		}
		positions, err := w.Flush(t.Context(), true)
		if err != nil || len(positions) != 1 || positions[0].Partition != old.Partition {
			t.Errorf("Flush = %+v, %v, want a position of the partition that was assigned", positions, err)
		}
		w2 := lake.NewWriter(b, lake.WriterOptions{})
		again, err := w2.Assign(t.Context(), old.Partition)
		if want := young.records[records-1].Offset + 1; err != nil || again.Next != want {
			t.Errorf("a restart reads on from %d, %v, want %d", again.Next, err, want)
		}
		old, stored = young, stored+records
	}
	if got := len(readLake(t, b).outcomes); got != stored {
		t.Errorf("%d records are stored, want %d", got, stored)
	}
}

// TestTopicMadeAnewIsAGap: what the old one held behind the ledger's end is gone.
func TestTopicMadeAnewIsAGap(t *testing.T) {
	random := rand.New(rand.NewPCG(4, 4))
	before, after := newLog(topic("A", 0), 200, random), newLog(topic("B", 0), 200, random)
	b := newMemory()
	drain(t, b, lake.WriterOptions{}, 50, before)
	_, err := lake.NewWriter(b, lake.WriterOptions{}).Assign(t.Context(), after.Partition)
	if err == nil || !strings.Contains(err.Error(), "made again") || !strings.Contains(err.Error(), "--accept-gap") {
		t.Fatalf("Assign = %v", err)
	}
	drain(t, b, lake.WriterOptions{AcceptGap: true}, 50, after)
	drain(t, b, lake.WriterOptions{}, 50, after) // said once, it needn't be said again
	expect(t, b, before, after)
	if _, err := b.Open(t.Context(), "_ledger/B/0/follows.gap"); err != nil {
		t.Errorf("the ledger doesn't say that the topic was made anew: %v", err)
	}
}

// TestOneCrashWhileAGapIsRecorded leaves a ledger that the next start goes on from.
func TestOneCrashWhileAGapIsRecorded(t *testing.T) {
	for _, at := range []string{"claim", "done"} {
		for _, what := range []fault{crashBefore, crashAfter, timesOut} {
			l := newLog(topic("A", 0), 100, rand.New(rand.NewPCG(1, 1)))
			b := newMemory()
			drain(t, b, lake.WriterOptions{}, 100, &log{Partition: l.Partition, records: l.records[:40]})
			low := l.records[60].Offset
			w := lake.NewWriter(&faulty{Bucket: b, plan: nth(at, 1, what)}, lake.WriterOptions{AcceptGap: true})
			if _, err := w.Assign(t.Context(), l.Partition); err != nil {
				t.Fatal(err)
			}
			if _, err := w.Skip(t.Context(), l.Partition, low, 1<<40); err == nil {
				t.Errorf("%s, fault %d: Skip didn't tell", at, what)
			}
			start, _ := skipTo(t, b, l.Partition, low, 1<<40)
			if claims := claimsOf(t, b, l.Partition); start.Next != low || len(claims) != 2 || !claims[1].Done {
				t.Errorf("%s, fault %d: reading goes on at %d with %d claims", at, what, start.Next, len(claims))
			}
		}
	}
}
