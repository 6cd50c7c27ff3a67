package lake

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

// Exchange implements Exchanger: a folder is built beside the old one, with links
// to what stays and to what is new, and the two change places in one system call.
func (d *dir) Exchange(ctx context.Context, folder string, add map[string]string, drop []string) (bool, error) {
	if err := ctx.Err(); err != nil {
		return false, err
	}
	live := filepath.Join(d.root, filepath.FromSlash(folder))
	beside := filepath.Join(d.root, compactRoot, filepath.FromSlash(folder))
	left, err := filepath.Glob(filepath.Join(beside, swapPrefix+"*"))
	if err != nil {
		return false, err
	}
	known := append(slices.Collect(maps.Keys(add)), drop...)
	for _, old := range left { // of a compaction that was killed
		if err := d.putBack(old, live, known); err != nil {
			return false, fmt.Errorf("exchange %s: %w", folder, err)
		}
	}
	swap, err := d.buildSwap(live, beside, add, drop)
	if err != nil {
		return false, fmt.Errorf("exchange %s: %w", folder, err)
	}
	if err := unix.Renameat2(unix.AT_FDCWD, swap, unix.AT_FDCWD, live, unix.RENAME_EXCHANGE); err != nil {
		if errors.Is(err, unix.EINVAL) || errors.Is(err, unix.ENOSYS) || errors.Is(err, unix.EXDEV) || errors.Is(err, unix.ENOTSUP) {
			return false, os.RemoveAll(swap) // the file system can't; only links are removed
		}
		return false, fmt.Errorf("exchange %s: %w", folder, err)
	}
	if err := d.durable.entry(filepath.Dir(live)); err != nil {
		return false, fmt.Errorf("exchange %s: %w", folder, err)
	}
	// From here on swap is the old folder.
	if err := d.putBack(swap, live, known); err != nil {
		return false, fmt.Errorf("exchange %s: %w", folder, err)
	}
	return true, nil
}

// buildSwap makes the folder that is to be live.
func (d *dir) buildSwap(live, beside string, add map[string]string, drop []string) (string, error) {
	swap, err := os.MkdirTemp(beside, swapPrefix)
	if err != nil {
		return "", err
	}
	if err := os.Chmod(swap, 0o755); err != nil {
		return "", err
	}
	for base, from := range add {
		err := linkIfFree(filepath.Join(d.root, filepath.FromSlash(from)), filepath.Join(swap, base))
		if errors.Is(err, fs.ErrNotExist) { // swapped in already: it is there under its name
			err = linkIfFree(filepath.Join(live, base), filepath.Join(swap, base))
		}
		if err != nil {
			return "", err
		}
	}
	if err := linkAll(live, swap, drop); err != nil {
		return "", err
	}
	return swap, d.durable.entry(swap)
}

// putBack links what a folder that isn't live holds beyond known into the live one,
// and removes it. A writer that stored a late file while the two changed places
// may have put it into the old one.
func (d *dir) putBack(old, live string, known []string) error {
	if err := linkAll(old, live, known); err != nil {
		return err
	}
	if err := d.durable.entry(live); err != nil {
		return err
	}
	return os.RemoveAll(old)
}

// linkAll links the files of a folder, but for those of drop, into another.
func linkAll(from, to string, drop []string) error {
	entries, err := os.ReadDir(from)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if e.IsDir() || slices.Contains(drop, e.Name()) || strings.HasPrefix(e.Name(), ".") {
			continue
		}
		if err := linkIfFree(filepath.Join(from, e.Name()), filepath.Join(to, e.Name())); err != nil {
			return err
		}
	}
	return nil
}

func linkIfFree(from, to string) error {
	if err := os.Link(from, to); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return nil
}

var _ Exchanger = (*dir)(nil)
