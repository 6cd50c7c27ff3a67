package lake

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// durable syncs files and the directory entries that lead to them.
type durable struct {
	settler
	root *os.File // only the goroutine that leads a round touches it
}

// newDurable is for what lies below root, which need not be there yet.
func newDurable(root string) *durable {
	d := &durable{}
	d.sync = func() error { return d.syncAll(root) }
	return d
}

// syncAll syncs the file system that root lies on. The descriptor stays open: a
// write that failed in the background is told to those that were open then.
func (d *durable) syncAll(root string) error {
	if d.root == nil {
		f, err := os.Open(root)
		if err != nil {
			return err
		}
		d.root = f
	}
	if err := unix.Syncfs(int(d.root.Fd())); err != nil {
		return fmt.Errorf("sync %s: %w", root, err)
	}
	return nil
}

// file makes f's content durable.
func (d *durable) file(*os.File) error { return d.settle() }

// entry makes the names in folder, and folder's own, durable.
func (d *durable) entry(string) error { return d.settle() }
