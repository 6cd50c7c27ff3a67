package kafka

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/titrate/titrate/ingest"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// taciturn is a counter that answers, and remembers, only some records. The others
// are in its recent past all the same, which the log must give back.
type taciturn struct{ *counter }

func (c taciturn) Apply(r ingest.Record) []Out {
	if loud(string(r.Value)) {
		return c.counter.Apply(r)
	}
	c.Replay(r)
	return nil
}

func loud(value string) bool {
	n, err := strconv.Atoi(value)
	return err == nil && n%3 == 0
}

// TestMemberProcess is a job in a process of its own, which TestTakeover kills.
func TestMemberProcess(t *testing.T) {
	spec := os.Getenv("TITRATE_TEST_MEMBER")
	if spec == "" {
		t.Skip("runs only inside TestTakeover")
	}
	brokers, instance, _ := strings.Cut(spec, " ")
	cfg := Config{Brokers: brokers, Properties: maps.Clone(quick)}
	cfg.Properties["debug"], cfg.Properties["log_level"] = "cgrp,consumer,eos,topic", "7" // to stderr
	tc := TransformConfig{Config: cfg, Group: "scorer", Input: "events", State: "people", TransactionalID: instance,
		Instance: instance, Lookback: time.Hour, OnReady: func() { fmt.Println("ready") }}
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin) // ends when we are told to stop
		cancel()
	}()
	if err := Transform(ctx, tc, func(int32) Fold { return taciturn{newCounter()} }); err != nil {
		t.Error(err)
	}
}

// memberProcess is such a process, started again whenever it gives up, as a supervisor
// would do.
type memberProcess struct {
	t         *testing.T
	instance  string
	brokers   string
	mu        sync.Mutex
	cmd       *exec.Cmd
	killed    bool
	done      chan struct{}
	says, log bytes.Buffer // of all its lives; to be read when done
}

func startProcess(t *testing.T, brokers, instance string) *memberProcess {
	t.Helper()
	m := &memberProcess{t: t, brokers: brokers, instance: instance, done: make(chan struct{})}
	if err := m.start(); err != nil {
		t.Fatal(err)
	}
	go m.supervise()
	t.Cleanup(m.tell)
	return m
}

// start begins a life of m, unless it is killed.
func (m *memberProcess) start() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.killed {
		return nil
	}
	m.cmd = exec.Command(os.Args[0], "-test.run=^TestMemberProcess$")
	m.cmd.Env = append(os.Environ(), "TITRATE_TEST_MEMBER="+m.brokers+" "+m.instance)
	m.cmd.Stdout, m.cmd.Stderr = &m.says, &m.log
	if _, err := m.cmd.StdinPipe(); err != nil { // held open: it ends when it is killed
		return err
	}
	return m.cmd.Start()
}

// supervise waits for each life's end. Who gave up says why in a test that is verbose or
// fails: it may have cost seconds.
func (m *memberProcess) supervise() {
	defer close(m.done)
	for {
		_ = m.cmd.Wait() // reports the kill, or that the test in it failed
		m.mu.Lock()
		killed := m.killed
		m.mu.Unlock()
		if killed {
			return
		}
		m.t.Logf("member %s gave up: %s", m.instance, m.says.String())
		if err := m.start(); err != nil {
			m.t.Error(err)
			return
		}
	}
}

func (m *memberProcess) kill() {
	m.mu.Lock()
	m.killed = true
	_ = m.cmd.Process.Kill()
	m.mu.Unlock()
	<-m.done
}

// tell keeps what m said, if the test failed. By then it is killed.
func (m *memberProcess) tell() {
	if !m.t.Failed() {
		return
	}
	log, err := os.CreateTemp("", "takeover-"+m.instance+"-*.log")
	if err == nil {
		_, err = log.Write(m.log.Bytes())
		err = errors.Join(err, log.Close())
	}
	if err != nil {
		m.t.Error(err)
		return
	}
	m.t.Logf("member %s said %q, and its client what is in %s", m.instance, m.says.String(), log.Name())
}

// TestTakeover lets members come, be killed in the middle of whatever they do, and
// come back, while records arrive, by a schedule that its seed decides. Each record
// that deserves one has one answer in the end, and each answer is as if one fold
// had seen everything: none doubled, none missing, none of an older state.
//
// In every other schedule the broker takes its time to tell members what is theirs: much
// of what goes wrong in a rebalance happens meanwhile.
//
// TITRATE_SCHEDULES is how many (4; make test-takeover runs 1,000), and TITRATE_FIRST the
// seed of the first.
func TestTakeover(t *testing.T) {
	first := numberOr(t, "TITRATE_FIRST", 0)
	for seed := first; seed < first+numberOr(t, "TITRATE_SCHEDULES", 4); seed++ {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			takeover(t, uint64(seed))
		})
	}
}

// numberOr is the number in a variable, or the usual one.
func numberOr(t *testing.T, variable string, usual int) int {
	t.Helper()
	text := os.Getenv(variable)
	if text == "" {
		return usual
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatalf("%s: %v", variable, err)
	}
	return n
}

// slowSyncs has the broker answer each SyncGroup up to two seconds late.
func slowSyncs(b *Broker) {
	b.cluster.ControlKey(int16(kmsg.SyncGroup), func(kmsg.Request) (kmsg.Response, error, bool) {
		b.cluster.SleepControl(func() { time.Sleep(rand.N(2 * time.Second)) })
		return nil, nil, false
	})
}

func takeover(t *testing.T, seed uint64) {
	b, cfg := startEmbedded(t)
	transformTopics(t, cfg, 3)
	if seed%2 == 1 {
		slowSyncs(b)
	}
	dice := rand.New(rand.NewPCG(seed, 1))
	members := map[string]*memberProcess{"a": startProcess(t, cfg.Brokers, "a")}
	defer func() {
		if t.Failed() {
			t.Logf("the group at the end: %+v", b.cluster.GroupInfo("scorer"))
		}
		for _, m := range members {
			m.kill()
		}
	}()
	sent, kills := 0, 0
	for range 4 + dice.IntN(4) {
		count := 5 + dice.IntN(60)
		send(t, cfg, "events", 11, sent, count)
		sent += count
		time.Sleep(time.Duration(dice.IntN(400)) * time.Millisecond)
		who := []string{"a", "b"}[dice.IntN(2)]
		if m := members[who]; m != nil && dice.IntN(4) > 0 {
			m.kill()
			kills++
			time.Sleep(time.Duration(dice.IntN(100)) * time.Millisecond)
			members[who] = startProcess(t, cfg.Brokers, who)
		} else if m == nil {
			members[who] = startProcess(t, cfg.Brokers, who)
		}
	}
	want := quietAnswers(11, sent)
	var got []ingest.Record
	waitFor(t, func() bool {
		got = readAll(t, cfg, "answers")
		return len(got) >= len(want)
	})
	time.Sleep(200 * time.Millisecond) // for what would come twice
	got = readAll(t, cfg, "answers")
	for _, r := range got {
		why, deserved := want[string(r.Value)]
		switch {
		case !deserved:
			t.Errorf("seed %d: an answer to %s that is doubled or undeserved", seed, r.Value)
		case why != string(r.Headers[0].Value):
			t.Errorf("seed %d: the answer to %s is %q, want %q", seed, r.Value, r.Headers[0].Value, why)
		}
		delete(want, string(r.Value))
	}
	for v := range want {
		t.Errorf("seed %d: no answer to %s", seed, v)
	}
	once := map[string]int64{}
	for _, r := range readAll(t, cfg, "events") { // else what is compared above means little
		if first, known := once[string(r.Value)]; known {
			t.Errorf("seed %d: the log itself holds %s at the offsets %d and %d of partition %d", seed, r.Value, first, r.Offset, r.Partition)
		}
		once[string(r.Value)] = r.Offset
	}
	t.Logf("%d records, %d kills", sent, kills)
}

// quietAnswers is what one fold that saw everything would have answered.
func quietAnswers(keys, count int) map[string]string {
	c, whys := taciturn{newCounter()}, map[string]string{}
	for i := range count {
		rec := ingest.Record{Key: fmt.Appendf(nil, "k%d", i%keys), Value: fmt.Appendf(nil, "%d", i)}
		if outs := c.Apply(rec); len(outs) > 0 {
			whys[string(outs[0].Value)] = string(outs[0].Headers[0].Value)
		}
	}
	return whys
}
