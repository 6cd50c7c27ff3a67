package lake_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/titrate/titrate/cleanse/lake"
	"github.com/titrate/titrate/cleanse/lake/bucketest"
)

func openDir(t *testing.T) lake.Bucket {
	t.Helper()
	b, err := lake.Dir(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestDirConforms(t *testing.T) { bucketest.Run(t, openDir) }

func TestDirIsNotMadeByReading(t *testing.T) {
	root := filepath.Join(t.TempDir(), "lake")
	b, err := lake.Dir(root)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.Open(t.Context(), "x"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Open in a lake that isn't there = %v", err)
	}
	if err := b.List(t.Context(), "", "", func(lake.Object) error { return nil }); err != nil {
		t.Errorf("List of a lake that isn't there = %v", err)
	}
	if _, err := os.Stat(root); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("reading made the directory: %v", err)
	}
}

func TestDirRefusesAFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "f")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := lake.Dir(file); err == nil || !strings.Contains(err.Error(), "is a file") {
		t.Errorf("Dir(file) = %v", err)
	}
}

func TestDirRefusesNamesOutsideIt(t *testing.T) {
	b := openDir(t)
	for _, name := range []string{"", ".", "/x", "../x", "a/../../x", "a//b"} {
		if err := b.Put(t.Context(), name, lake.Bytes(nil)); err == nil {
			t.Errorf("Put(%q) was let through", name)
		}
	}
}

// A directory below a file can't be made even by root, unlike one in a
// read-only directory.
func TestDirThatCantBeWritten(t *testing.T) {
	file := filepath.Join(t.TempDir(), "f")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	b, err := lake.Dir(filepath.Join(file, "lake"))
	if err == nil {
		err = lake.Probe(t.Context(), b)
	}
	if err == nil || !strings.Contains(err.Error(), file) {
		t.Errorf("a lake that can't be written = %v", err)
	}
}
