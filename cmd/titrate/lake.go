package main

import (
	"context"
	"errors"
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

// readLake opens a lake that ingest has written to, for a job that reads it: of any other
// directory it would say that there is nothing, as if that were an answer.
func readLake(ctx context.Context, where string) (lake.Bucket, error) {
	bucket, err := openBucket(ctx, where)
	if err != nil {
		return nil, err
	}
	found := errors.New("found")
	err = bucket.List(ctx, "_ledger/", "", func(lake.Object) error { return found })
	switch {
	case err == nil:
		return nil, fmt.Errorf("--lake %s: %w", where, errNoLedger)
	case !errors.Is(err, found):
		return nil, fmt.Errorf("--lake %s: %w", where, err)
	}
	return bucket, nil
}

var errNoLedger = errors.New("no ledger is there: give the --lake that titrate ingest writes")

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
