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
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/titrate/titrate/cleanse/lake"
	"github.com/titrate/titrate/cleanse/lake/audit"
	"github.com/titrate/titrate/ingest"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// These tests run members of one group on a broker into one lake, and have the
// verifier compare the lake with the log.

// sendReadings produces readings number from to from+count, of so many people.
func sendReadings(t testing.TB, cfg Config, people, from, count int) {
	t.Helper()
	p, err := NewProducer(cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer closeProducer(t, p)
	begin := time.Now().UTC().Truncate(24 * time.Hour).Add(-24 * time.Hour)
	var all []Message
	for i := from; i < from+count; i++ {
		patient, at := fmt.Sprintf("p-%d", i%people), begin.Add(time.Duration(i/people)*time.Minute)
		all = append(all, Message{Topic: cfg.in("events"), Key: []byte(patient), Value: fmt.Appendf(nil,
			`{"type":"glucose","patient":%q,"time":%q,"value":%d,"unit":"mg/dL","source":"cgm","device":"g7","backfill":true}`,
			patient, at.Format(time.RFC3339), 100+i%9)})
	}
	if err := p.Send(limit(t, 20*time.Second), all); err != nil {
		t.Fatal(err)
	}
}

// account has the verifier compare a lake with the log.
func account(t testing.TB, cfg Config, dir string) *audit.Report {
	t.Helper()
	bucket, err := lake.Dir(dir)
	if err != nil {
		t.Fatal(err)
	}
	survey, err := OpenSurvey(cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer survey.Close()
	report, err := audit.Run(limit(t, 30*time.Second), auditedDir{bucket}, auditedLog{survey}, audit.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return report
}

type auditedDir struct{ bucket lake.Bucket }

func (d auditedDir) List(ctx context.Context, prefix string, fn func(string, int64) error) error {
	return d.bucket.List(ctx, prefix, "", func(o lake.Object) error { return fn(o.Name, o.Size) })
}

func (d auditedDir) Open(ctx context.Context, name string) (audit.Object, error) {
	return d.bucket.Open(ctx, name)
}

type auditedLog struct{ survey *Survey }

func (l auditedLog) Topic(ctx context.Context, name string) (string, map[int32]audit.Bounds, error) {
	id, extents, err := l.survey.Topic(ctx, name)
	bounds := map[int32]audit.Bounds{}
	for number, e := range extents {
		bounds[number] = audit.Bounds(e)
	}
	return id, bounds, err
}

func (l auditedLog) Offsets(ctx context.Context, topic string, partition int32, from, to int64, fn func(int64)) error {
	return l.survey.Read(ctx, topic, partition, from, to, func(r ingest.Record) { fn(r.Offset) })
}

// mustBalance makes sure that the lake holds each of sent events once.
func mustBalance(t testing.TB, cfg Config, dir string, sent int) {
	t.Helper()
	report := account(t, cfg, dir)
	if !report.OK() || report.Total.Read != int64(sent) || report.Total.Accepted != int64(sent) {
		text := &strings.Builder{}
		_ = report.Write(text)
		t.Errorf("of %d events:\n%s", sent, text)
	}
}

// watcher counts what a writer is given and loses.
type watcher struct {
	*lake.Writer
	mu      sync.Mutex
	held    map[int32]int // records appended since the partition was assigned
	revoked map[int32]int // how many were held of a partition when it was taken away
	owned   int
}

func (w *watcher) Assign(ctx context.Context, p ingest.Partition) (ingest.Start, error) {
	w.mu.Lock()
	w.held[p.Number] = 0
	w.owned++
	w.mu.Unlock()
	return w.Writer.Assign(ctx, p)
}

func (w *watcher) Revoke(p ingest.Partition) {
	w.mu.Lock()
	w.revoked[p.Number] = w.held[p.Number]
	w.owned--
	w.mu.Unlock()
	w.Writer.Revoke(p)
}

func (w *watcher) Append(ctx context.Context, records []ingest.Record) error {
	w.mu.Lock()
	for _, r := range records {
		w.held[r.Partition]++
	}
	w.mu.Unlock()
	return w.Writer.Append(ctx, records)
}

func (w *watcher) sum(of map[int32]int) (n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, one := range of {
		n += one
	}
	return n
}

// TestRedpandaConnect4009: members joined, and partitions moved cooperatively while their
// owner held a batch of each; 7 partitions lost exactly that batch, 10,433 messages, in a
// layout like ours. Here the first owner holds everything and has stored nothing when the
// second member comes.
func TestRedpandaConnect4009(t *testing.T) {
	t.Parallel()
	_, cfg := startBroker(t)
	createTopic(t, cfg, Topic{Name: cfg.in("events"), Partitions: 14})
	dir := t.TempDir()
	run := func(id string, age time.Duration) (*watcher, func()) {
		bucket, err := lake.Dir(dir)
		if err != nil {
			t.Fatal(err)
		}
		w := &watcher{Writer: lake.NewWriter(bucket, lake.WriterOptions{ID: id, RotateAge: age}), held: map[int32]int{}, revoked: map[int32]int{}}
		src, err := OpenSource(cfg, []string{cfg.in("events")}, cfg.in("lake"), w)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(limit(t, 60*time.Second))
		ended := make(chan error, 1)
		go func() {
			err := ingest.Run(ctx, src, w, ingest.Options{})
			ended <- errors.Join(err, src.Close())
		}()
		return w, func() {
			cancel()
			if err := <-ended; err != nil {
				t.Error(err)
			}
		}
	}
	one, stopOne := run("one", time.Hour)
	sendReadings(t, cfg, 200, 0, 10_000)
	waitFor(t, func() bool { return one.sum(one.held) == 10_000 })
	two, stopTwo := run("two", 100*time.Millisecond)
	waitFor(t, func() bool { return two.sum(two.held) > 0 && one.sum(one.revoked) > 0 })
	sendReadings(t, cfg, 200, 10_000, 2_000)
	time.Sleep(time.Second)
	lost := one.sum(one.revoked)
	stopOne()
	waitFor(t, func() bool { two.mu.Lock(); defer two.mu.Unlock(); return two.owned == 14 })
	time.Sleep(time.Second)
	stopTwo()
	if len(one.revoked) < 7 || lost < 1000 {
		t.Errorf("%d partitions were taken from the first member with %d records held: the test proved nothing", len(one.revoked), lost)
	}
	mustBalance(t, cfg, dir, 12_000)
}

// TestLakeMemberProcess is an ingest job in a process of its own, which
// TestMembersOfOneLake kills.
func TestLakeMemberProcess(t *testing.T) {
	spec := strings.Split(os.Getenv("TITRATE_TEST_LAKE_MEMBER"), " ")
	if len(spec) != 4 {
		t.Skip("runs only inside TestMembersOfOneLake")
	}
	cfg := Config{Brokers: spec[0], Properties: maps.Clone(quick)}
	cfg.Properties["max.poll.interval.ms"] = "6000" // how long the group may wait for one that was killed while it joined
	bucket, err := lake.Dir(spec[3])
	if err != nil {
		t.Fatal(err)
	}
	w := lake.NewWriter(bucket, lake.WriterOptions{ID: fmt.Sprint(os.Getpid()), RotateRows: 40, RotateAge: 100 * time.Millisecond})
	src, err := OpenSource(cfg, []string{spec[1]}, spec[2], w)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin) // ends when we are told to stop
		cancel()
	}()
	err = ingest.Run(ctx, src, w, ingest.Options{})
	if err := errors.Join(err, src.Close()); err != nil {
		t.Fatal(err)
	}
}

// lakeMember is such a process.
type lakeMember struct {
	cmd   *exec.Cmd
	stdin io.Closer
	ended chan struct{}
	says  bytes.Buffer // to be read when it has ended
}

func startLakeMember(t *testing.T, cfg Config, dir string) *lakeMember {
	t.Helper()
	m := &lakeMember{cmd: exec.Command(os.Args[0], "-test.run=^TestLakeMemberProcess$"), ended: make(chan struct{})}
	m.cmd.Env = append(os.Environ(), fmt.Sprintf("TITRATE_TEST_LAKE_MEMBER=%s %s %s %s", cfg.Brokers, cfg.in("events"), cfg.in("lake"), dir))
	m.cmd.Stdout, m.cmd.Stderr = &m.says, &m.says
	var err error
	if m.stdin, err = m.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	if err := m.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = m.cmd.Wait() // reports the kill, or what a fault led to
		close(m.ended)
	}()
	return m
}

// gone tells whether the process has ended by itself.
func (m *lakeMember) gone() bool {
	select {
	case <-m.ended:
		return true
	default:
		return false
	}
}

func (m *lakeMember) kill() {
	_ = m.cmd.Process.Kill()
	<-m.ended
}

// leave has a member end in good order.
func (m *lakeMember) leave() {
	m.stdin.Close()
	<-m.ended
}

// TestMembersOfOneLake has three processes read into one lake by a schedule that its seed
// decides: they are killed in the middle of whatever they do, leave, come back, and the
// broker (an embedded one) refuses requests. In the end the verifier finds each event once.
//
// TITRATE_SCHEDULES is how many (2).
func TestMembersOfOneLake(t *testing.T) {
	for seed := range numberOr(t, "TITRATE_SCHEDULES", 2) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			membersOfOneLake(t, uint64(seed))
		})
	}
}

func membersOfOneLake(t *testing.T, seed uint64) {
	broker, cfg := startBroker(t)
	createTopic(t, cfg, Topic{Name: cfg.in("events"), Partitions: 4})
	dice := rand.New(rand.NewPCG(seed, 4))
	dir := t.TempDir()
	members := make([]*lakeMember, 3)
	defer func() {
		for _, m := range members {
			if m != nil {
				m.kill()
			}
		}
	}()
	sent, kills, leaves := 0, 0, 0
	var faults []*kfake.FaultHandle
	for range 12 {
		count := 20 + dice.IntN(200)
		sendReadings(t, cfg, 23, sent, count)
		sent += count
		if broker != nil && dice.IntN(2) == 0 {
			faults = append(faults, broker.cluster.Fault(refused(dice)))
		}
		time.Sleep(time.Duration(dice.IntN(600)) * time.Millisecond)
		i := dice.IntN(len(members))
		switch m := members[i]; {
		case m == nil:
			members[i] = startLakeMember(t, cfg, dir)
		case dice.IntN(3) > 0:
			m.kill()
			members[i] = nil
			kills++
		default:
			m.leave()
			members[i] = nil
			leaves++
		}
	}
	hits := 0
	for _, f := range faults {
		hits += int(f.Hits())
		f.Remove()
	}
	for deadline := time.Now().Add(60 * time.Second); account(t, cfg, dir).Total.Read < int64(sent) && time.Now().Before(deadline); {
		if m := members[0]; m == nil || m.gone() { // as a supervisor does
			if m != nil {
				t.Logf("ended: %s", m.says.String())
			}
			members[0] = startLakeMember(t, cfg, dir)
		}
		time.Sleep(500 * time.Millisecond)
	}
	for i, m := range members {
		if m != nil {
			m.leave()
			members[i] = nil
		}
	}
	mustBalance(t, cfg, dir, sent)
	t.Logf("%d events, %d kills, %d leaves, %d requests refused", sent, kills, leaves, hits)
}

// refused is how a broker may answer a few requests.
func refused(dice *rand.Rand) kfake.Fault {
	all := []kfake.Fault{
		{Keys: []kmsg.Key{kmsg.Fetch}, Err: kerr.NotLeaderForPartition},
		{Keys: []kmsg.Key{kmsg.Fetch}, Err: kerr.KafkaStorageError},
		{Keys: []kmsg.Key{kmsg.OffsetCommit}, Err: kerr.CoordinatorLoadInProgress},
		{Keys: []kmsg.Key{kmsg.OffsetCommit}, Err: kerr.RequestTimedOut},
		{Keys: []kmsg.Key{kmsg.Heartbeat}, Err: kerr.UnknownMemberID, TopLevel: true},
		{Keys: []kmsg.Key{kmsg.Heartbeat}, Err: kerr.NotCoordinator, TopLevel: true},
		{Keys: []kmsg.Key{kmsg.JoinGroup}, Err: kerr.CoordinatorNotAvailable, TopLevel: true},
		{Keys: []kmsg.Key{kmsg.SyncGroup}, Err: kerr.RebalanceInProgress, TopLevel: true},
		{Keys: []kmsg.Key{kmsg.ListOffsets}, Err: kerr.LeaderNotAvailable},
	}
	f := all[dice.IntN(len(all))]
	f.Count = 1 + dice.IntN(3)
	return f
}
