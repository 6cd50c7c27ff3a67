package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// kept is the state that an interrupted training left; nil if there is none.
func (j *trainJob) kept() ([]byte, error) {
	if j.checkpoint == "" {
		return nil, nil
	}
	state, err := os.ReadFile(j.checkpoint)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("--checkpoint: %w", err)
	}
	return state, nil
}

// keep replaces the state after each pass; nil if none is wanted.
func (j *trainJob) keep() func([]byte) error {
	if j.checkpoint == "" {
		return nil
	}
	return func(state []byte) error { return replaceFile(j.checkpoint, state) }
}

// forget removes the state of a training that is published.
func (j *trainJob) forget() error {
	if j.checkpoint == "" {
		return nil
	}
	if err := os.Remove(j.checkpoint); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("--checkpoint: %w", err)
	}
	return nil
}
