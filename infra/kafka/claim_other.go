//go:build !unix

package kafka

import (
	"fmt"
	"os"
	"path/filepath"
)

// claim takes dir for this process until release: two brokers that append to
// the same segments would corrupt both. Here an open file can't be removed by
// another process, which is what the check rests on.
func claim(dir string) (*os.File, error) {
	if dir == "" {
		return nil, nil
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("broker directory: %w", err)
	}
	name := filepath.Join(dir, "lock")
	if err := os.Remove(name); err != nil && !os.IsNotExist(err) {
		return nil, fmt.Errorf("broker directory %s is in use by another process: stop that one, or name another directory: %w", dir, err)
	}
	f, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o644)
	if err != nil {
		return nil, fmt.Errorf("broker directory: %w", err)
	}
	return f, nil
}

func release(lock *os.File) error {
	if lock == nil {
		return nil
	}
	return lock.Close()
}
