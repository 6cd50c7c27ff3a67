package s3

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/titrate/titrate/cleanse/lake"
)

// Remove implements lake.Remover.
func (b *Bucket) Remove(ctx context.Context, name string) error {
	_, err := b.client.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: &b.at.Bucket, Key: aws.String(b.key(name))})
	if err != nil {
		return b.wrap("remove", name, err)
	}
	return nil
}

var _ lake.Remover = (*Bucket)(nil)
