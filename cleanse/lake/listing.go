package lake

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// listing walks a directory tree in the order of the full names' bytes, as an
// object store lists: "a-b" comes before "a/b", because '-' sorts before '/'.
type listing struct {
	ctx           context.Context
	root          string
	prefix, after string
	fn            func(Object) error
}

// walk lists what is in folder, which is "" or ends with a slash.
func (l *listing) walk(folder string) error {
	if err := l.ctx.Err(); err != nil {
		return err
	}
	entries, err := os.ReadDir(filepath.Join(l.root, filepath.FromSlash(folder)))
	if errors.Is(err, fs.ErrNotExist) {
		return nil // an empty bucket, or a prefix that nothing has
	}
	if err != nil {
		return err
	}
	names := make(map[string]fs.DirEntry, len(entries))
	order := make([]string, 0, len(entries))
	for _, e := range entries {
		name := folder + e.Name()
		if e.IsDir() {
			name += "/"
		}
		if l.wanted(name) {
			names[name] = e
			order = append(order, name)
		}
	}
	slices.Sort(order)
	for _, name := range order {
		if err := l.visit(name, names[name]); err != nil {
			return err
		}
	}
	return nil
}

// wanted says whether name, or anything in it if it is a folder, may be listed.
func (l *listing) wanted(name string) bool {
	if name == tempDir+"/" {
		return false
	}
	if strings.HasSuffix(name, "/") {
		mayHold := strings.HasPrefix(name, l.prefix) || strings.HasPrefix(l.prefix, name)
		return mayHold && (name > l.after || strings.HasPrefix(l.after, name))
	}
	return strings.HasPrefix(name, l.prefix) && name > l.after
}

func (l *listing) visit(name string, e fs.DirEntry) error {
	if e.IsDir() {
		return l.walk(name)
	}
	info, err := e.Info()
	if errors.Is(err, fs.ErrNotExist) {
		return nil // compaction removed it since the folder was read
	}
	if err != nil {
		return err
	}
	return l.fn(Object{Name: name, Size: info.Size()})
}
