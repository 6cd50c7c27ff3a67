package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/titrate/titrate/cleanse/lake"
)

// mirror copies what a bucket holds below prefixes to a directory of its own, until drop
// is called: SQL reads directories only.
func mirror(ctx context.Context, bucket lake.Bucket, prefixes ...string) (dir string, drop func() error, err error) {
	if dir, err = os.MkdirTemp("", "titrate-mirror-"); err != nil {
		return "", nil, err
	}
	drop = func() error { return os.RemoveAll(dir) }
	for _, prefix := range prefixes {
		err := bucket.List(ctx, prefix, "", func(o lake.Object) error { return fetch(ctx, bucket, o.Name, dir) })
		if err != nil {
			return "", nil, errors.Join(fmt.Errorf("copy %s: %w", prefix, err), drop())
		}
	}
	return dir, drop, nil
}

func fetch(ctx context.Context, bucket lake.Bucket, name, dir string) (err error) {
	from, err := bucket.Open(ctx, name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, from.Close()) }()
	target := filepath.Join(dir, filepath.FromSlash(name))
	if !strings.HasPrefix(target, dir+string(filepath.Separator)) {
		return fmt.Errorf("%s: not a name of a lake", name)
	}
	if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
		return err
	}
	to, err := os.Create(target)
	if err != nil {
		return err
	}
	_, err = io.Copy(to, io.NewSectionReader(from, 0, from.Size()))
	return errors.Join(err, to.Close())
}
