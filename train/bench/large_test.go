package bench

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/titrate/titrate/cleanse"
	"github.com/titrate/titrate/train"
	"github.com/titrate/titrate/train/fit"
)

// BenchmarkFiveMillion trains on five million examples: a hundred people's fortnights,
// each told under many names. It reports the memory that the process holds at most that
// is not just a copy of a file.
func BenchmarkFiveMillion(b *testing.B) {
	lives, err := Live(VirtualOptions{People: 100, Days: 14, Seed: 5})
	if err != nil {
		b.Fatal(err)
	}
	wanted := 5_000_000
	if few := os.Getenv("TITRATE_EXAMPLES"); few != "" {
		if wanted, err = strconv.Atoi(few); err != nil {
			b.Fatal(err)
		}
	}
	times := (wanted + 180_000 - 1) / 180_000
	replay := func(fn func(string, []cleanse.Event) error) error {
		for k := range times {
			for _, p := range lives.people {
				if err := fn(fmt.Sprintf("%s-%d", p.name, k), p.events); err != nil {
					return err
				}
			}
		}
		return nil
	}
	for b.Loop() {
		most := make(chan float64)
		done := make(chan struct{})
		go func() { most <- watchMemory(done) }()
		begun := time.Now()
		var fitting time.Time
		result, err := train.Run(context.Background(), train.Options{
			Replay: replay, Fit: fit.Weights, Seed: 1, Scratch: b.TempDir(),
			Progress: func(p train.Progress) {
				if p.Stage == "fitting" && p.Epoch.Number == 0 {
					fitting = time.Now()
					b.ReportMetric(time.Since(begun).Seconds(), "s-reading")
				}
				if p.Epoch.Number > 0 {
					b.Logf("%v pass %d of %d: loss %.4f, %.0f rows/s", time.Since(begun).Round(time.Second),
						p.Epoch.Number, p.Epoch.Of, p.Epoch.Tune, float64(p.Epoch.Rows*p.Epoch.Number)/time.Since(fitting).Seconds())
				}
			},
		})
		close(done)
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(result.Report.Examples), "examples")
		b.ReportMetric(<-most, "MB-most")
	}
}

// watchMemory is the most of the process's anonymous memory, in MB.
func watchMemory(done <-chan struct{}) (most float64) {
	for {
		select {
		case <-done:
			return most
		case <-time.After(50 * time.Millisecond):
			most = max(most, anonymous())
		}
	}
}

func anonymous() float64 {
	data, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(data)) {
		if fields := strings.Fields(line); len(fields) > 1 && fields[0] == "RssAnon:" {
			kb, _ := strconv.ParseFloat(fields[1], 64)
			return kb / 1024
		}
	}
	return 0
}
