package s3

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const (
	accessKey = "titrate-test"
	secretKey = "titrate-test-secret"
)

// startS3 runs a real S3 server over an empty directory, as a process of its
// own, and returns its endpoint. It is stopped when the test ends.
func startS3(t *testing.T) (endpoint string) {
	t.Helper()
	program := buildS3(t)
	address := freeAddress(t)
	dir := t.TempDir()
	log, err := os.Create(filepath.Join(t.TempDir(), "s3.log"))
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program, "--port", address, "--access", accessKey, "--secret", secretKey, "--quiet", "posix", dir)
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait() // reports the kill
		log.Close()
	})
	if err := os.Mkdir(filepath.Join(dir, "lake"), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("AWS_ACCESS_KEY_ID", accessKey)
	t.Setenv("AWS_SECRET_ACCESS_KEY", secretKey)
	t.Setenv("AWS_REGION", "us-east-1")
	endpoint = "http://" + address
	waitFor(t, endpoint, log.Name())
	return endpoint
}

// buildS3 builds the server from the tools module; the go command caches it.
func buildS3(t *testing.T) string {
	t.Helper()
	out, err := exec.Command("go", "tool", "-modfile=../tools/go.mod", "-n", "versitygw").CombinedOutput()
	if err != nil {
		t.Fatalf("build the S3 server: %v\n%s", err, out)
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	return lines[len(lines)-1]
}

func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func waitFor(t *testing.T, endpoint, log string) {
	t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for time.Now().Before(deadline) {
		if resp, err := http.Get(endpoint); err == nil {
			resp.Body.Close()
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	text, _ := os.ReadFile(log)
	t.Fatalf("the S3 server does not answer:\n%s", text)
}

func open(t *testing.T, endpoint, prefix string) *Bucket {
	t.Helper()
	b, err := Open(t.Context(), fmt.Sprintf("s3://lake/%s?endpoint=%s", prefix, endpoint))
	if err != nil {
		t.Fatal(err)
	}
	return b
}
