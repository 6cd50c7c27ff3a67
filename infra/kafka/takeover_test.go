package kafka

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/titrate/titrate/ingest"
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
	cfg := Config{Brokers: brokers, Properties: quick}
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

// memberProcess is such a process.
type memberProcess struct {
	cmd   *exec.Cmd
	stdin io.Closer
}

func startProcess(t *testing.T, brokers, instance string) *memberProcess {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestMemberProcess$")
	cmd.Env = append(os.Environ(), "TITRATE_TEST_MEMBER="+brokers+" "+instance)
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	told := make(chan string, 1)
	go func() { // its pipe must not fill
		var last strings.Builder
		for lines := bufio.NewScanner(out); lines.Scan(); {
			fmt.Fprintln(&last, lines.Text())
		}
		told <- last.String()
	}()
	t.Cleanup(func() { // by then it is killed: a member that gave up before has said why
		if said := <-told; t.Failed() {
			t.Logf("member %s said: %s", instance, said)
		}
	})
	return &memberProcess{cmd, stdin}
}

func (m *memberProcess) kill() {
	_ = m.cmd.Process.Kill()
	_ = m.cmd.Wait() // reports the kill
}

// TestTakeover lets members come, be killed in the middle of whatever they do, and
// come back, while records arrive, by a schedule that its seed decides. Each record
// that deserves one has one answer in the end, and each answer is as if one fold
// had seen everything: none doubled, none missing, none of an older state.
//
// TITRATE_SCHEDULES is how many (3; make test-takeover runs 1,000).
func TestTakeover(t *testing.T) {
	for seed := range schedulesOr(t, 3) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			takeover(t, uint64(seed))
		})
	}
}

// schedulesOr is how many schedules to play: TITRATE_SCHEDULES, or as many as given.
func schedulesOr(t *testing.T, usual int) int {
	t.Helper()
	text := os.Getenv("TITRATE_SCHEDULES")
	if text == "" {
		return usual
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatalf("TITRATE_SCHEDULES: %v", err)
	}
	return n
}

func takeover(t *testing.T, seed uint64) {
	_, cfg := startEmbedded(t)
	transformTopics(t, cfg, 3)
	dice := rand.New(rand.NewPCG(seed, 1))
	members := map[string]*memberProcess{"a": startProcess(t, cfg.Brokers, "a")}
	defer func() {
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
