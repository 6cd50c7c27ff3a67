package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/titrate/titrate/cleanse/lake"
	"github.com/titrate/titrate/ingest"
)

// BenchmarkCare makes a lake of TITRATE_BENCH_ROWS readings (2 million) of 10,000 people
// in files of 50,000, and has the program verify it, compact it, and verify it again.
func BenchmarkCare(b *testing.B) {
	rows := 2_000_000
	if text := os.Getenv("TITRATE_BENCH_ROWS"); text != "" {
		var err error
		if rows, err = strconv.Atoi(text); err != nil {
			b.Fatal(err)
		}
	}
	program, err := binary()
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		dir := filepath.Join(b.TempDir(), "lake")
		fillLake(b, dir, rows)
		for _, step := range []string{"verify", "compact", "verify-compacted"} {
			verb, _, _ := strings.Cut(step, "-")
			cmd := exec.CommandContext(b.Context(), program, verb, "--lake", dir)
			begun := time.Now()
			if err := cmd.Start(); err != nil {
				b.Fatal(err)
			}
			peak := peakOf(cmd.Process.Pid)
			if err := cmd.Wait(); err != nil {
				b.Fatalf("%s: %v", step, err)
			}
			took := time.Since(begun).Seconds()
			cpu := cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
			b.ReportMetric(float64(rows)/took, step+"-rows/s")
			b.ReportMetric(cpu.Seconds()/float64(rows)*1e6, step+"-cpu-µs/row")
			b.ReportMetric(float64(<-peak)/1024, step+"-MB")
		}
	}
	b.ReportMetric(0, "ns/op")
}

// fillLake stores readings, five minutes apart, of days long over.
func fillLake(b *testing.B, dir string, rows int) {
	const people, partitions, batch = 10_000, 6, 60_000
	bucket, err := lake.Dir(dir)
	if err != nil {
		b.Fatal(err)
	}
	w := lake.NewWriter(bucket, lake.WriterOptions{RotateRows: 50_000})
	for n := range int32(partitions) {
		if _, err := w.Assign(b.Context(), ingest.Partition{Topic: topicEvents, TopicID: "bench", Number: n}); err != nil {
			b.Fatal(err)
		}
	}
	begin := time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC)
	var next [partitions]int64
	for from := 0; from < rows; from += batch {
		records := make([]ingest.Record, 0, batch)
		for i := from; i < min(from+batch, rows); i++ {
			person := i % people
			n := person % partitions
			seen := begin.Add(time.Duration(i/people) * 5 * time.Minute)
			patient := fmt.Sprintf("patient-%05d", person)
			records = append(records, ingest.Record{
				Topic: topicEvents, Partition: int32(n), Offset: next[n], Seen: seen, Key: []byte(patient), Value: fmt.Appendf(nil,
					`{"type":"glucose","patient":%q,"time":%q,"value":%d,"unit":"mg/dL","source":"cgm","device":"g7-%04d"}`,
					patient, seen.Add(-7*time.Second).Format(time.RFC3339), 70+(i*7919)%150, person),
			})
			next[n]++
		}
		if err := w.Append(b.Context(), records); err != nil {
			b.Fatal(err)
		}
		if _, err := w.Flush(b.Context(), from+batch >= rows); err != nil {
			b.Fatal(err)
		}
	}
	b.Logf("%+v", w.Summary())
}

// peakOf tells, when the process has ended, how much memory it had at its peak, in kB. What
// the system tells of a child that has ended includes the memory of who started it.
func peakOf(pid int) <-chan int {
	peak := make(chan int, 1)
	go func() {
		most := 0
		for ; ; time.Sleep(20 * time.Millisecond) {
			text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
			_, line, found := strings.Cut(string(text), "VmHWM:")
			if !found {
				peak <- most
				return
			}
			var kB int
			if _, err := fmt.Sscan(line, &kB); err == nil {
				most = max(most, kB)
			}
		}
	}()
	return peak
}
