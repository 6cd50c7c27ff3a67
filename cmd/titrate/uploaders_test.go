package main

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/titrate/titrate/infra/kafka"
	"github.com/titrate/titrate/ingest"
)

// uploaders are the programs of TestUploaders. They are GPL and AGPL: outside
// clients, installed for the run, of which nothing enters this repository.
var uploaders = []string{"share2nightscout-bridge@0.2.12", "nightscout-connect@0.0.12", "oref0@0.7.1"}

const annasSecret = "annas own long secret"

// TestUploaders has uploaders that people use send to titrate serve, unmodified and
// one after the other, as one patient: what each read from its vendor's server (a
// stand-in on this machine) must be in the log. The vendors' servers are the only
// thing that isn't real.
func TestUploaders(t *testing.T) {
	if os.Getenv("TITRATE_NPM") == "" {
		t.Skip("installs uploaders from npm: make test-uploaders runs it")
	}
	npm := install(t, uploaders...)
	cfg, host := serveAnna(t)
	vendor := httptest.NewTLSServer(vendors(time.Now()))
	defer vendor.Close()
	vendorHost := strings.TrimPrefix(vendor.URL, "https://")

	var want []string
	expect := func(who string, readings ...string) {
		t.Helper()
		want = append(want, readings...)
		if got := glucoseOf(waitForEvents(t, cfg, len(want)), "anna"); !slices.Equal(got, want) {
			t.Fatalf("after %s the log holds\n%s\nwant\n%s", who, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}

	entries := filepath.Join(t.TempDir(), "entries.json")
	text := fmt.Sprintf(`[{"type":"sgv","sgv":111,"date":%d,"dateString":%q,"device":"openaps"},{"type":"sgv","sgv":112,"date":%d,"dateString":%q,"device":"openaps"}]`,
		ago(30).UnixMilli(), ago(30).Format("2006-01-02T15:04:05-0700"), ago(25).UnixMilli(), ago(25).Format("2006-01-02T15:04:05-0700"))
	if err := os.WriteFile(entries, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	once := client(t, npm, nil, "bash", "oref0/bin/ns-upload-entries.sh", entries)
	once.Env = append(once.Env, "NIGHTSCOUT_HOST="+host, "API_SECRET=token="+strings.ReplaceAll(annasSecret, " ", "%20"))
	if out, err := once.CombinedOutput(); err != nil {
		t.Fatalf("oref0: %v\n%s", err, out)
	}
	expect("oref0", "111 openaps", "112 openaps")

	stop := background(t, client(t, npm, []string{
		"NS=" + host, "API_SECRET=" + annasSecret, "BRIDGE_SERVER=" + vendorHost, "DEXCOM_ACCOUNT_NAME=anna", "DEXCOM_PASSWORD=p", "firstFetchCount=3",
	}, "node", "share2nightscout-bridge/index.js"))
	expect("share2nightscout-bridge", "121 share2 Flat", "122 share2 Flat", "123 share2 FortyFiveUp")
	stop()

	stop = background(t, client(t, npm, []string{
		"CONNECT_SOURCE=linkup", "CONNECT_LINK_UP_SERVER=" + vendorHost, "CONNECT_LINK_UP_USERNAME=anna", "CONNECT_LINK_UP_PASSWORD=p", "CONNECT_LINK_UP_REGION=eu",
		"CONNECT_NIGHTSCOUT_ENDPOINT=" + host, "CONNECT_API_SECRET=" + annasSecret, "NODE_EXTRA_CA_CERTS=" + certificate(t, vendor), "TZ=UTC",
	}, "node", "nightscout-connect/bin/nightscout-connect", "capture", t.TempDir()))
	// Only what is newer than what the site holds: it asked the site for that.
	expect("nightscout-connect", "131 nightscout-connect-librelinkup FortyFiveDown", "132 nightscout-connect-librelinkup Flat")
	stop()
}

// install puts npm packages into a directory of their own and gives it. No script
// of theirs runs.
func install(t *testing.T, packages ...string) string {
	t.Helper()
	dir := t.TempDir()
	cmd := exec.CommandContext(t.Context(), "npm", append([]string{"install", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", dir}, packages...)...)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("npm install: %v\n%s", err, out)
	}
	return filepath.Join(dir, "node_modules")
}

// client prepares a program that lies under the npm packages.
func client(t *testing.T, npm string, env []string, interpreter, script string, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), interpreter, append([]string{filepath.Join(npm, script)}, args...)...)
	cmd.Env = append(os.Environ(), env...)
	return cmd
}

// background runs cmd until stop; what it said is shown if the test fails.
func background(t *testing.T, cmd *exec.Cmd) (stop func()) {
	t.Helper()
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	stopped := false
	stop = func() {
		if !stopped {
			stopped = true
			_ = cmd.Process.Kill()
			_ = cmd.Wait() // it was killed
		}
	}
	t.Cleanup(func() {
		if stop(); t.Failed() {
			t.Logf("%s:\n%s", filepath.Base(cmd.Args[1]), out.String())
		}
	})
	return stop
}

// serveAnna runs titrate serve with a credential of one patient.
func serveAnna(t *testing.T) (cfg kafka.Config, host string) {
	t.Helper()
	cfg = startBroker(t)
	p := start(t, serveArgs(t, cfg)...)
	host, _, _ = strings.Cut(p.line(t, "http://"), "/#")
	return cfg, host
}

// serveArgs start a server on a free port that lets anna in.
func serveArgs(t *testing.T, cfg kafka.Config) []string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "credentials.yaml")
	text := "credentials:\n  - {patient: anna, secret: " + annasSecret + ", may: [read, write], rate: 0}\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return []string{"serve", "--brokers", cfg.Brokers, "--model", "prior", "--listen", "127.0.0.1:0", "--token", "the app's own token", "--credentials", file}
}

// waitForEvents reads the topic until it holds n events, and gives up after a while.
func waitForEvents(t *testing.T, cfg kafka.Config, n int) (all []ingest.Record) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	err := kafka.Tail(ctx, cfg, kafka.TailConfig{Topics: []string{topicEvents}, OnRecord: func(rec ingest.Record) {
		if all = append(all, rec); len(all) == n {
			cancel()
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// glucoseOf is a patient's readings in mg/dL, the earliest first, with their device
// and trend.
func glucoseOf(records []ingest.Record, patient string) (all []string) {
	var readings []ingest.Wire
	for _, rec := range records {
		var w ingest.Wire
		if json.Unmarshal(rec.Value, &w) == nil && w.Type == "glucose" && w.Patient == patient && w.Unit == "mg/dL" {
			readings = append(readings, w)
		}
	}
	slices.SortFunc(readings, func(a, b ingest.Wire) int { return strings.Compare(a.Time, b.Time) })
	for _, w := range readings {
		all = append(all, strings.TrimSpace(fmt.Sprintf("%v %s %s", *w.Value, w.Device, w.Trend)))
	}
	return all
}

// ago is so many minutes before now, to the second.
func ago(minutes int) time.Time {
	return time.Now().Add(-time.Duration(minutes) * time.Minute).Truncate(time.Second).UTC()
}

// certificate is a file with the server's own, for clients to trust.
func certificate(t *testing.T, server *httptest.Server) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "ca.pem")
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	if err := os.WriteFile(file, text, 0o644); err != nil {
		t.Fatal(err)
	}
	return file
}

// vendors stands in for Dexcom Share and LibreLinkUp.
func vendors(now time.Time) http.Handler {
	mux := http.NewServeMux()
	say := func(pattern string, v any) {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_ = json.NewEncoder(w).Encode(v) // the client is gone, and its test fails
		})
	}
	share := func(minutes, value, trend int) map[string]any {
		ms := now.Add(-time.Duration(minutes) * time.Minute).UnixMilli()
		stamp := "Date(" + strconv.FormatInt(ms, 10) + ")"
		return map[string]any{"WT": stamp, "ST": stamp, "DT": stamp, "Value": value, "Trend": trend}
	}
	say("POST /ShareWebServices/Services/General/AuthenticatePublisherAccount", "account")
	say("POST /ShareWebServices/Services/General/LoginPublisherAccountById", "session")
	say("POST /ShareWebServices/Services/Publisher/ReadPublisherLatestGlucoseValues",
		[]any{share(10, 123, 3), share(15, 122, 4), share(20, 121, 4)})

	libre := func(minutes, value, arrow int) map[string]any {
		at := now.Add(-time.Duration(minutes) * time.Minute).UTC()
		return map[string]any{"FactoryTimestamp": at.Format("1/2/2006 3:04:05 PM"), "ValueInMgPerDl": value, "TrendArrow": arrow}
	}
	say("POST /llu/auth/login", map[string]any{"status": 0, "data": map[string]any{"authTicket": map[string]any{"token": "t"}}})
	say("GET /llu/connections", map[string]any{"status": 0, "data": []any{map[string]any{"patientId": "p"}}})
	say("GET /llu/connections/p/graph", map[string]any{"status": 0, "data": map[string]any{
		"graphData": []any{libre(25, 130, 3), libre(15, 130, 3), libre(5, 131, 2), libre(0, 132, 3)},
	}})
	return mux
}
