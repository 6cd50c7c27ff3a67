package s3

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/titrate/titrate/cleanse/lake"
)

// Open implements lake.Bucket.
func (b *Bucket) Open(ctx context.Context, name string) (lake.File, error) {
	head, err := b.client.HeadObject(ctx, &s3.HeadObjectInput{Bucket: &b.at.Bucket, Key: aws.String(b.key(name))})
	if err != nil {
		return nil, b.wrap("open", name, err)
	}
	return &file{ctx: ctx, bucket: b, name: name, size: aws.ToInt64(head.ContentLength)}, nil
}

// file reads ranges of an object. Objects never change, so ranges that were read
// at different times fit together. ReaderAt takes no context: the file keeps the
// one it was opened with.
type file struct {
	ctx    context.Context
	bucket *Bucket
	name   string
	size   int64
}

func (f *file) Size() int64  { return f.size }
func (f *file) Close() error { return nil }

// ReadAt implements io.ReaderAt with one ranged request.
func (f *file) ReadAt(p []byte, off int64) (int, error) {
	if off < 0 {
		return 0, fmt.Errorf("read %s: negative offset %d", f.name, off)
	}
	if off >= f.size {
		return 0, io.EOF
	}
	want := p[:min(int64(len(p)), f.size-off)]
	if len(want) == 0 {
		return 0, nil
	}
	n, err := f.read(want, off)
	if err == nil && len(want) < len(p) {
		err = io.EOF
	}
	return n, err
}

func (f *file) read(p []byte, off int64) (n int, err error) {
	out, err := f.bucket.client.GetObject(f.ctx, &s3.GetObjectInput{
		Bucket: &f.bucket.at.Bucket,
		Key:    aws.String(f.bucket.key(f.name)),
		Range:  aws.String(fmt.Sprintf("bytes=%d-%d", off, off+int64(len(p))-1)),
	})
	if err != nil {
		return 0, f.bucket.wrap("read", f.name, err)
	}
	defer func() { err = errors.Join(err, out.Body.Close()) }()
	n, err = io.ReadFull(out.Body, p)
	if err != nil {
		return n, f.bucket.wrap("read", f.name, err)
	}
	return n, nil
}
