package faults

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

	"github.com/titrate/titrate/cleanse/lake"
	"github.com/titrate/titrate/cleanse/lake/audit"
)

// store is an object store in memory.
type store struct {
	mu      sync.Mutex
	objects map[string][]byte
}

func (s *store) put(name string, body []byte, overwrite bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, taken := s.objects[name]; taken && !overwrite {
		return fmt.Errorf("put %s: %w", name, lake.ErrExists)
	}
	s.objects[name] = body
	return nil
}

func (s *store) remove(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.objects, name)
}

func (s *store) names() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Sorted(maps.Keys(s.objects))
}

type object struct{ *bytes.Reader }

func (object) Close() error { return nil }

func (s *store) open(name string) (object, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	body, ok := s.objects[name]
	if !ok {
		return object{}, fmt.Errorf("open %s: %w", name, fs.ErrNotExist)
	}
	return object{bytes.NewReader(body)}, nil
}

// Open and List implement audit.Store, without faults.
func (s *store) Open(_ context.Context, name string) (audit.Object, error) { return s.open(name) }

func (s *store) List(_ context.Context, prefix string, fn func(string, int64) error) error {
	for _, name := range s.names() {
		if strings.HasPrefix(name, prefix) {
			if err := fn(name, int64(len(s.objects[name]))); err != nil {
				return err
			}
		}
	}
	return nil
}

// door is the store as one member sees it: every request waits to be granted.
type door struct{ *member }

var (
	errFault = errors.New("injected fault")
	errCrash = errors.New("the process has ended")
)

func (d door) Put(ctx context.Context, name string, body *io.SectionReader) error {
	content, err := io.ReadAll(io.NewSectionReader(body, 0, body.Size()))
	if err != nil {
		return err
	}
	return d.ask(ctx, "put "+name, func(f fault) error {
		name, goes := d.again(name)
		if !goes {
			return nil
		}
		return d.store(name, content, f)
	})
}

// again is the name under which a put is tried, and whether it is tried at all.
func (m *member) again(name string) (string, bool) {
	tried := m.tried[name]
	m.tried[name] = true
	claim := strings.HasPrefix(name, "_ledger/") && strings.HasSuffix(name, ".json")
	switch off := m.sim.off; {
	case tried && off.claimAgain && claim:
		return name, false
	case tried && off.sameName && !strings.HasPrefix(name, "_"):
		return strings.TrimSuffix(name, ".parquet") + "-again.parquet", true
	case off.record && strings.HasPrefix(name, "_compact/") && strings.HasSuffix(name, ".json"):
		return name, false
	}
	return name, true
}

// store does what f leaves of a put.
func (m *member) store(name string, content []byte, f fault) error {
	s := m.sim
	put := func() error {
		err := s.store.put(name, content, s.off.overwrite)
		if err == nil && s.off.sync {
			m.unsynced = append(m.unsynced, name)
		}
		return err
	}
	switch f {
	case fails:
		if s.off.atomicPut {
			s.store.put(name, content[:len(content)/2], false)
		}
		return fmt.Errorf("put %s: 500: %w", name, errFault)
	case conflicts:
		return fmt.Errorf("put %s: 409: %w", name, errFault)
	case timesOut:
		err := put()
		if err == nil && s.off.keepAmbiguous {
			s.ambiguous = append(s.ambiguous, name)
		}
		return fmt.Errorf("put %s: no answer: %w", name, errFault)
	case crashBefore:
		m.crash()
		return errCrash
	case crashAfter:
		put()
		m.crash()
		return errCrash
	}
	return put()
}

func (d door) Open(ctx context.Context, name string) (f lake.File, err error) {
	err = d.ask(ctx, "open "+name, func(injected fault) error {
		if injected != works {
			return fmt.Errorf("open %s: %w", name, errFault)
		}
		o, err := d.sim.store.open(name)
		if errors.Is(err, fs.ErrNotExist) && d.sim.off.openClaims && strings.HasSuffix(name, ".done") {
			o, err = object{bytes.NewReader([]byte("{}"))}, nil
		}
		f = o
		return err
	})
	if err != nil {
		return nil, err
	}
	return f, nil
}

func (d door) List(ctx context.Context, prefix, after string, fn func(lake.Object) error) error {
	var found []lake.Object
	err := d.ask(ctx, "list "+prefix+" "+after, func(injected fault) error {
		if injected != works {
			return fmt.Errorf("list %s: %w", prefix, errFault)
		}
		return d.sim.store.List(ctx, prefix, func(name string, size int64) error {
			if name > after {
				found = append(found, lake.Object{Name: name, Size: size})
			}
			return nil
		})
	})
	for _, o := range found {
		if err == nil {
			err = fn(o)
		}
	}
	if errors.Is(err, fs.SkipAll) {
		return nil
	}
	return err
}
