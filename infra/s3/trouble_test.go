package s3

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/titrate/titrate/cleanse/lake"
	"github.com/titrate/titrate/infra/s3/s3test"
)

// large goes up in parts.
func large() []byte { return bytes.Repeat([]byte("0123456789abcdef"), 2<<20) } // 32 MiB

// pending counts uploads whose parts the store still keeps.
func pending(t *testing.T, b *Bucket) int {
	t.Helper()
	out, err := b.client.ListMultipartUploads(t.Context(), &s3.ListMultipartUploadsInput{Bucket: &b.at.Bucket})
	if err != nil {
		t.Fatal(err)
	}
	return len(out.Uploads)
}

func mustHold(t *testing.T, b *Bucket, name string, body []byte) {
	t.Helper()
	f, err := b.Open(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	got := make([]byte, f.Size())
	if _, err := f.ReadAt(got, 0); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, body) {
		t.Errorf("%s holds %d bytes, want the %d that were put", name, len(got), len(body))
	}
}

// A part that can't be written ends the upload: the store keeps neither an object
// nor parts, and putting it again succeeds.
func TestInterruptedUploadLeavesNothing(t *testing.T) {
	store := startS3(t)
	var broken atomic.Bool
	b := open(t, s3test.Between(t, store, func(w http.ResponseWriter, r *http.Request) bool {
		return broken.Load() && r.URL.Query().Get("partNumber") == "3" && s3test.Answer(w, http.StatusBadRequest, "InvalidPart")
	}), "interrupted")
	broken.Store(true)
	if err := b.Put(t.Context(), "big.bin", lake.Bytes(large())); err == nil || errors.Is(err, lake.ErrExists) {
		t.Fatalf("put with a part that can't be written: %v", err)
	}
	if _, err := b.Open(t.Context(), "big.bin"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the object is there: %v", err)
	}
	if n := pending(t, b); n != 0 {
		t.Errorf("parts of %d uploads are left behind", n)
	}
	broken.Store(false)
	if err := b.Put(t.Context(), "big.bin", lake.Bytes(large())); err != nil {
		t.Fatal(err)
	}
	mustHold(t, b, "big.bin", large())
}

// A job that is told to stop in the middle of an upload tidies up all the same.
func TestCancelledUploadLeavesNothing(t *testing.T) {
	store := startS3(t)
	ctx, cancel := context.WithCancel(t.Context())
	b := open(t, s3test.Between(t, store, func(_ http.ResponseWriter, r *http.Request) bool {
		if r.URL.Query().Get("partNumber") == "2" {
			cancel()
		}
		return false
	}), "cancelled")
	if err := b.Put(ctx, "big.bin", lake.Bytes(large())); !errors.Is(err, context.Canceled) {
		t.Fatalf("put that was cancelled: %v", err)
	}
	if _, err := b.Open(t.Context(), "big.bin"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the object is there: %v", err)
	}
	if n := pending(t, b); n != 0 {
		t.Errorf("parts of %d uploads are left behind", n)
	}
}

// A killed job leaves parts, which a lifecycle rule removes; they don't keep the
// next one from writing the object.
func TestPartsOfADeadJobDontStandInTheWay(t *testing.T) {
	b := open(t, startS3(t), "dead")
	name := b.key("big.bin")
	if _, err := b.client.CreateMultipartUpload(t.Context(), &s3.CreateMultipartUploadInput{Bucket: &b.at.Bucket, Key: &name}); err != nil {
		t.Fatal(err)
	}
	if err := b.Put(t.Context(), "big.bin", lake.Bytes(large())); err != nil {
		t.Fatal(err)
	}
	mustHold(t, b, "big.bin", large())
}

// A store that is busy for a while is asked again; one that is asked to complete
// while another writer completes answers 409, and the upload starts over.
func TestBusyStoreIsAskedAgain(t *testing.T) {
	store := startS3(t)
	for name, c := range map[string]struct {
		method, code string
		status       int
	}{
		"500 to an object":     {http.MethodPut, "InternalError", 500},
		"503 to an object":     {http.MethodPut, "SlowDown", 503},
		"409 to an object":     {http.MethodPut, "ConditionalRequestConflict", 409},
		"500 to a completion":  {http.MethodPost, "InternalError", 500},
		"409 to a completion":  {http.MethodPost, "ConditionalRequestConflict", 409},
		"500 to a read":        {http.MethodGet, "InternalError", 500},
		"503 to a look at one": {http.MethodHead, "SlowDown", 503},
	} {
		t.Run(name, func(t *testing.T) {
			var left atomic.Int32
			left.Store(2)
			b := open(t, s3test.Between(t, store, func(w http.ResponseWriter, r *http.Request) bool {
				conditional := r.Header.Get("If-None-Match") != "" || r.Method == http.MethodGet || r.Method == http.MethodHead
				return r.Method == c.method && conditional && left.Add(-1) >= 0 && s3test.Answer(w, c.status, c.code)
			}), url.PathEscape(name))
			body := []byte("small")
			if c.method == http.MethodPost {
				body = large()
			}
			if err := b.Put(t.Context(), "x", lake.Bytes(body)); err != nil {
				t.Fatal(err)
			}
			mustHold(t, b, "x", body)
			if left.Load() >= 0 {
				t.Error("the store was never busy: the test proved nothing")
			}
		})
	}
}

// Every answer to a put is lost, so the SDK gives up; the object is read back and
// is ours. If it is another's, the put has failed, and it is left alone.
func TestAllAnswersLostIsDecidedByWhatIsThere(t *testing.T) {
	store := startS3(t)
	t.Setenv("AWS_MAX_ATTEMPTS", "2")
	lossy := s3test.Between(t, store, func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method != http.MethodPut {
			return false
		}
		target, _ := url.Parse(store)
		forward := &httputil.ReverseProxy{Rewrite: func(p *httputil.ProxyRequest) { p.SetURL(target); p.Out.Host = p.In.Host }}
		forward.ServeHTTP(httptest.NewRecorder(), r)
		return s3test.Answer(w, http.StatusInternalServerError, "InternalError")
	})
	b := open(t, lossy, "lossy")
	if err := b.Put(t.Context(), "claim.json", lake.Bytes([]byte("mine"))); err != nil {
		t.Fatalf("put that arrived, but whose answers were lost: %v", err)
	}
	if err := b.Put(t.Context(), "claim.json", lake.Bytes([]byte("other"))); err == nil {
		t.Fatal("a second put of the name succeeded")
	}
	mustHold(t, b, "claim.json", []byte("mine"))
}

// Credentials come from a profile of the shared file, the endpoint from the
// environment: as for every other program that uses the SDK.
func TestUsualChain(t *testing.T) {
	endpoint := startS3(t)
	file := filepath.Join(t.TempDir(), "credentials")
	text := "[lake]\naws_access_key_id = " + s3test.AccessKey + "\naws_secret_access_key = " + s3test.SecretKey + "\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"} {
		t.Setenv(name, "")
	}
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", file)
	t.Setenv("AWS_PROFILE", "lake")
	t.Setenv("AWS_ENDPOINT_URL_S3", endpoint)
	b, err := Open(t.Context(), "s3://lake/chain")
	if err != nil {
		t.Fatal(err)
	}
	if err := lake.Probe(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	if err := b.Put(t.Context(), "big.bin", lake.Bytes(large())); err != nil {
		t.Fatal(err)
	}
}

func TestRefusedCredentialsSaySo(t *testing.T) {
	endpoint := startS3(t)
	t.Setenv("AWS_SECRET_ACCESS_KEY", "wrong")
	b := open(t, endpoint, "x")
	err := lake.Probe(t.Context(), b)
	if err == nil || !strings.Contains(err.Error(), "AWS_PROFILE") || !strings.Contains(err.Error(), "s3://lake/x/") {
		t.Errorf("says %v", err)
	}
}

// An unreachable store is an error before the test's patience ends, not a job
// that hangs.
func TestUnreachableStoreIsAnError(t *testing.T) {
	t.Setenv("AWS_ACCESS_KEY_ID", s3test.AccessKey)
	t.Setenv("AWS_SECRET_ACCESS_KEY", s3test.SecretKey)
	t.Setenv("AWS_MAX_ATTEMPTS", "2")
	b := open(t, "http://"+s3test.FreeAddress(t), "x")
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if err := b.Put(ctx, "a", lake.Bytes([]byte("x"))); err == nil || ctx.Err() != nil {
		t.Errorf("put to a store that isn't there: %v", err)
	}
}

// Encryption is asked for when an upload in parts begins, which is where S3 wants it.
func TestEncryptionIsAskedForInParts(t *testing.T) {
	var began atomic.Pointer[http.Header]
	endpoint := s3test.Between(t, startS3(t), func(_ http.ResponseWriter, r *http.Request) bool {
		if r.Method == http.MethodPost && r.URL.Query().Has("uploads") {
			h := r.Header.Clone()
			began.Store(&h)
		}
		return false
	})
	b, err := Open(t.Context(), "s3://lake/x?sse=AES256&endpoint="+endpoint)
	if err != nil {
		t.Fatal(err)
	}
	// The test's store may not encrypt; what is asked of it is what counts.
	_ = b.Put(t.Context(), "big.bin", lake.Bytes(large()))
	if h := began.Load(); h == nil || h.Get("X-Amz-Server-Side-Encryption") != "AES256" {
		t.Errorf("an upload in parts began with %v", h)
	}
}

// Credentials in a file are no good any more, and somebody renews them there: the
// same bucket goes on.
func TestCredentialsThatWereRenewedAreTaken(t *testing.T) {
	endpoint := startS3(t)
	for _, name := range []string{"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"} {
		t.Setenv(name, "")
	}
	file := filepath.Join(t.TempDir(), "credentials")
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", file)
	write := func(key string) {
		text := fmt.Sprintf("[default]\naws_access_key_id = %s\naws_secret_access_key = %s\n", key, s3test.SecretKey)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("of-yesterday")
	b := open(t, endpoint, "renewed")
	if err := b.Put(t.Context(), "a", lake.Bytes([]byte("x"))); err == nil || !strings.Contains(err.Error(), "renew them") {
		t.Errorf("put with old credentials: %v", err)
	}
	write(s3test.AccessKey)
	if err := b.Put(t.Context(), "a", lake.Bytes([]byte("x"))); err != nil {
		t.Errorf("put with renewed credentials: %v", err)
	}
}
