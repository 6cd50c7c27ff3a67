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
	// s3:/bucket would be a directory called s3:, which nobody looks into.
	if rest, ok := strings.CutPrefix(where, "s3:"); ok {
		return nil, usagef("%s: did you mean s3://%s? Of a directory of that name write ./%s", where, strings.TrimLeft(rest, "/"), where)
	}
	return lake.Dir(where)
}

// readLake opens a lake that ingest has written to, for a job that reads it: of any other
// directory it would say that there is nothing, as if that were an answer.
func readLake(ctx context.Context, where string) (lake.Bucket, error) {
	bucket, err := openBucket(ctx, where)
	if err != nil {
		return nil, fmt.Errorf("--lake: %w", err)
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
		return nil, fmt.Errorf("--lake: %w", err)
	}
	if err := probe(ctx, bucket); err != nil {
		return nil, fmt.Errorf("--lake %s: %w", where, err)
	}
	return bucket, nil
}

// probe makes sure that a store can be written, with an error that says what to do.
func probe(ctx context.Context, bucket lake.Bucket) error {
	err := lake.Probe(ctx, bucket)
	switch {
	case errors.Is(err, s3.ErrNoCredentials):
		return fmt.Errorf("%w: set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (docs/connect.md)", err)
	case err != nil:
		return fmt.Errorf("%w: give a place that can be written", err)
	}
	return nil
}
