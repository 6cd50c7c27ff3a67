// Package s3 keeps a lake in an object store that speaks S3: it implements
// lake.Bucket with conditional writes (If-None-Match: *), so a name is given once.
package s3

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/feature/s3/transfermanager"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"
	"github.com/titrate/titrate/cleanse/lake"
)

// Bucket is a prefix of an S3 bucket. It is safe for concurrent use.
type Bucket struct {
	client      *s3.Client
	transfer    *transfermanager.Client
	credentials *aws.CredentialsCache
	at          Location
}

// attempts is how often the SDK tries a request that may be repeated, if the
// environment doesn't say: with its pauses, what a store may be busy for.
const attempts = 6

// abortGrace is how long the parts of an upload that failed may take to be dropped.
const abortGrace = 10 * time.Second

// Open connects to where the URL points (see ParseURL). Credentials, region,
// endpoint, retries and checksums come by the SDK's usual chain: environment,
// shared files, web identity, role.
func Open(ctx context.Context, url string) (*Bucket, error) {
	at, err := ParseURL(url)
	if err != nil {
		return nil, err
	}
	cfg, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", at, err)
	}
	if cfg.Region == "" {
		cfg.Region = "us-east-1" // what stores without regions expect in a signature
	}
	if cfg.RetryMaxAttempts == 0 {
		cfg.RetryMaxAttempts = attempts
	}
	credentials := aws.NewCredentialsCache(chain{})
	cfg.Credentials = credentials
	chosen := cfg.RequestChecksumCalculation != 0
	b := &Bucket{client: s3.NewFromConfig(cfg, func(o *s3.Options) { at.client(o, chosen) }), credentials: credentials, at: at}
	b.transfer = transfermanager.New(b.client, func(o *transfermanager.Options) {
		o.RequestChecksumCalculation = b.client.Options().RequestChecksumCalculation
		o.FailTimeout = abortGrace
	})
	return b, nil
}

// client sets what an endpoint that isn't Amazon's needs, wherever it was named.
// Default checksum trailers break many such stores; the transfer manager has a
// setting of its own, which follows this one. Who chose checksums gets them.
func (l Location) client(o *s3.Options, chosen bool) {
	if l.Endpoint != "" {
		o.BaseEndpoint = aws.String(l.Endpoint)
	}
	o.UsePathStyle = l.PathStyle || o.BaseEndpoint != nil && !l.HostStyle
	if o.BaseEndpoint != nil && !chosen {
		o.RequestChecksumCalculation = aws.RequestChecksumCalculationWhenRequired
		o.ResponseChecksumValidation = aws.ResponseChecksumValidationWhenRequired
	}
}

// List implements lake.Bucket.
func (b *Bucket) List(ctx context.Context, prefix, after string, fn func(lake.Object) error) error {
	in := &s3.ListObjectsV2Input{Bucket: &b.at.Bucket, Prefix: aws.String(b.key(prefix))}
	if after != "" {
		in.StartAfter = aws.String(b.key(after))
	}
	pages := s3.NewListObjectsV2Paginator(b.client, in)
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return b.wrap("list", prefix, err)
		}
		if done, err := b.visit(page.Contents, fn); done || err != nil {
			return err
		}
	}
	return nil
}

func (b *Bucket) visit(objects []types.Object, fn func(lake.Object) error) (done bool, err error) {
	for _, o := range objects {
		name := strings.TrimPrefix(aws.ToString(o.Key), b.key(""))
		err := fn(lake.Object{Name: name, Size: aws.ToInt64(o.Size)})
		if errors.Is(err, fs.SkipAll) {
			return true, nil
		}
		if err != nil {
			return true, err
		}
	}
	return false, nil
}

func (b *Bucket) key(name string) string { return b.at.Prefix + name }

// wrap says what was done to which object, and gives the errors that callers
// branch on their meaning.
func (b *Bucket) wrap(verb, name string, err error) error {
	var api smithy.APIError
	if errors.As(err, &api) {
		switch api.ErrorCode() {
		case "PreconditionFailed":
			err = lake.ErrExists
		case "NotFound", "NoSuchKey":
			err = fs.ErrNotExist
		case "NoSuchBucket":
			err = fmt.Errorf("there is no bucket %s: make it first", b.at.Bucket)
		case "AccessDenied", "Forbidden":
			b.refused()
			err = fmt.Errorf("these credentials may not do that: allow it in the bucket's policy, or give others (AWS_PROFILE, AWS_ACCESS_KEY_ID, …): %w", err)
		case "ExpiredToken", "InvalidAccessKeyId", "SignatureDoesNotMatch", "InvalidToken",
			"XAdminUserNotFound": // which is what versitygw says of an unknown key
			b.refused()
			err = fmt.Errorf("the store doesn't accept these credentials: renew them, or give others (AWS_PROFILE, AWS_ACCESS_KEY_ID, …): %w", err)
		}
	}
	return fmt.Errorf("%s s3://%s/%s: %w", verb, b.at.Bucket, b.key(name), err)
}
