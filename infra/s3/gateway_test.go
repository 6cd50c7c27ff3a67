package s3

import (
	"fmt"
	"testing"

	"github.com/titrate/titrate/infra/s3/s3test"
)

func startS3(t *testing.T) (endpoint string) { return s3test.Start(t) }

func open(t *testing.T, endpoint, prefix string) *Bucket {
	t.Helper()
	b, err := Open(t.Context(), fmt.Sprintf("s3://lake/%s?endpoint=%s", prefix, endpoint))
	if err != nil {
		t.Fatal(err)
	}
	return b
}
