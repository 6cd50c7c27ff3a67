package s3

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/s3/transfermanager"
	tmtypes "github.com/aws/aws-sdk-go-v2/feature/s3/transfermanager/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"
)

// tokenKey names the metadata that tells one put from another.
const tokenKey = "titrate-put"

// A put that collides with another writer's unfinished one is answered 409 and
// may be tried again from the start.
const (
	conflictTries = 5
	conflictPause = 200 * time.Millisecond
)

// Put implements lake.Bucket; a large body goes up in parts, which the store drops
// if they never come together.
//
// The SDK repeats a request whose answer was lost. If the first one had arrived,
// the repetition is refused with 412 because of our own object; and if no answer
// arrives at all, the object may be there or not. So each put carries a token, and
// whatever went wrong, the store is asked whether the object has it. Nothing is
// ever deleted: what lies under the name may be another's.
func (b *Bucket) Put(ctx context.Context, name string, body *io.SectionReader) error {
	token := rand.Text()
	for try := 1; ; try++ {
		_, err := b.transfer.UploadObject(ctx, b.upload(name, token, body))
		if err == nil {
			return nil
		}
		if conflict(err) && try < conflictTries {
			if err := pause(ctx, conflictPause); err != nil {
				return b.wrap("put", name, err)
			}
			continue
		}
		if ctx.Err() == nil && b.isOurs(ctx, name, token) {
			return nil
		}
		return b.wrap("put", name, err)
	}
}

func (b *Bucket) upload(name, token string, body *io.SectionReader) *transfermanager.UploadObjectInput {
	in := &transfermanager.UploadObjectInput{
		Bucket:      &b.at.Bucket,
		Key:         aws.String(b.key(name)),
		Body:        io.NewSectionReader(body, 0, body.Size()),
		IfNoneMatch: aws.String("*"),
		Metadata:    map[string]string{tokenKey: token},
	}
	if b.at.SSE != "" {
		in.ServerSideEncryption = tmtypes.ServerSideEncryption(b.at.SSE)
	}
	if b.at.KMSKey != "" {
		in.SSEKMSKeyID = aws.String(b.at.KMSKey)
	}
	return in
}

func (b *Bucket) isOurs(ctx context.Context, name, token string) bool {
	head, err := b.client.HeadObject(ctx, &s3.HeadObjectInput{Bucket: &b.at.Bucket, Key: aws.String(b.key(name))})
	return err == nil && head.Metadata[tokenKey] == token
}

func conflict(err error) bool {
	var api smithy.APIError
	return errors.As(err, &api) && api.ErrorCode() == "ConditionalRequestConflict"
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}
