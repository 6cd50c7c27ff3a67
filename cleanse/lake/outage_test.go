package lake_test

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/titrate/titrate/cleanse/lake"
	"github.com/titrate/titrate/ingest"
)

// broken is a bucket whose requests of one kind fail as long as it is told.
type broken struct {
	lake.Bucket
	verb string
	off  bool
}

func (b *broken) fails(verb string) error {
	if b.off || b.verb != verb {
		return nil
	}
	return fmt.Errorf("%s: %w", verb, errFault)
}

func (b *broken) Put(ctx context.Context, name string, body *io.SectionReader) error {
	if err := b.fails("put a " + point(name)); err != nil {
		return err
	}
	return b.Bucket.Put(ctx, name, body)
}

func (b *broken) Open(ctx context.Context, name string) (lake.File, error) {
	if err := b.fails("open"); err != nil {
		return nil, err
	}
	f, err := b.Bucket.Open(ctx, name)
	return brokenFile{f, b}, err
}

func (b *broken) List(ctx context.Context, prefix, after string, fn func(lake.Object) error) error {
	if err := b.fails("list"); err != nil {
		return err
	}
	return b.Bucket.List(ctx, prefix, after, fn)
}

type brokenFile struct {
	lake.File
	bucket *broken
}

func (f brokenFile) ReadAt(p []byte, off int64) (int, error) {
	if err := f.bucket.fails("read"); err != nil {
		return 0, err
	}
	return f.File.ReadAt(p, off)
}

// TestWhatABucketFailsAtMayBeTriedAgain has each kind of request fail, by itself, until
// the same writer has tried twice; then it goes on as if nothing had been.
func TestWhatABucketFailsAtMayBeTriedAgain(t *testing.T) {
	for _, verb := range []string{"put a claim", "put a file", "put a done", "open", "read", "list"} {
		t.Run(verb, func(t *testing.T) {
			l := newLog(topic("A", 0), 300, rand.New(rand.NewPCG(1, 1)))
			memory := newMemory()
			openClaim(t, memory, l) // so that assignment opens and reads
			b := &broken{Bucket: memory, verb: verb}
			r := &reader{log: l, writer: lake.NewWriter(b, lake.WriterOptions{RotateRows: 40})}
			outages, assigned := 0, false
			for done := false; !done; {
				var err error
				if !assigned {
					err = r.assign(t.Context())
					assigned = err == nil
				} else {
					err = r.step(t.Context(), 30)
					done = err == nil && r.next == len(l.records)
				}
				if err != nil && !ingest.Passes(err) {
					t.Fatalf("%v ends the run", err)
				}
				if err != nil {
					outages++
				}
				b.off = outages >= 2
			}
			if outages == 0 {
				t.Error("nothing failed: the test proved nothing")
			}
			accounted(t, memory, l)
		})
	}
}

// What is wrong with the ledger, not with the store, isn't cured by waiting.
func TestWhatEndsARunIsNoOutage(t *testing.T) {
	l := newLog(topic("A", 0), 90, rand.New(rand.NewPCG(1, 1)))
	b := newMemory()
	openClaim(t, b, l)
	late := &reader{log: l, writer: lake.NewWriter(b, lake.WriterOptions{})}
	must(t, late.assign(t.Context()))
	late.next = 60 // began elsewhere than the lake asked
	if err := late.step(t.Context(), 1000); err == nil || ingest.Passes(err) {
		t.Errorf("a claim that can't be finished: %v", err)
	}
	for name := range b.objects {
		if strings.HasSuffix(name, ".json") {
			b.objects[name] = []byte("{")
		}
	}
	if _, err := lake.NewWriter(b, lake.WriterOptions{}).Assign(t.Context(), l.Partition); err == nil || ingest.Passes(err) {
		t.Errorf("a claim that can't be read: %v", err)
	}
}

// A disk that was unmounted leaves an empty directory of its name. To go on writing
// there, or to take it for a lake that nothing was stored in, would lose everything
// once it is mounted again.
func TestDirThatWasExchangedIsRefused(t *testing.T) {
	root := filepath.Join(t.TempDir(), "lake")
	b, err := lake.Dir(root)
	must(t, err, lake.Probe(t.Context(), b), os.Rename(root, root+"-disk"))
	refuse := func(when string) {
		t.Helper()
		none := func(lake.Object) error { return nil }
		if err := b.Put(t.Context(), "x", lake.Bytes(nil)); err == nil || !strings.Contains(err.Error(), "unmounted") {
			t.Errorf("%s: put: %v", when, err)
		}
		if err := b.List(t.Context(), "", "", none); err == nil {
			t.Errorf("%s: list: %v", when, err)
		}
		if _, err := b.Open(t.Context(), "x"); err == nil || strings.Contains(err.Error(), "no such file") {
			t.Errorf("%s: open: %v", when, err)
		}
	}
	refuse("gone")
	must(t, os.Mkdir(root, 0o755))
	refuse("empty")
	must(t, os.Remove(root), os.Rename(root+"-disk", root), b.Put(t.Context(), "x", lake.Bytes(nil)))
}
