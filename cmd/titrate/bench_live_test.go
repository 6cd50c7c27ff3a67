package main

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/titrate/titrate/cleanse/lake"
	"github.com/titrate/titrate/infra/kafka"
)

// BenchmarkFreshness sends 10,000 readings a second for a minute to a job with
// default settings, and says how long after the log took a row it could be queried:
// until the done mark of its claim was there, which comes after the files.
func BenchmarkFreshness(b *testing.B) {
	const perSecond, lasts = 10_000, time.Minute
	for range b.N {
		broker := brokerApart(b, b.TempDir())
		createTopics(b, broker.Config, 12)
		dir := b.TempDir()
		job := startJob(b, broker, dir)
		done := watchClaims(b, dir)
		sendReadings(b, broker.Config, perSecond, lasts)
		stopJob(b, job)
		took := ages(b, dir, done())
		if want := perSecond * int(lasts.Seconds()); len(took) != want {
			b.Fatalf("%d rows in the lake, want %d", len(took), want)
		}
		b.ReportMetric(took[len(took)/2].Seconds(), "p50-s")
		b.ReportMetric(took[len(took)*99/100].Seconds(), "p99-s")
		b.ReportMetric(took[len(took)-1].Seconds(), "max-s")
	}
}

// BenchmarkRestart kills a job that holds rows of 100 partitions and says how soon
// after its next start a new record is in the lake. The new job is the same member
// of its group (group.instance.id): else the broker waits for the dead one until
// its session is over. It stores at once, so that its first files tell.
func BenchmarkRestart(b *testing.B) {
	for range b.N {
		broker := brokerApart(b, b.TempDir())
		createTopics(b, broker.Config, 100)
		dir := b.TempDir()
		sendReadings(b, broker.Config, 100_000, 2*time.Second) // some are stored, ...
		member := []string{"--kafka-set", "group.instance.id=bench"}
		job := startJob(b, broker, dir, append(member, "--rotate-age", "1s")...)
		for len(claimsOf(b, dir)) < 100 {
			time.Sleep(20 * time.Millisecond)
		}
		sendReadings(b, broker.Config, 20_000, 800*time.Millisecond) // ... and some are held
		if err := job.Process.Kill(); err != nil {
			b.Fatal(err)
		}
		_ = job.Wait() // it was killed
		before := claimsOf(b, dir)
		sendReadings(b, broker.Config, 20_000, 100*time.Millisecond)
		begun := time.Now()
		job = startJob(b, broker, dir, append(member, "--rotate-age", "1ms")...)
		for len(claimsOf(b, dir)) == len(before) {
			time.Sleep(5 * time.Millisecond)
		}
		b.ReportMetric(time.Since(begun).Seconds(), "to-first-record-s")
		for last := len(before) + 1; ; time.Sleep(50 * time.Millisecond) {
			if n := len(claimsOf(b, dir)); n >= len(before)+100 || n == last && time.Since(begun) > 20*time.Second {
				break
			}
		}
		b.ReportMetric(time.Since(begun).Seconds(), "to-all-partitions-s")
		stopJob(b, job)
	}
}

func createTopics(b *testing.B, cfg kafka.Config, partitions int) {
	b.Helper()
	if err := kafka.CreateTopics(context.Background(), cfg, topics(topicEvents, partitions, true)); err != nil {
		b.Fatal(err)
	}
}

// startJob starts the program as a user does.
func startJob(b *testing.B, broker apart, dir string, more ...string) *exec.Cmd {
	b.Helper()
	name, err := binary()
	if err != nil {
		b.Fatal(err)
	}
	cmd := exec.Command(name, append([]string{"ingest", "--brokers", broker.Brokers, "--lake", dir}, more...)...)
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	return cmd
}

// stopJob has the job store what it holds and end.
func stopJob(b *testing.B, job *exec.Cmd) {
	b.Helper()
	if err := job.Process.Signal(syscall.SIGTERM); err != nil {
		b.Fatal(err)
	}
	if err := job.Wait(); err != nil {
		b.Fatal(err)
	}
}

// sendReadings sends readings of 1,000 people, in twentieths of a second.
func sendReadings(b *testing.B, cfg kafka.Config, perSecond int, lasts time.Duration) {
	b.Helper()
	producer, err := kafka.NewProducer(cfg)
	if err != nil {
		b.Fatal(err)
	}
	defer producer.Close()
	const every = 50 * time.Millisecond
	begun := time.Now()
	for n, end := 0, perSecond*int(lasts/every)/int(time.Second/every); n < end; {
		now := time.Now()
		for part := n + perSecond/int(time.Second/every); n < part; n++ {
			patient := fmt.Sprintf("p-%03d", n%1000)
			value := fmt.Appendf(nil, `{"type":"glucose","patient":%q,"time":%q,"value":%d,"unit":"mg/dL","source":"cgm","device":"g7","id":"%d-%d"}`,
				patient, now.UTC().Format(time.RFC3339Nano), 80+n%100, begun.UnixNano(), n)
			if err := producer.Enqueue(context.Background(), kafka.Message{Topic: topicEvents, Key: []byte(patient), Value: value}); err != nil {
				b.Fatal(err)
			}
		}
		time.Sleep(time.Until(begun.Add(time.Duration(n) * time.Second / time.Duration(perSecond))))
	}
	if err := producer.Flush(context.Background()); err != nil {
		b.Fatal(err)
	}
}

// claim is a done mark: the partition and first offset of what is stored.
type claim struct {
	partition int32
	start     int64
}

// claimsOf are the done marks in a lake.
func claimsOf(b *testing.B, dir string) (found []claim) {
	b.Helper()
	bucket, err := lake.Dir(dir)
	if err != nil {
		b.Fatal(err)
	}
	err = bucket.List(context.Background(), "_ledger/", "", func(o lake.Object) error {
		folder, file := path.Split(o.Name)
		text, isDone := strings.CutSuffix(file, ".done")
		if !isDone {
			return nil
		}
		number, err1 := strconv.ParseInt(path.Base(folder), 10, 32)
		start, err2 := strconv.ParseInt(text, 10, 64)
		found = append(found, claim{int32(number), start})
		return cmp.Or(err1, err2)
	})
	if err != nil {
		b.Fatal(err)
	}
	return found
}

// watchClaims looks for done marks until the returned function is called, which
// says when each was first seen.
func watchClaims(b *testing.B, dir string) (done func() map[claim]time.Time) {
	stop, seen := make(chan struct{}), make(chan map[claim]time.Time)
	go func() {
		found := map[claim]time.Time{}
		for last := false; ; {
			for _, c := range claimsOf(b, dir) {
				if _, known := found[c]; !known {
					found[c] = time.Now()
				}
			}
			if last {
				seen <- found
				return
			}
			select {
			case <-stop:
				last = true
			case <-time.After(50 * time.Millisecond):
			}
		}
	}()
	return func() map[claim]time.Time {
		close(stop)
		return <-seen
	}
}

// ages are how old the rows of a lake were when their claims were seen, sorted.
func ages(b *testing.B, dir string, seen map[claim]time.Time) (all []time.Duration) {
	b.Helper()
	starts := map[int32][]int64{}
	for c := range seen {
		starts[c.partition] = append(starts[c.partition], c.start)
	}
	for _, of := range starts {
		slices.Sort(of)
	}
	bucket, err := lake.Dir(dir)
	if err != nil {
		b.Fatal(err)
	}
	o := lake.ScanOptions{Table: lake.Glucose, Columns: []string{"kafka_partition", "kafka_offset", "received"}}
	err = lake.Scan(context.Background(), bucket, o, func(r arrow.Record) error {
		for i := range int(r.NumRows()) {
			number := r.Column(0).(*array.Int32).Value(i)
			offset := r.Column(1).(*array.Int64).Value(i)
			received := time.UnixMicro(int64(r.Column(2).(*array.Timestamp).Value(i)))
			of := starts[number]
			n, exact := slices.BinarySearch(of, offset)
			if !exact {
				n--
			}
			all = append(all, seen[claim{number, of[n]}].Sub(received))
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	slices.Sort(all)
	return all
}
