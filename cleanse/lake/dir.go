package lake

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
)

// tempDir holds objects while they are written. Readers' globs skip it, and it
// lies on the same file system, so that a finished object is linked, not copied.
const tempDir = "_tmp"

// Dir is the bucket in a directory, which is made by the first Put. Objects are
// synced to disk, file and directory entry, before Put returns.
func Dir(root string) (Bucket, error) {
	abs, err := filepath.Abs(root)
	if err != nil {
		return nil, fmt.Errorf("open lake %s: %w", root, err)
	}
	info, err := os.Stat(abs)
	if err == nil && !info.IsDir() {
		return nil, fmt.Errorf("%s is a file: name a directory", root)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("open lake: %w", err)
	}
	d := &dir{root: abs, durable: newDurable(abs)}
	d.home.Store(&info)
	return d, nil
}

type dir struct {
	root    string
	durable *durable
	home    atomic.Pointer[fs.FileInfo] // of the root since it was first seen; nil in it before
}

// there makes sure that root is the directory that it was. Where a disk was unmounted,
// what lies under its name is an empty one, to which a writer would go on writing.
func (d *dir) there() error {
	now, err := os.Stat(d.root)
	before := *d.home.Load()
	switch {
	case before == nil && errors.Is(err, fs.ErrNotExist):
		return nil
	case err == nil && before == nil:
		d.home.Store(&now)
		return nil
	case err == nil && os.SameFile(before, now):
		return nil
	case err == nil || errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%s is not the directory any more that it was: put it back (was its disk unmounted?)", d.root)
	}
	return err
}

// Put writes to a temporary name and links it. link(2), unlike rename(2), fails
// if the name is taken, so of two writers of one name exactly one wins.
func (d *dir) Put(ctx context.Context, name string, body *io.SectionReader) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if !fs.ValidPath(name) || name == "." {
		return fmt.Errorf("put %q: not a relative slash-separated name", name)
	}
	if err := d.there(); err != nil {
		return fmt.Errorf("put %s: %w", name, err)
	}
	target := filepath.Join(d.root, filepath.FromSlash(name))
	temp, err := d.writeTemp(body)
	if err != nil {
		return fmt.Errorf("put %s: %w", name, hinted(err))
	}
	defer os.Remove(temp) // a leftover is invisible to readers
	if err := d.link(temp, target); err != nil {
		return fmt.Errorf("put %s: %w", name, hinted(err))
	}
	return nil
}

// hinted says what to do about an error of the disk, where it can be said.
func hinted(err error) error {
	switch {
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return fmt.Errorf("%w: free some space, or give it more", err)
	case errors.Is(err, syscall.EROFS), errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("%w: make it writable for who runs this", err)
	}
	return err
}

func (d *dir) writeTemp(body *io.SectionReader) (name string, err error) {
	folder := filepath.Join(d.root, tempDir)
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return "", err
	}
	f, err := os.CreateTemp(folder, "put-*")
	if err != nil {
		return "", err
	}
	defer func() {
		if e := f.Close(); err == nil {
			err = e
		}
		if err != nil {
			os.Remove(f.Name())
		}
	}()
	if _, err := io.Copy(f, io.NewSectionReader(body, 0, body.Size())); err != nil {
		return "", err
	}
	if err := f.Chmod(0o644); err != nil {
		return "", err
	}
	return f.Name(), d.durable.file(f)
}

func (d *dir) link(temp, target string) error {
	folder := filepath.Dir(target)
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	err := os.Link(temp, target)
	if errors.Is(err, fs.ErrExist) {
		// The other writer may not have synced the entry yet. Whoever relies
		// on the object from here on must find it after a power cut too.
		if err := d.durable.entry(folder); err != nil {
			return err
		}
		return ErrExists
	}
	if err != nil {
		return err
	}
	return d.durable.entry(folder)
}

func (d *dir) Open(ctx context.Context, name string) (File, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := d.there(); err != nil {
		return nil, fmt.Errorf("open %s: %w", name, err)
	}
	f, err := os.Open(filepath.Join(d.root, filepath.FromSlash(name)))
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", name, err)
	}
	info, err := f.Stat()
	if err == nil && info.IsDir() {
		err = fmt.Errorf("open %s: %w", name, fs.ErrNotExist)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return &dirFile{File: f, size: info.Size()}, nil
}

type dirFile struct {
	*os.File
	size int64
}

func (f *dirFile) Size() int64 { return f.size }

func (d *dir) List(ctx context.Context, prefix, after string, fn func(Object) error) error {
	l := listing{ctx: ctx, root: d.root, prefix: prefix, after: after, fn: fn}
	start := ""
	if i := strings.LastIndexByte(prefix, '/'); i >= 0 {
		start = path.Clean(prefix[:i+1]) + "/"
	}
	err := d.there()
	if err == nil {
		err = l.walk(start)
	}
	if errors.Is(err, fs.SkipAll) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("list %s: %w", prefix, err)
	}
	return nil
}
