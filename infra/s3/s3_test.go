package s3

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/titrate/titrate/cleanse/lake"
	"github.com/titrate/titrate/cleanse/lake/bucketest"
	"github.com/titrate/titrate/infra/s3/s3test"
)

func TestBucketKeepsTheContract(t *testing.T) {
	endpoint := startS3(t)
	var n atomic.Int32
	bucketest.Run(t, func(t *testing.T) lake.Bucket {
		return open(t, endpoint, fmt.Sprintf("suite-%d", n.Add(1)))
	})
}

// A put arrives, its answer is lost, the SDK repeats it and is refused because
// of its own object. Believing the refusal would make a writer give up its claim.
func TestPutWhoseAnswerIsLostSucceeds(t *testing.T) {
	b := open(t, loseFirstAnswer(t, startS3(t), http.MethodPut), "lost")
	if err := b.Put(t.Context(), "claim.json", lake.Bytes([]byte("mine"))); err != nil {
		t.Fatalf("put whose answer was lost: %v", err)
	}
	err := b.Put(t.Context(), "claim.json", lake.Bytes([]byte("another's")))
	if !errors.Is(err, lake.ErrExists) {
		t.Fatalf("put by another = %v, want ErrExists", err)
	}
}

func TestLargePutWhoseCompletionIsLostSucceeds(t *testing.T) {
	b := open(t, loseFirstAnswer(t, startS3(t), http.MethodPost), "lost")
	body := strings.Repeat("0123456789abcdef", 2<<20) // 32 MiB: in parts
	if err := b.Put(t.Context(), "big.bin", lake.Bytes([]byte(body))); err != nil {
		t.Fatalf("multipart put whose answer was lost: %v", err)
	}
	f, err := b.Open(t.Context(), "big.bin")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if f.Size() != int64(len(body)) {
		t.Errorf("holds %d bytes, want %d", f.Size(), len(body))
	}
}

// loseFirstAnswer is a proxy that breaks the connection after the first
// conditional request of the method has done its work.
func loseFirstAnswer(t *testing.T, endpoint, method string) string {
	target, err := url.Parse(endpoint)
	if err != nil {
		t.Fatal(err)
	}
	var lost atomic.Bool
	proxy := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target); r.Out.Host = r.In.Host },
		ModifyResponse: func(resp *http.Response) error {
			conditional := resp.Request.Header.Get("If-None-Match") != ""
			if resp.Request.Method == method && conditional && lost.CompareAndSwap(false, true) {
				resp.Body.Close()
				panic(http.ErrAbortHandler)
			}
			return nil
		},
	}
	server := httptest.NewServer(proxy)
	t.Cleanup(func() {
		server.Close()
		if !lost.Load() {
			t.Error("no answer was lost: the test proved nothing")
		}
	})
	return server.URL
}

// A store that ignores If-None-Match overwrites; the probe must notice.
func TestProbeRefusesAStoreThatIgnoresConditions(t *testing.T) {
	target, err := url.Parse(startS3(t))
	if err != nil {
		t.Fatal(err)
	}
	deaf := httptest.NewServer(&httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(target)
		r.Out.Host = r.In.Host
		r.Out.Header.Set("X-Ignored", r.Out.Header.Get("If-None-Match"))
		r.Out.Header.Del("If-None-Match")
	}})
	defer deaf.Close()
	b := open(t, deaf.URL, "deaf")
	err = lake.Probe(t.Context(), b)
	if err == nil {
		t.Fatal("a store that ignores If-None-Match was accepted")
	}
	t.Logf("refused: %v", err)
}

func TestEncryptionIsAskedFor(t *testing.T) {
	var seen http.Header
	store := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { seen = r.Header.Clone() }))
	defer store.Close()
	t.Setenv("AWS_ACCESS_KEY_ID", s3test.AccessKey)
	t.Setenv("AWS_SECRET_ACCESS_KEY", s3test.SecretKey)
	b, err := Open(t.Context(), "s3://lake/x?sse=aws:kms&kms-key=key-1&endpoint="+store.URL)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Put(t.Context(), "a", lake.Bytes([]byte("x"))); err != nil {
		t.Fatal(err)
	}
	for header, want := range map[string]string{
		"X-Amz-Server-Side-Encryption":                "aws:kms",
		"X-Amz-Server-Side-Encryption-Aws-Kms-Key-Id": "key-1",
		"If-None-Match":                               "*",
	} {
		if got := seen.Get(header); got != want {
			t.Errorf("%s: %q, want %q", header, got, want)
		}
	}
}

func TestParseURL(t *testing.T) {
	for text, want := range map[string]Location{
		"s3://lake":      {Bucket: "lake"},
		"s3://lake/a/b/": {Bucket: "lake", Prefix: "a/b/"},
		"s3://lake/a?endpoint=http://127.0.0.1:1":          {Bucket: "lake", Prefix: "a/", Endpoint: "http://127.0.0.1:1"},
		"s3://lake/?path-style=false&endpoint=http://h:1":  {Bucket: "lake", Endpoint: "http://h:1", HostStyle: true},
		"s3://lake?sse=AES256&path-style=true":             {Bucket: "lake", SSE: "AES256", PathStyle: true},
		"s3://lake?sse=aws:kms&kms-key=alias/titrate-lake": {Bucket: "lake", SSE: "aws:kms", KMSKey: "alias/titrate-lake"},
	} {
		if got, err := ParseURL(text); err != nil || got != want {
			t.Errorf("ParseURL(%s) = %+v, %v, want %+v", text, got, err, want)
		}
	}
	for _, text := range []string{"", "lake", "s3://", "gs://lake", "s3://lake?sse=rot13", "s3://lake?kms-key=x", "s3://lake?endpoint=here", "s3://lake?what=1", "s3://lake?path-style=maybe"} {
		if l, err := ParseURL(text); err == nil {
			t.Errorf("ParseURL(%q) = %+v, want an error", text, l)
		}
	}
}
