package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/titrate/titrate/cleanse/lake"
	"github.com/titrate/titrate/infra/s3"
)

// openBucket opens a lake or a registry: a directory, or s3://bucket/prefix.
func openBucket(ctx context.Context, where string) (lake.Bucket, error) {
	if strings.HasPrefix(where, "s3://") {
		return s3.Open(ctx, where)
	}
	if scheme, _, ok := strings.Cut(where, "://"); ok {
		return nil, usagef("%s: no store for %s:// is known; give a directory or s3://bucket/prefix", where, scheme)
	}
	return lake.Dir(where)
}

// openLake opens a lake for writing: it must keep its promise about taken names.
func openLake(ctx context.Context, where string) (lake.Bucket, error) {
	bucket, err := openBucket(ctx, where)
	if err != nil {
		return nil, err
	}
	if err := lake.Probe(ctx, bucket); err != nil {
		return nil, fmt.Errorf("--lake %s: %w: give a place that can be written", where, err)
	}
	return bucket, nil
}
