package main

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// A job that runs for days says what it has done every ten minutes, not every ten seconds; work
// that ends goes on telling.
func TestEndlessWorkTellsSeldom(t *testing.T) {
	before := slog.Default()
	t.Cleanup(func() { slog.SetDefault(before) })
	lines := func(total int64) (n int) {
		synctest.Test(t, func(*testing.T) {
			var log bytes.Buffer
			slog.SetDefault(slog.New(slog.NewTextHandler(&log, nil)))
			p := startProgress("Working", total)
			for i := range int64(24 * 3600) {
				time.Sleep(time.Second)
				p.set(i, "")
			}
			n = strings.Count(log.String(), "msg=Working")
		})
		return n
	}
	if endless := lines(0); endless < 100 || endless > 200 {
		t.Errorf("%d lines in a day of work without an end, want about 150", endless)
	}
	if ends := lines(1e6); ends < 8000 {
		t.Errorf("%d lines in a day of work that ends", ends)
	}
}
