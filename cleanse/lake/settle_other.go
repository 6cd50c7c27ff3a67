//go:build !linux

package lake

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
)

// durable syncs files and the directory entries that lead to them, one by one.
type durable struct{ root string }

// newDurable is for what lies below root, which need not be there yet.
func newDurable(root string) *durable { return &durable{root} }

// file makes f's content durable.
func (d *durable) file(f *os.File) error { return f.Sync() }

// entry makes the names in folder, and folder's own, durable.
func (d *durable) entry(folder string) error {
	if err := syncDir(folder); err != nil {
		return err
	}
	if folder == d.root || !strings.HasPrefix(folder, d.root) {
		return nil
	}
	return d.entry(filepath.Dir(folder))
}

func syncDir(folder string) error {
	f, err := os.Open(folder)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
