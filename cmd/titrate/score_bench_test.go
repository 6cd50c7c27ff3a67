package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/titrate/titrate/infra/kafka"
	"github.com/titrate/titrate/infra/kafka/kafkatest"
	"github.com/titrate/titrate/ingest"
	"github.com/titrate/titrate/ingest/gateway"
)

// BenchmarkScore runs the scorer as a user does, in a process of its own beside the
// broker's, on one machine, transactions on. It first reads what came while it was
// away (a profile and an hour of readings a person, all of them old), then 10,000
// events a second that are new, one in a hundred a meal, which is answered. A
// latency is the time from an event's making, or from when it was due if the load is
// late, to its answer's being read, committed. Of some of it the load waited for more
// events to send, and for the broker to take them: logged-p50-ms and logged-p99-ms count
// from when the broker's acknowledgement came.
//
// The events come from clients that send one request for all partitions, a millisecond
// after the first record in it ([kafkatest.Fleet]); with TITRATE_BENCH_LOAD=gateway from
// the gateway's own producer, which sends one a partition.
//
// TITRATE_BENCH_RATE is the events a second (10,000), TITRATE_BENCH_SECONDS how long (20),
// TITRATE_BENCH_PARTITIONS how many partitions the topics have (12). TITRATE_BENCH_HOUR has
// the new events begin half a minute after a whole hour (UTC), as with 24: the first of a day
// to everybody.
func BenchmarkScore(b *testing.B) {
	for _, people := range []int{1_000, 10_000, 100_000} {
		b.Run(strconv.Itoa(people), func(b *testing.B) {
			for range b.N {
				benchmarkScore(b, people)
			}
			b.ReportMetric(0, "ns/op")
		})
	}
}

func benchmarkScore(b *testing.B, people int) {
	broker := brokerApart(b, b.TempDir())
	if err := kafka.CreateTopics(b.Context(), broker.Config, topics(topicEvents, setting(b, "TITRATE_BENCH_PARTITIONS", 12), false)); err != nil {
		b.Fatal(err)
	}
	answers := listen(b, broker.Config)
	town := town{b: b, producer: fleet(b, broker.Config, answers), people: people, ahead: aheadOf(setting(b, "TITRATE_BENCH_HOUR", 0))}
	old := town.past(12)
	town.meals(24)                      // fresh, behind all that is old, in every partition
	if _, err := binary(); err != nil { // building it isn't catching up
		b.Fatal(err)
	}
	begun := time.Now()
	job := scorerApart(b, broker.Config)
	answers.wait(24)
	took := time.Since(begun)
	b.ReportMetric(float64(old)/took.Seconds(), "catchup-events/s")
	spent := cpuOf(b, job.cmd.Process.Pid)
	b.ReportMetric(float64(spent.Microseconds())/float64(old), "catchup-CPU-µs/event")

	rate, seconds := setting(b, "TITRATE_BENCH_RATE", 10_000), setting(b, "TITRATE_BENCH_SECONDS", 20)
	answers.forget()
	self, served := cpuOf(b, os.Getpid()), broker.cpu(b)
	asked := town.live(rate, seconds)
	answers.wait(asked)
	b.ReportMetric(job.resident(b), "resident-MB")
	each := func(d time.Duration) float64 { return float64(d.Microseconds()) / float64(rate*seconds) }
	b.ReportMetric(each(cpuOf(b, job.cmd.Process.Pid)-spent), "live-CPU-µs/event")
	b.ReportMetric(each(broker.cpu(b)-served), "broker-CPU-µs/event")
	b.ReportMetric(each(cpuOf(b, os.Getpid())-self), "load-CPU-µs/event")
	answers.report(rate)
}

func setting(b *testing.B, name string, usual int) int {
	text := os.Getenv(name)
	if text == "" {
		return usual
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		b.Fatalf("%s: %v", name, err)
	}
	return n
}

// sender takes the events of the benchmark.
type sender interface {
	Enqueue(context.Context, kafka.Message) error
	Flush(context.Context) error
}

// fleet is where events come from.
func fleet(b *testing.B, cfg kafka.Config, a *answered) sender {
	b.Helper()
	debug.SetGCPercent(litter) // its garbage isn't what is measured
	if os.Getenv("TITRATE_BENCH_LOAD") == "gateway" {
		producer, err := kafka.NewProducer(cfg)
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { _ = producer.Close() })
		return producer
	}
	fleet, err := kafkatest.OpenFleet(cfg, time.Millisecond, a.logged)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(fleet.Close)
	return fleet
}

// town is the people of the benchmark.
type town struct {
	b        *testing.B
	producer sender
	people   int
	ahead    time.Duration // of the log's clock
}

// aheadOf is how far half a minute after an hour of today (UTC) is ahead; 0 for hour 0.
func aheadOf(hour int) time.Duration {
	if hour == 0 {
		return 0
	}
	midnight := time.Now().UTC().Truncate(24 * time.Hour)
	return time.Until(midnight.Add(time.Duration(hour)*time.Hour + 30*time.Second)).Round(time.Second)
}

func (t town) now() time.Time { return time.Now().Add(t.ahead) }

func (t town) send(patient int, at time.Time, kind, fields string) {
	t.b.Helper()
	t.sendDue(time.Now(), patient, at, kind, fields)
}

// sendDue sends an event whose latency counts from due.
func (t town) sendDue(due time.Time, patient int, at time.Time, kind, fields string) {
	t.b.Helper()
	id := fmt.Sprintf("p-%06d", patient)
	m := kafka.Message{
		Topic: topicEvents, Key: []byte(id), Seen: t.now(),
		Value: fmt.Appendf(nil, `{"type":%q,"patient":%q,"time":%q,%s}`, kind, id, at.UTC().Format(time.RFC3339Nano), fields),
	}
	if kind == "meal" { // answers pass the header on, so only these are measured
		m.Headers = []ingest.Header{{Key: gateway.Produced, Value: strconv.AppendInt(nil, due.UnixNano(), 10)}}
	}
	if err := t.producer.Enqueue(t.b.Context(), m); err != nil {
		t.b.Fatal(err)
	}
}

const benchProfile = `"birth_year":1984,"weight_kg":72,"diabetes":"type1","regimen":"mdi","icr_g_per_u":10,"isf_mgdl_per_u":45,` +
	`"target_low_mgdl":100,"target_high_mgdl":120,"basal_u_per_day":18,"max_bolus_u":10,"dose_step_u":0.5,"insulin":"lispro"`

func cgmValue(mgdl int) string { return fmt.Sprintf(`"value":%d,"unit":"mg/dL","source":"cgm"`, mgdl) }

// past sends a profile and so many readings of each person, the last of them a
// quarter of an hour old.
func (t town) past(readings int) (sent int) {
	end := t.now().Add(-15 * time.Minute)
	for p := range t.people {
		t.send(p, end.Add(-24*time.Hour), "profile", benchProfile)
	}
	for r := range readings {
		for p := range t.people {
			t.send(p, end.Add(-5*time.Minute*time.Duration(readings-1-r)), "glucose", cgmValue(130+(p+r)%40))
		}
	}
	t.flush()
	return t.people * (readings + 1)
}

func (t town) meals(n int) {
	for p := range n {
		t.send(p, t.now(), "meal", `"carbs_g":45`)
	}
	t.flush()
}

// live sends new events at an even rate and returns how many are meals.
func (t town) live(rate, seconds int) (meals int) {
	dice := rand.New(rand.NewPCG(1, 2))
	begun := time.Now()
	for n := range rate * seconds {
		due := begun.Add(time.Duration(n) * time.Second / time.Duration(rate))
		if ahead := time.Until(due); ahead > time.Millisecond {
			time.Sleep(ahead)
		}
		p, now := dice.IntN(t.people), time.Now()
		if n%100 == 0 {
			t.sendDue(earlier(due, now), p, t.now(), "meal", fmt.Sprintf(`"carbs_g":%d`, 20+dice.IntN(60)))
			meals++
			continue
		}
		t.send(p, t.now(), "glucose", cgmValue(130+dice.IntN(40)))
	}
	if late := time.Since(begun) - time.Duration(seconds)*time.Second; late > time.Second {
		t.b.Logf("the events were sent %v late: the machine is too busy for this rate", late)
	}
	t.flush()
	return meals
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

func (t town) flush() {
	if err := t.producer.Flush(t.b.Context()); err != nil {
		t.b.Fatal(err)
	}
}

// answered collects how long answers to meals took.
type answered struct {
	b    *testing.B
	mu   sync.Mutex
	took []time.Duration
	// When the log acknowledged events, and when their answers were read, by what their headers say.
	acknowledged, read map[string]time.Time
}

func listen(b *testing.B, cfg kafka.Config) *answered {
	a := &answered{b: b, acknowledged: map[string]time.Time{}, read: map[string]time.Time{}}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() {
		ended <- kafka.Tail(ctx, cfg, kafka.TailConfig{Topics: []string{topicRecommendations}, OnRecord: a.take})
	}()
	b.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			b.Error(err)
		}
	})
	return a
}

func (a *answered) take(rec ingest.Record) {
	now := time.Now()
	for _, h := range produced(rec) {
		ns, err := strconv.ParseInt(string(h.Value), 10, 64)
		if err != nil {
			a.b.Error(err)
		}
		a.mu.Lock()
		a.took = append(a.took, now.Sub(time.Unix(0, ns)))
		a.read[string(h.Value)] = now
		a.mu.Unlock()
	}
}

// logged notes that the log has acknowledged m.
func (a *answered) logged(m kafka.Message) {
	if len(m.Headers) == 0 {
		return
	}
	now := time.Now()
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, h := range m.Headers {
		a.acknowledged[string(h.Value)] = now
	}
}

func (a *answered) count() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(a.took)
}

func (a *answered) wait(n int) {
	a.b.Helper()
	for begun := time.Now(); a.count() < n; time.Sleep(time.Millisecond) {
		if time.Since(begun) > 3*time.Minute {
			a.b.Fatalf("%d answers in 3 minutes, want %d", a.count(), n)
		}
	}
}

func (a *answered) forget() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.took = nil
	clear(a.acknowledged)
	clear(a.read)
}

// sinceLogged is how long answers took from when the log acknowledged what they answer,
// the shortest first.
func (a *answered) sinceLogged() []time.Duration {
	var all []time.Duration
	for header, read := range a.read {
		if since, known := a.acknowledged[header]; known {
			all = append(all, read.Sub(since))
		}
	}
	slices.Sort(all)
	return all
}

func (a *answered) report(rate int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	slices.Sort(a.took)
	at := func(q float64) float64 { return float64(a.took[int(q*float64(len(a.took)-1))].Microseconds()) / 1000 }
	a.b.ReportMetric(at(0.5), "p50-ms")
	a.b.ReportMetric(at(0.99), "p99-ms")
	if since := a.sinceLogged(); len(since) > 0 {
		a.b.ReportMetric(since[len(since)/2].Seconds()*1000, "logged-p50-ms")
		a.b.ReportMetric(since[len(since)*99/100].Seconds()*1000, "logged-p99-ms")
	}
	var lines strings.Builder
	for _, limit := range []time.Duration{1, 2, 3, 5, 7, 10, 15, 20, 30, 50, 100, 200, 500, 1000} {
		n, _ := slices.BinarySearch(a.took, limit*time.Millisecond)
		fmt.Fprintf(&lines, "; %d ms %.1f %%", limit, 100*float64(n)/float64(len(a.took)))
	}
	a.b.Logf("%d answers at %d events/s; p90 %.1f ms, p99.9 %.1f ms, longest %.1f ms; within%s", len(a.took), rate, at(0.9), at(0.999), at(1), strings.TrimPrefix(lines.String(), ";"))
}

// scorerJob is the scorer's process.
type scorerJob struct{ cmd *exec.Cmd }

func scorerApart(b *testing.B, cfg kafka.Config) scorerJob {
	b.Helper()
	name, err := binary()
	if err != nil {
		b.Fatal(err)
	}
	cmd := exec.Command(name, "score", "--brokers", cfg.Brokers, "--model", "prior")
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait() // reports the kill
	})
	return scorerJob{cmd}
}

// resident is the memory that the process has now, in MB; 0 where it can't be told.
func (j scorerJob) resident(b *testing.B) float64 {
	b.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", j.cmd.Process.Pid))
	if err != nil {
		return 0 // not on Linux
	}
	_, after, _ := strings.Cut(string(text), "VmRSS:")
	var kB float64
	if _, err := fmt.Sscan(after, &kB); err != nil {
		b.Fatal(err)
	}
	return kB / 1024
}

// BenchmarkScoreRestart kills the scorer of 50,000 people (kill -9) while events arrive,
// starts it again, and takes the time from the kill to the first answer to an event
// that was made after it.
func BenchmarkScoreRestart(b *testing.B) {
	people := setting(b, "TITRATE_BENCH_PEOPLE", 50_000)
	broker := brokerApart(b, b.TempDir())
	if err := kafka.CreateTopics(b.Context(), broker.Config, topics(topicEvents, setting(b, "TITRATE_BENCH_PARTITIONS", 12), false)); err != nil {
		b.Fatal(err)
	}
	answers := listen(b, broker.Config)
	town := town{b: b, producer: fleet(b, broker.Config, answers), people: people}
	town.past(12)
	town.meals(24)
	job := scorerApart(b, broker.Config)
	answers.wait(24)
	var took []time.Duration
	for b.Loop() {
		if err := job.cmd.Process.Kill(); err != nil {
			b.Fatal(err)
		}
		killed := time.Now()
		_ = job.cmd.Wait() // reports the kill
		job = scorerApart(b, broker.Config)
		answers.forget()
		for p := 0; answers.count() == 0; p++ {
			town.send(p%people, time.Now(), "meal", fmt.Sprintf(`"carbs_g":%d`, 20+p%60))
			time.Sleep(10 * time.Millisecond)
		}
		took = append(took, time.Since(killed))
		town.flush()
		time.Sleep(2 * time.Second) // what was asked meanwhile is answered, too
	}
	b.ReportMetric(slices.Max(took).Seconds(), "longest-s")
	b.ReportMetric(0, "ns/op")
	b.Logf("from the kill to the first new answer: %v", took)
}
