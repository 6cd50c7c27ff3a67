package lake

import (
	"context"
	"errors"
	"io"
	"io/fs"

	"github.com/titrate/titrate/ingest"
)

// outages is a bucket that tells what may be tried again. Every request to a bucket
// may be: a put that has failed may have landed, and then its repetition finds the
// name taken by the same bytes (files), or by what is then read and counts (claims).
// What isn't an outage is what the bucket has answered: the name is taken, or free.
type outages struct{ Bucket }

func (b outages) Put(ctx context.Context, name string, body *io.SectionReader) error {
	return outage(b.Bucket.Put(ctx, name, body), ErrExists)
}

func (b outages) Open(ctx context.Context, name string) (File, error) {
	f, err := b.Bucket.Open(ctx, name)
	if err != nil {
		return nil, outage(err, fs.ErrNotExist)
	}
	return fileWithOutages{f}, nil
}

func (b outages) List(ctx context.Context, prefix, after string, fn func(Object) error) error {
	var refused error // by fn, which is the caller's own
	err := b.Bucket.List(ctx, prefix, after, func(o Object) error {
		refused = fn(o)
		return refused
	})
	if refused != nil {
		return err
	}
	return outage(err, nil)
}

type fileWithOutages struct{ File }

func (f fileWithOutages) ReadAt(p []byte, off int64) (int, error) {
	n, err := f.File.ReadAt(p, off)
	if err != nil && err != io.EOF {
		err = outage(err, nil)
	}
	return n, err
}

// outage is err as one, unless it is the answer that the request may have.
func outage(err, answer error) error {
	if err == nil || answer != nil && errors.Is(err, answer) {
		return err
	}
	return &ingest.Outage{Err: err}
}
