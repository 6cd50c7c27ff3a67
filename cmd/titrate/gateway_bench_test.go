package main

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// BenchmarkGateway posts single events and single entries of Nightscout, each with
// the credentials of one of 1,000 patients, to titrate serve in its own process; the
// embedded broker and the load share the machine with it. "at" begins 5,000 requests
// a second, whatever became of the earlier ones, and a request's time counts from
// when it was due; "max" sends as fast as 64 connections are answered. All that was
// acknowledged is looked for in the log.
func BenchmarkGateway(b *testing.B) {
	const seconds = 10
	for _, c := range []struct {
		name    string
		request func([]string, time.Time) func(int64) (string, string, string)
		rate    int64
		lanes   int
	}{
		{"entries/at=5000", entry, 5000, 256},
		{"events/at=5000", wire, 5000, 256},
		{"entries/max", entry, 0, 64},
		{"events/max", wire, 0, 64},
	} {
		b.Run(c.name, func(b *testing.B) {
			for range b.N {
				cfg := startBroker(b)
				secrets, text := townsfolk(1000)
				file := filepath.Join(b.TempDir(), "credentials.yaml")
				if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
					b.Fatal(err)
				}
				host, cpu := serveBench(b, "--brokers", cfg.Brokers, "--credentials", file)
				l := &load{host: host, request: c.request(secrets, time.Now().Add(-24*time.Hour)), lanes: c.lanes, rate: c.rate}
				stop := make(chan struct{})
				time.AfterFunc(seconds*time.Second, func() { close(stop) })
				l.run(stop)
				used := cpu()
				found := logged(b, everything(b, cfg))
				lost := 0
				for _, n := range l.acked {
					if !found[n] {
						lost++
					}
				}
				errors := 0
				for _, n := range l.other {
					errors += n
				}
				b.ReportMetric(float64(len(l.acked))/seconds, "posts/s")
				b.ReportMetric(float64(l.percentile(50).Microseconds())/1000, "p50-ms")
				b.ReportMetric(float64(l.percentile(99).Microseconds())/1000, "p99-ms")
				b.ReportMetric(float64(errors), "errors")
				b.ReportMetric(float64(lost), "lost")
				b.ReportMetric(used/float64(len(l.acked))*1e6, "serve-cpu-µs/post")
				b.ReportMetric(0, "ns/op")
			}
		})
	}
}

// serveBench runs titrate serve; cpu ends it and gives the seconds of CPU it used.
func serveBench(b *testing.B, args ...string) (host string, cpu func() float64) {
	b.Helper()
	name, err := binary()
	if err != nil {
		b.Fatal(err)
	}
	cmd := exec.Command(name, append([]string{"serve", "--model", "prior", "--listen", "127.0.0.1:0"}, args...)...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if cmd.ProcessState == nil {
			_ = cmd.Process.Kill()
			_ = cmd.Wait() // it was killed
		}
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		b.Fatal(err)
	}
	host, _, _ = strings.Cut(strings.TrimPrefix(line, "http://"), "/#")
	return host, func() float64 {
		_ = cmd.Process.Signal(os.Interrupt)
		_ = cmd.Wait() // what it used is told also if it didn't end well
		return (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds()
	}
}
