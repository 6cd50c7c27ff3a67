package lake_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/titrate/titrate/cleanse/lake"
	"github.com/titrate/titrate/cleanse/lake/bucketest"
)

// memory is a bucket for tests that make thousands of lakes.
type memory struct {
	mu      sync.Mutex
	objects map[string][]byte
}

func newMemory() *memory { return &memory{objects: map[string][]byte{}} }

func TestMemoryConforms(t *testing.T) {
	bucketest.Run(t, func(*testing.T) lake.Bucket { return newMemory() })
}

func (m *memory) Put(ctx context.Context, name string, body *io.SectionReader) error {
	content, err := io.ReadAll(io.NewSectionReader(body, 0, body.Size()))
	if err := errors.Join(ctx.Err(), err); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, taken := m.objects[name]; taken {
		return fmt.Errorf("put %s: %w", name, lake.ErrExists)
	}
	m.objects[name] = content
	return nil
}

type memoryFile struct{ *bytes.Reader }

func (memoryFile) Close() error { return nil }

func (m *memory) Open(_ context.Context, name string) (lake.File, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	content, ok := m.objects[name]
	if !ok {
		return nil, fmt.Errorf("open %s: %w", name, fs.ErrNotExist)
	}
	return memoryFile{bytes.NewReader(content)}, nil
}

func (m *memory) List(_ context.Context, prefix, after string, fn func(lake.Object) error) error {
	m.mu.Lock()
	objects := maps.Clone(m.objects)
	m.mu.Unlock()
	for _, name := range slices.Sorted(maps.Keys(objects)) {
		if !strings.HasPrefix(name, prefix) || name <= after {
			continue
		}
		if err := fn(lake.Object{Name: name, Size: int64(len(objects[name]))}); err != nil {
			if errors.Is(err, fs.SkipAll) {
				return nil
			}
			return err
		}
	}
	return nil
}
