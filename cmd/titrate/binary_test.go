package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/titrate/titrate/infra/kafka"
)

// binary builds the program once, as users build it, and gives its path.
var binary = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "titrate-test-")
	if err != nil {
		return "", err
	}
	name := filepath.Join(dir, "titrate")
	out, err := exec.Command("go", "build", "-o", name, ".").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("build: %w\n%s", err, out)
	}
	return name, nil
})

func TestMain(m *testing.M) {
	if played, err := play(); played {
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	code := m.Run()
	if name, err := binary(); err == nil {
		os.RemoveAll(filepath.Dir(name))
	}
	os.Exit(code)
}

// titrate prepares a run of the program; it is ended with the test.
func titrate(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	name, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 20 * time.Second
	return cmd
}

// result is what a run printed and how it ended.
type result struct {
	stdout, stderr string
	exit           int
}

func runTitrate(t *testing.T, args ...string) result {
	t.Helper()
	return finish(t, titrate(t, args...))
}

func finish(t *testing.T, cmd *exec.Cmd) result {
	t.Helper()
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	if _, failed := err.(*exec.ExitError); err != nil && !failed {
		t.Fatalf("run %v: %v", cmd.Args, err)
	}
	return result{stdout.String(), stderr.String(), cmd.ProcessState.ExitCode()}
}

// must fails the test unless the run succeeded.
func must(t *testing.T, args ...string) result {
	t.Helper()
	r := runTitrate(t, args...)
	if r.exit != 0 {
		t.Fatalf("titrate %s: exit %d\n%s", strings.Join(args, " "), r.exit, r.stderr)
	}
	return r
}

// summary is the JSON object that a job ends with.
func summary[T any](t *testing.T, r result) T {
	t.Helper()
	lines := strings.Split(strings.TrimSpace(r.stdout), "\n")
	var v T
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &v); err != nil {
		t.Fatalf("last line of stdout is no JSON summary: %v\n%s", err, r.stdout)
	}
	return v
}

// startBroker runs an embedded broker in this process, for programs outside it.
func startBroker(t testing.TB) kafka.Config {
	t.Helper()
	broker, err := kafka.StartBroker(kafka.BrokerConfig{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := broker.Close(); err != nil {
			t.Error(err)
		}
	})
	return kafka.Config{Brokers: broker.Addr()}
}

// startCluster is the broker of the whole way, and the topic of its events: an
// embedded one, or the Apache Kafka of infra/kafka/apache/with-broker, through its
// encrypted door by SCRAM. Programs find the way in by their TITRATE_* variables.
func startCluster(t *testing.T) (cfg kafka.Config, topic string) {
	t.Helper()
	if os.Getenv("TITRATE_TEST_BROKERS") == "" {
		return startBroker(t), topicEvents
	}
	files := os.Getenv("TITRATE_TEST_KAFKA_FILES")
	if files == "" {
		t.Skip("the whole way writes to recommendations and people: it runs on a broker of its own (infra/kafka/apache/with-broker)")
	}
	topic = "events-" + strings.ToLower(rand.Text()[:8])
	s := kafka.Security{CA: filepath.Join(files, "ca.pem"), Mechanism: "SCRAM-SHA-512", User: "alice", Password: "alice-secret"}
	t.Setenv("TITRATE_TOPIC", topic)
	t.Setenv("TITRATE_KAFKA_CA", s.CA)
	t.Setenv("TITRATE_KAFKA_SASL", s.Mechanism)
	t.Setenv("TITRATE_KAFKA_USER", s.User)
	t.Setenv("TITRATE_KAFKA_PASSWORD", s.Password)
	properties, err := s.Properties()
	if err != nil {
		t.Fatal(err)
	}
	return kafka.Config{Brokers: os.Getenv("TITRATE_TEST_BROKERS_SASL_TLS"), Properties: properties}, topic
}

// send writes events with broker's time and waits until they are taken.
func send(t testing.TB, cfg kafka.Config, messages ...kafka.Message) {
	t.Helper()
	producer, err := kafka.NewProducer(cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer producer.Close()
	if err := producer.Send(context.Background(), messages); err != nil {
		t.Fatal(err)
	}
}

// shared is a set of real data beside the checkout, which users don't have.
func shared(t testing.TB, name string) string {
	t.Helper()
	dir := filepath.Join("..", "..", "..", "shared", "data", name)
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("../shared/data/%s not found: the real data sets are not part of this repository", name)
	}
	return dir
}
