package main

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/titrate/titrate/predict"
)

// TestMomentsAreReadAgain: a changed file takes effect, a bad one doesn't, and a good
// one after it does.
func TestMomentsAreReadAgain(t *testing.T) {
	file := filepath.Join(t.TempDir(), "moments.yaml")
	write := func(text string) {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(`moments: [{name: a, on: day, when: "true", says: x}]`)
	c := &charge{}
	first, err := readMoments(file)
	if err != nil {
		t.Fatal(err)
	}
	c.standing.Store(&standing{moments: first})
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- c.watchMoments(ctx, file, time.Millisecond) }()
	changed := func(from *predict.Moments, within time.Duration) bool {
		for end := time.Now().Add(within); time.Now().Before(end); time.Sleep(time.Millisecond) {
			if c.standing.Load().moments != from {
				return true
			}
		}
		return false
	}
	time.Sleep(20 * time.Millisecond) // it has seen the first
	write(`moments: [{name: a, on: never, when: "true", says: x}]`)
	if changed(first, 100*time.Millisecond) {
		t.Error("a bad file was put in place")
	}
	write(`moments: [{name: b, on: day, when: "true", says: y}]`)
	if !changed(first, 10*time.Second) {
		t.Error("a good file was not read")
	}
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
}
