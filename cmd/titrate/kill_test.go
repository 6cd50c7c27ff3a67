package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/titrate/titrate/infra/kafka"
	"github.com/titrate/titrate/ingest"
)

// TestNothingAcknowledgedIsLostByAKill kills titrate serve while it is sent as much
// as it takes, and looks for every acknowledged event in the log.
func TestNothingAcknowledgedIsLostByAKill(t *testing.T) {
	for name, request := range map[string]func([]string, time.Time) func(int64) (string, string, string){"events": wire, "entries": entry} {
		t.Run(name, func(t *testing.T) {
			cfg := startBroker(t)
			secrets, text := townsfolk(50)
			file := filepath.Join(t.TempDir(), "credentials.yaml")
			if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			p := start(t, "serve", "--brokers", cfg.Brokers, "--model", "prior", "--listen", "127.0.0.1:0", "--credentials", file)
			host, _, _ := strings.Cut(p.line(t, "http://"), "/#")
			l := &load{host: strings.TrimPrefix(host, "http://"), request: request(secrets, time.Now()), lanes: 16}
			stop := make(chan struct{})
			go func() {
				time.Sleep(1500 * time.Millisecond)
				if err := p.cmd.Process.Kill(); err != nil {
					t.Error(err)
				}
				_ = p.cmd.Wait() // it was killed
				close(stop)
			}()
			l.run(stop)
			found := logged(t, everything(t, cfg))
			for _, n := range l.acked {
				if !found[n] {
					t.Errorf("request %d was acknowledged, but isn't in the log", n)
				}
			}
			if len(l.acked) < 100 || l.other[0] == 0 {
				t.Errorf("%d acknowledged, %v not: the kill didn't come under load", len(l.acked), l.other)
			}
			t.Logf("%d acknowledged, %d in the log, %v refused or unanswered", len(l.acked), len(found), l.other)
		})
	}
}

// everything is the values of the topic up to its present end.
func everything(t testing.TB, cfg kafka.Config) (all [][]byte) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	err := kafka.Tail(ctx, cfg, kafka.TailConfig{
		Topics:     []string{topicEvents},
		OnRecord:   func(rec ingest.Record) { all = append(all, rec.Value) },
		OnCaughtUp: cancel,
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}
