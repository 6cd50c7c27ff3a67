package main

import (
	"fmt"
	"io"
	"log/slog"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// progress tells what long work is doing: a bar on a terminal, log lines
// elsewhere. The zero total means that the end is not known.
type progress struct {
	name  string
	bar   *progressbar.ProgressBar
	begun time.Time
	total int64
	done  int64
	told  time.Time
	every time.Duration // from one log line to the next
}

// tellEvery is how often progress becomes a log line where there is no terminal. Of work whose
// end isn't known, each time half as often, down to tellSeldom: a job that runs for weeks
// must not bury what matters.
const (
	tellEvery  = 10 * time.Second
	tellSeldom = 10 * time.Minute
)

func startProgress(name string, total int64) *progress {
	p := &progress{name: name, total: total, begun: time.Now(), told: time.Now(), every: tellEvery}
	if !term.IsTerminal(int(os.Stderr.Fd())) {
		slog.Info(name)
		return p
	}
	if total == 0 {
		total = -1
	}
	p.bar = progressbar.NewOptions64(total,
		progressbar.OptionSetDescription(fmt.Sprintf("  %-34s", name)),
		progressbar.OptionSetWriter(os.Stderr),
		progressbar.OptionSetWidth(24),
		progressbar.OptionThrottle(100*time.Millisecond),
		progressbar.OptionShowCount(),
		progressbar.OptionClearOnFinish(),
		progressbar.OptionSetTheme(progressbar.ThemeUnicode))
	return p
}

// set says how much is done; a note tells what that means now.
func (p *progress) set(done int64, note string) {
	p.done = done
	if p.bar != nil {
		if note != "" {
			p.bar.Describe(fmt.Sprintf("  %-20s %-14s", p.name, note))
		}
		_ = p.bar.Set64(done) // the display is not worth stopping for
		return
	}
	if time.Since(p.told) < p.every {
		return
	}
	p.told = time.Now()
	if p.total == 0 {
		p.every = min(2*p.every, tellSeldom)
	}
	slog.Info(p.name, p.figures(note)...)
}

// figures leaves out a total that isn't known.
func (p *progress) figures(note string) []any {
	args := []any{"done", p.done}
	if p.total > 0 {
		args = append(args, "of", p.total)
	}
	if note != "" {
		args = append(args, "note", note)
	}
	return args
}

// end closes the display with one line that stays.
func (p *progress) end(result string) {
	took := time.Since(p.begun).Round(100 * time.Millisecond)
	if p.bar == nil {
		slog.Info(p.name, "result", result, "took", took)
		return
	}
	_ = p.bar.Finish()
	writeLine(os.Stderr, "  ✓ %-34s %s  (%s)", p.name, result, took)
}

func writeLine(w io.Writer, format string, args ...any) { fmt.Fprintf(w, format+"\n", args...) }
