package s3

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
)

// ErrNoCredentials says that the SDK's chain has none to offer.
var ErrNoCredentials = errors.New("no credentials were found")

// chain goes through the SDK's usual chain each time it is asked. The SDK reads files
// once, when it is configured: a job whose credentials in a file have expired would
// have to be started again when somebody has renewed them.
type chain struct{}

// Retrieve implements aws.CredentialsProvider.
func (chain) Retrieve(ctx context.Context) (aws.Credentials, error) {
	cfg, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return aws.Credentials{}, err
	}
	credentials, err := cfg.Credentials.Retrieve(ctx)
	if err != nil {
		return credentials, fmt.Errorf("%w: %w", ErrNoCredentials, err)
	}
	return credentials, nil
}

// refused forgets credentials that the store didn't take: the next request asks the
// chain again.
func (b *Bucket) refused() { b.credentials.Invalidate() }
