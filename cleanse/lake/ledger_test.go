package lake

import (
	"context"
	"errors"
	"io/fs"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/titrate/titrate/ingest"
)

// names is a bucket of which only names are asked. It counts how many it told.
type names struct {
	Bucket
	sorted []string
	told   int
}

func (n *names) List(_ context.Context, _, after string, fn func(Object) error) error {
	i, found := slices.BinarySearch(n.sorted, after)
	if found {
		i++
	}
	for _, name := range n.sorted[i:] {
		n.told++
		if err := fn(Object{Name: name}); errors.Is(err, fs.SkipAll) {
			return nil
		} else if err != nil {
			return err
		}
	}
	return nil
}

// TestTailIsFoundWithoutReadingAll: starting must not take longer for each month
// that the job has run.
func TestTailIsFoundWithoutReadingAll(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	p := ingest.Partition{Topic: "events", TopicID: "A", Number: 1}
	for _, count := range []int{0, 1, 2, 499, 500, 501, 1000, 1001, 5000, 300_000} {
		n := &names{}
		next := int64(random.IntN(2))
		last := int64(-1)
		for i := range count {
			last = next
			if i < count-1 || random.IntN(2) == 0 {
				n.sorted = append(n.sorted, doneName(p, next))
			}
			n.sorted = append(n.sorted, claimName(p, next))
			next += 1 + random.Int64N(1+random.Int64N(1_000_000))
		}
		start, ok, err := ledger{n, p}.last(t.Context())
		if err != nil || ok != (count > 0) || (ok && start != last) {
			t.Errorf("%d claims: last is %d, %t, %v, want %d", count, start, ok, err, last)
		}
		if n.told > 50*page {
			t.Errorf("%d claims: %d names were listed", count, n.told)
		}
	}
}
