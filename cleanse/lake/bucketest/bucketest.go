// Package bucketest is the conformance suite of lake.Bucket: what every
// implementation must keep, whatever it stores in.
package bucketest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/titrate/titrate/cleanse/lake"
)

// Run checks the bucket that open makes. Each call of open must yield an empty one.
func Run(t *testing.T, open func(t *testing.T) lake.Bucket) {
	t.Run("put and open", func(t *testing.T) { putAndOpen(t, open(t)) })
	t.Run("a taken name is kept", func(t *testing.T) { takenNameIsKept(t, open(t)) })
	t.Run("one of many writers wins", func(t *testing.T) { oneOfManyWins(t, open(t)) })
	t.Run("a name that is not there", func(t *testing.T) { missing(t, open(t)) })
	t.Run("list in byte order", func(t *testing.T) { listInByteOrder(t, open(t)) })
	t.Run("list stops", func(t *testing.T) { listStops(t, open(t)) })
	t.Run("list more than a page", func(t *testing.T) { listManyPages(t, open(t)) })
	t.Run("large objects", func(t *testing.T) { largeObjects(t, open(t)) })
	t.Run("a failed body leaves nothing", func(t *testing.T) { failedBody(t, open(t)) })
	t.Run("a cancelled put", func(t *testing.T) { cancelled(t, open(t)) })
	t.Run("probe", func(t *testing.T) { probe(t, open(t)) })
}

func putAndOpen(t *testing.T, b lake.Bucket) {
	for _, body := range []string{"", "x", "one two three"} {
		name := fmt.Sprintf("folder/date=2026-11-21/len %d.bin", len(body))
		put(t, b, name, body)
		if got := read(t, b, name); got != body {
			t.Errorf("%s holds %q, want %q", name, got, body)
		}
	}
	f, err := b.Open(t.Context(), "folder/date=2026-11-21/len 13.bin")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	part := make([]byte, 3)
	if n, err := f.ReadAt(part, 4); n != 3 || string(part) != "two" {
		t.Errorf("ReadAt(3 bytes, 4) = %d, %v, %q", n, err, part)
	}
	if n, err := f.ReadAt(part, 11); n != 2 || !errors.Is(err, io.EOF) {
		t.Errorf("ReadAt over the end = %d, %v, want 2, EOF", n, err)
	}
}

func takenNameIsKept(t *testing.T, b lake.Bucket) {
	put(t, b, "a/b", "first")
	for _, body := range []string{"second", "first", ""} {
		if err := b.Put(t.Context(), "a/b", lake.Bytes([]byte(body))); !errors.Is(err, lake.ErrExists) {
			t.Errorf("Put(%q) to a taken name = %v, want ErrExists", body, err)
		}
	}
	if got := read(t, b, "a/b"); got != "first" {
		t.Errorf("the taken name holds %q", got)
	}
}

func oneOfManyWins(t *testing.T, b lake.Bucket) {
	var wins atomic.Int32
	var winner atomic.Value
	var wg sync.WaitGroup
	for i := range 16 {
		wg.Go(func() {
			body := bytes.Repeat([]byte{byte('a' + i)}, 10_000+i)
			err := b.Put(context.WithoutCancel(t.Context()), "race/one.json", lake.Bytes(body))
			switch {
			case err == nil:
				wins.Add(1)
				winner.Store(string(body))
			case !errors.Is(err, lake.ErrExists):
				t.Errorf("Put in a race = %v", err)
			}
		})
	}
	wg.Wait()
	if wins.Load() != 1 {
		t.Fatalf("%d writers won, want 1", wins.Load())
	}
	if got := read(t, b, "race/one.json"); got != winner.Load() {
		t.Error("the object isn't the winner's")
	}
}

func missing(t *testing.T, b lake.Bucket) {
	put(t, b, "a/b", "x")
	for _, name := range []string{"a/c", "a", "nothing/at/all"} {
		if _, err := b.Open(t.Context(), name); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("Open(%s) = %v, want fs.ErrNotExist", name, err)
		}
	}
	if got := list(t, b, "nothing/", ""); len(got) != 0 {
		t.Errorf("listing of nothing = %v", got)
	}
}

func listInByteOrder(t *testing.T, b lake.Bucket) {
	// '-' < '.' < '/' < '0' < '=' < 'A' < '_' < 'a'
	all := []string{
		"t-1/x", "t/2026/a.parquet", "t/2026/b.parquet", "t/2027", "t/_x/1",
		"t/date=2026-01-02/x", "t/date=2026-01-03/x", "t/e", "t0",
	}
	for _, name := range slices.Backward(all) {
		put(t, b, name, name)
	}
	for _, q := range []struct {
		prefix, after string
		want          []string
	}{
		{"", "", all},
		{"t", "", all},
		{"t/", "", all[1:8]},
		{"t/2026/", "", all[1:3]},
		{"t/20", "", all[1:4]},
		{"t/date=2026-01-0", "", all[5:7]},
		{"t/", "t/2026/a.parquet", all[2:8]},
		{"t/", "t/date=2026-01-03", all[6:8]},
		{"", "t/e", all[8:]},
		{"t/", "t/2026/bb", all[3:8]},
		{"t/", "u", nil},
		{"t/", "a", all[1:8]},
		{"x", "", nil},
	} {
		if got := list(t, b, q.prefix, q.after); !slices.Equal(got, q.want) {
			t.Errorf("List(%q, after %q)\n got %q\nwant %q", q.prefix, q.after, got, q.want)
		}
	}
}

func listStops(t *testing.T, b lake.Bucket) {
	for i := range 5 {
		put(t, b, fmt.Sprintf("x/%d", i), "12345")
	}
	var got []lake.Object
	err := b.List(t.Context(), "x/", "", func(o lake.Object) error {
		if got = append(got, o); len(got) == 2 {
			return fs.SkipAll
		}
		return nil
	})
	want := []lake.Object{{Name: "x/0", Size: 5}, {Name: "x/1", Size: 5}}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("stopped listing = %v, %v, want %v", got, err, want)
	}
	boom := errors.New("boom")
	if err := b.List(t.Context(), "x/", "", func(lake.Object) error { return boom }); !errors.Is(err, boom) {
		t.Errorf("List with an error in fn = %v, want boom", err)
	}
}

func listManyPages(t *testing.T, b lake.Bucket) {
	const count = 1100 // object stores give 1,000 a page
	var wg sync.WaitGroup
	for w := range 8 {
		wg.Go(func() {
			for i := w; i < count; i += 8 {
				put(t, b, fmt.Sprintf("many/%05d", i), "")
			}
		})
	}
	wg.Wait()
	got := list(t, b, "many/", "")
	if len(got) != count || !slices.IsSorted(got) {
		t.Errorf("listed %d names, sorted %t, want %d", len(got), slices.IsSorted(got), count)
	}
}

// largeObjects are those that object stores take in several parts, where the
// condition on the name applies to the last request only.
func largeObjects(t *testing.T, b lake.Bucket) {
	body := make([]byte, 17<<20)
	for i := range body {
		body[i] = byte(i*7 + i>>13)
	}
	put(t, b, "large", string(body))
	if read(t, b, "large") != string(body) {
		t.Error("a large object isn't read back as it was put")
	}
	other := bytes.Repeat([]byte("z"), 17<<20)
	if err := b.Put(t.Context(), "large", lake.Bytes(other)); !errors.Is(err, lake.ErrExists) {
		t.Errorf("large Put to a taken name = %v, want ErrExists", err)
	}
	if read(t, b, "large") != string(body) {
		t.Error("a large object was overwritten")
	}
}

type brokenBody struct{ good int64 }

func (b brokenBody) ReadAt(p []byte, off int64) (int, error) {
	if off+int64(len(p)) > b.good {
		return 0, errors.New("disk on fire")
	}
	return len(p), nil
}

func failedBody(t *testing.T, b lake.Bucket) {
	err := b.Put(t.Context(), "half", io.NewSectionReader(brokenBody{100_000}, 0, 1_000_000))
	if err == nil || errors.Is(err, lake.ErrExists) {
		t.Errorf("Put of an unreadable body = %v", err)
	}
	if got := list(t, b, "", ""); len(got) != 0 {
		t.Errorf("a failed Put left %v", got)
	}
	put(t, b, "half", "whole")
}

func cancelled(t *testing.T, b lake.Bucket) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := b.Put(ctx, "x", lake.Bytes([]byte("x"))); !errors.Is(err, context.Canceled) {
		t.Errorf("Put with a cancelled context = %v, want context.Canceled", err)
	}
}

func probe(t *testing.T, b lake.Bucket) {
	for range 2 {
		if err := lake.Probe(t.Context(), b); err != nil {
			t.Error(err)
		}
	}
}

func put(t *testing.T, b lake.Bucket, name, body string) {
	t.Helper()
	if err := b.Put(t.Context(), name, lake.Bytes([]byte(body))); err != nil {
		t.Errorf("Put(%s): %v", name, err)
	}
}

func read(t *testing.T, b lake.Bucket, name string) string {
	t.Helper()
	f, err := b.Open(t.Context(), name)
	if err != nil {
		t.Errorf("Open(%s): %v", name, err)
		return ""
	}
	defer f.Close()
	body, err := io.ReadAll(io.NewSectionReader(f, 0, f.Size()))
	if err != nil {
		t.Errorf("read %s: %v", name, err)
	}
	return string(body)
}

func list(t *testing.T, b lake.Bucket, prefix, after string) []string {
	t.Helper()
	var names []string
	err := b.List(t.Context(), prefix, after, func(o lake.Object) error {
		names = append(names, o.Name)
		return nil
	})
	if err != nil {
		t.Errorf("List(%s): %v", prefix, err)
	}
	return names
}
