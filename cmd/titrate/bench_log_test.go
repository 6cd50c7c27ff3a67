package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/titrate/titrate/infra/kafka"
	"github.com/titrate/titrate/infra/kafka/kafkatest"
	"github.com/titrate/titrate/ingest"
	"github.com/titrate/titrate/ingest/simulate"
)

// The test binary plays the neighbours of a benchmark as processes of their own,
// so that neither their memory nor their garbage is counted.
const (
	roleVariable = "TITRATE_BENCH_ROLE"
	roleBroker   = "broker" // argument: the directory of its log
	rolePoll     = "poll"   // argument: the brokers
	roleEach     = "each"   // argument: the brokers, a space, how many messages there are
)

// play does what the environment asks this process to be, if anything.
func play() (played bool, err error) {
	role, argument, _ := strings.Cut(os.Getenv(roleVariable), "=")
	switch role {
	case roleBroker:
		return true, playBroker(argument)
	case rolePoll:
		return true, playPoll(kafka.Config{Brokers: argument})
	case roleEach:
		return true, playEach(argument)
	}
	return false, nil
}

// playBroker serves until its standard input ends.
func playBroker(dir string) error {
	collectAt(litter)
	broker, err := kafka.StartBroker(kafka.BrokerConfig{Dir: dir})
	if err != nil {
		return err
	}
	fmt.Println(broker.Addr())
	if _, err := io.Copy(io.Discard, os.Stdin); err != nil {
		return err
	}
	return broker.Close()
}

// playPoll reads everything once and drops it; it prints the seconds that took.
func playPoll(cfg kafka.Config) error {
	source, err := kafka.OpenSource(cfg, []string{topicEvents}, "poll-"+time.Now().String(), &dropped{})
	if err != nil {
		return err
	}
	begun := time.Now()
	if err := ingest.Run(context.Background(), source, &dropped{}, ingest.Options{Drain: true}); err != nil {
		return err
	}
	fmt.Println(time.Since(begun).Seconds())
	return source.Close()
}

// playEach reads everything once, one message at a time by the client library's own Poll, and
// prints the seconds that took.
func playEach(argument string) error {
	brokers, count, _ := strings.Cut(argument, " ")
	messages, err := strconv.Atoi(count)
	if err != nil {
		return err
	}
	begun := time.Now()
	if err := kafkatest.Poll(kafka.Config{Brokers: brokers}, topicEvents, messages); err != nil {
		return err
	}
	fmt.Println(time.Since(begun).Seconds())
	return nil
}

// dropped is a sink that keeps nothing.
type dropped struct{}

func (*dropped) Assign(context.Context, ingest.Partition) (ingest.Start, error) {
	return ingest.Start{}, nil
}
func (*dropped) Revoke(ingest.Partition)                                {}
func (*dropped) Append(context.Context, []ingest.Record) error          { return nil }
func (*dropped) Flush(context.Context, bool) ([]ingest.Position, error) { return nil, nil }

// neighbour prepares this binary to play a role.
func neighbour(b *testing.B, role, argument string) *exec.Cmd {
	b.Helper()
	self, err := os.Executable()
	if err != nil {
		b.Fatal(err)
	}
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), roleVariable+"="+role+"="+argument)
	cmd.Stderr = os.Stderr
	return cmd
}

// apart runs a broker in its own process until the benchmark ends.
type apart struct {
	kafka.Config
	process *exec.Cmd
}

func brokerApart(b *testing.B, dir string) apart {
	b.Helper()
	cmd := neighbour(b, roleBroker, dir)
	stdin, err := cmd.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		stdin.Close()
		if err := cmd.Wait(); err != nil {
			b.Error(err)
		}
	})
	addr, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		b.Fatal(err)
	}
	return apart{kafka.Config{Brokers: strings.TrimSpace(addr)}, cmd}
}

// cpu is the processor time that the broker has used so far.
func (a apart) cpu(b *testing.B) time.Duration {
	b.Helper()
	return cpuOf(b, a.process.Process.Pid)
}

// cpuOf is the processor time that a process has taken.
func cpuOf(b *testing.B, pid int) time.Duration {
	b.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0 // not on Linux
	}
	fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
	var ticks time.Duration
	for _, f := range fields[11:13] { // user and system time
		n, err := strconv.Atoi(f)
		if err != nil {
			b.Fatal(err)
		}
		ticks += time.Duration(n)
	}
	return ticks * time.Second / 100
}

// eventLog is the directory of a broker whose topic holds so many events. If the
// environment names a directory for it, it is made once and kept.
func eventLog(b *testing.B, events, patients int) string {
	b.Helper()
	dir, kept := os.Getenv("TITRATE_BENCH_LOG"), "done"
	if dir == "" {
		dir = b.TempDir()
	}
	dir = filepath.Join(dir, fmt.Sprintf("events-%d-of-%d", events, patients))
	if _, err := os.Stat(filepath.Join(dir, kept)); err == nil {
		return dir
	}
	if err := os.RemoveAll(dir); err != nil {
		b.Fatal(err)
	}
	broker, err := kafka.StartBroker(kafka.BrokerConfig{Dir: dir})
	if err != nil {
		b.Fatal(err)
	}
	produceLives(b, kafka.Config{Brokers: broker.Addr()}, events, patients)
	if err := broker.Close(); err != nil {
		b.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, kept), nil, 0o644); err != nil {
		b.Fatal(err)
	}
	return dir
}

// produceLives lets virtual people live side by side until they have sent so many
// events, which arrive as they do in a service: everyone's, hour by hour, seconds
// after they happened.
func produceLives(b *testing.B, cfg kafka.Config, events, patients int) {
	b.Helper()
	ctx := context.Background()
	now := time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
	people, err := simulate.People(simulate.Options{Patients: patients, Seed: 1, Start: now, Cohort: "mixed"})
	if err != nil {
		b.Fatal(err)
	}
	if err := kafka.CreateTopics(ctx, cfg, topics(topicEvents, 12, false)); err != nil {
		b.Fatal(err)
	}
	cfg.Properties = map[string]string{"linger.ms": "100"} // batches as of a busy service
	producer, err := kafka.NewProducer(cfg)
	if err != nil {
		b.Fatal(err)
	}
	defer producer.Close()
	left := events
	put := func(at time.Time, w ingest.Wire) error {
		if left == 0 {
			return nil
		}
		left--
		m, err := message(at, w)
		if err != nil {
			return err
		}
		m.Topic = topicEvents
		return producer.Enqueue(ctx, m)
	}
	for _, p := range people {
		if err := put(now, p.Profile()); err != nil {
			b.Fatal(err)
		}
	}
	for left > 0 {
		now = now.Add(time.Hour)
		for _, p := range people {
			if err := p.Advance(now, put); err != nil {
				b.Fatal(err)
			}
		}
	}
	if err := producer.Flush(ctx); err != nil {
		b.Fatal(err)
	}
}
