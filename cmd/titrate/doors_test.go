package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/titrate/titrate/ingest/gateway"
	"golang.org/x/sync/semaphore"
)

// A broker that is slow must be told from one that is gone: the sender slows down.
func TestAFullQueueIsBusy(t *testing.T) {
	d := &doorLog{clock: func(string) time.Time { return time.Now() }, room: semaphore.NewWeighted(100)}
	err := d.Send(context.Background(), []gateway.Message{{Key: []byte("p"), Value: make([]byte, 200)}})
	if !errors.Is(err, gateway.ErrBusy) {
		t.Errorf("%v", err)
	}
}

func TestCredentialsFile(t *testing.T) {
	const good = "credentials:\n- {patient: anna, secret: annas own long secret, may: [read, write]}\n"
	for _, c := range []struct{ name, text, want string }{
		{"good", good, ""},
		{"own rate", strings.Replace(good, "may:", "rate: 0, may:", 1), ""},
		{"everybody", strings.Replace(good, "anna,", `"*",`, 1), ""},
		{"unknown word", strings.Replace(good, "may:", "my:", 1), "line 2"},
		{"wrong kind", strings.Replace(good, "may: [read, write]", "rate: annas own long secret", 1), "line 2"},
		{"no permission", strings.Replace(good, "[read, write]", "[]", 1), "neither read nor write"},
		{"other permission", strings.Replace(good, "read,", "reed,", 1), `"reed"`},
		{"short", strings.Replace(good, "annas own long secret", "annas", 1), "shorter"},
		{"twice", good + "- {patient: bert, secret: annas own long secret, may: [read]}\n", "twice"},
		{"nobody", "credentials: []\n", "nobody"},
		{"empty", "", "nobody"},
		{"no YAML", "\t:::", "credentials:"},
	} {
		t.Run(c.name, func(t *testing.T) {
			all, err := parseCredentials([]byte(c.text), 20)
			if c.want == "" {
				if err != nil || len(all) != 1 {
					t.Errorf("%v, %v", all, err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("%v, want %s", err, c.want)
			}
			if strings.Contains(err.Error(), "own long") {
				t.Errorf("the error tells the secret: %v", err)
			}
		})
	}
}

func TestMistakesOfAccessAreUsage(t *testing.T) {
	bad := filepath.Join(t.TempDir(), "credentials.yaml")
	if err := os.WriteFile(bad, []byte("credentials: 5"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, a := range map[string]accessFlags{
		"rate": {rate: -1}, "proxy": {proxies: []string{"proxy.example.org"}}, "missing file": {file: bad + ".not"}, "bad file": {file: bad},
	} {
		var usage usageError
		if _, err := a.open(); !errors.As(err, &usage) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := (&accessFlags{proxies: []string{"10.0.0.0/8", "::1"}}).open(); err != nil {
		t.Error(err)
	}
}
