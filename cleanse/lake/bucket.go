package lake

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
)

// ErrExists says that a name is taken. What it holds is left as it was.
var ErrExists = errors.New("name is taken")

// Bucket is a flat set of immutable objects. Names are slash-separated and
// relative; names below "_tmp/" are the implementation's own and never listed.
type Bucket interface {
	// Put stores body under name, all or nothing, and only if the name is free:
	// otherwise it returns ErrExists and changes nothing. Once Put has returned
	// nil the object outlives a crash. After any other error the object may or
	// may not be there; putting it again is safe.
	Put(ctx context.Context, name string, body *io.SectionReader) error
	// Open opens an object for reading at any place. An error wraps
	// fs.ErrNotExist if there is none of that name.
	Open(ctx context.Context, name string) (File, error)
	// List calls fn for each object whose name begins with prefix and sorts
	// after the name after ("" for all), in the order of the names' bytes. If fn
	// returns fs.SkipAll, List stops and returns nil.
	List(ctx context.Context, prefix, after string, fn func(Object) error) error
}

// File is an object opened for reading. ReadAt may be called concurrently.
type File interface {
	io.ReaderAt
	io.Closer
	Size() int64 // in bytes
}

// Object is an entry of a listing.
type Object struct {
	Name string
	Size int64 // in bytes
}

// Bytes is b as the body of a Put.
func Bytes(b []byte) *io.SectionReader {
	return io.NewSectionReader(bytes.NewReader(b), 0, int64(len(b)))
}

// Probe makes sure that b can be written and keeps its promise about names that
// are taken. Object stores exist that ignore the condition and overwrite; on
// those two writers of one partition would lose rows. It leaves one small object.
func Probe(ctx context.Context, b Bucket) error {
	name := "_probe/" + rand.Text() + ".txt"
	if err := b.Put(ctx, name, Bytes([]byte("titrate was here\n"))); err != nil {
		return fmt.Errorf("probe lake: %w", err)
	}
	err := b.Put(ctx, name, Bytes([]byte("titrate overwrote this\n")))
	if errors.Is(err, ErrExists) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("probe lake: %w", err)
	}
	return errors.New("probe lake: the store overwrites objects although asked not to (If-None-Match): " +
		"use one that supports conditional writes")
}
