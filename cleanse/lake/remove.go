package lake

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Remover is a bucket whose objects can be removed. Only compaction removes any,
// and only those whose rows it has put elsewhere.
type Remover interface {
	Bucket
	// Remove removes an object; that there is none is no error.
	Remove(ctx context.Context, name string) error
}

// Exchanger is a bucket that can replace several objects of a folder in one step,
// so that a listing of the folder shows all of them replaced or none.
type Exchanger interface {
	// Exchange takes the objects drop out of a folder and puts those of add in,
	// which is a name in the folder for each object that lies elsewhere. It
	// reports false, and has changed nothing, where that can't be done in one
	// step. Doing it again, after a crash at any point, completes it.
	Exchange(ctx context.Context, folder string, add map[string]string, drop []string) (bool, error)
}

// Remove implements Remover.
func (d *dir) Remove(ctx context.Context, name string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	target := filepath.Join(d.root, filepath.FromSlash(name))
	if err := os.Remove(target); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove %s: %w", name, err)
	}
	return nil
}
