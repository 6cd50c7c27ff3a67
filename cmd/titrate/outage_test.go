package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/titrate/titrate/cleanse/lake/audit"
	"github.com/titrate/titrate/infra/kafka"
	"github.com/titrate/titrate/infra/s3/s3test"
)

// failing is a lake that can be made to fail, for real, and mended.
type failing struct {
	where      string
	fail, mend func()
	says       []string // in the line of the log that tells of it
}

// TestIngestOutlastsAnOutage has the store of a running job fail while events arrive.
// The job says so once and reads no more; when the cause is gone it goes on, without a
// restart, and the verifier finds each event once.
func TestIngestOutlastsAnOutage(t *testing.T) {
	for name, make := range map[string]func(*testing.T) failing{
		"full disk":               fullDisk,
		"read-only directory":     readOnlyDisk,
		"a file in the way":       fileInTheWay,
		"unmounted disk":          unmounted,
		"denied bucket":           refusing(http.StatusForbidden, "AccessDenied", "policy"),
		"expired credentials":     refusing(http.StatusForbidden, "ExpiredToken", "renew"),
		"bucket that isn't there": refusing(http.StatusNotFound, "NoSuchBucket", "make it first"),
		"a store out of order":    refusing(http.StatusInternalServerError, "InternalError", "InternalError"),
	} {
		t.Run(name, func(t *testing.T) { outlast(t, make(t)) })
	}
}

func outlast(t *testing.T, f failing) {
	cfg := startBroker(t)
	metrics := s3test.FreeAddress(t)
	must(t, "ingest", "--brokers", cfg.Brokers, "--lake", f.where, "--drain") // makes the topics
	p := start(t, "ingest", "--brokers", cfg.Brokers, "--lake", f.where, "--rotate-age", "100ms", "--metrics", metrics)
	sent := 0
	some := func() {
		sent += 300
		send(t, cfg, readings(sent-300, sent)...)
	}
	gauge := func(name, value string) func() bool {
		return func() bool {
			_, text := get(t, "http://"+metrics+"/metrics", "")
			return strings.Contains(text, name+`{job="ingest"} `+value)
		}
	}
	some()
	eventually(t, "the first events are read", func() bool {
		_, text := get(t, "http://"+metrics+"/metrics", "")
		return strings.Contains(text, `titrate_events_total{job="ingest",outcome="accepted"} 300`)
	})
	ready := func(want int) func() bool {
		return func() bool {
			status, _ := get(t, "http://"+metrics+"/readyz", "")
			return status == want
		}
	}
	eventually(t, "the job is ready", ready(http.StatusOK))
	f.fail()
	some()
	eventually(t, "the job says that the store fails", gauge("titrate_store_outage", "1"))
	eventually(t, "the job isn't ready", ready(http.StatusServiceUnavailable))
	for range 5 {
		some()
	}
	time.Sleep(2 * time.Second)
	if _, text := get(t, "http://"+metrics+"/metrics", ""); strings.Contains(text, fmt.Sprintf(`outcome="accepted"} %d`, sent)) {
		t.Error("the job went on reading")
	}
	f.mend()
	eventually(t, "the job goes on", gauge("titrate_store_outage", "0"))
	eventually(t, "the job is ready again", ready(http.StatusOK))
	some()
	eventually(t, "everything is read", func() bool {
		_, text := get(t, "http://"+metrics+"/metrics", "")
		return strings.Contains(text, fmt.Sprintf(`outcome="accepted"} %d`, sent)) && strings.Contains(text, `titrate_log_lag{job="ingest",partition="`)
	})
	p.stop(t)

	says := p.stderr.String()
	for _, want := range append(f.says, f.where) {
		if !strings.Contains(says, want) {
			t.Errorf("says %s, want %q in it", says, want)
		}
	}
	if n := strings.Count(says, "the store fails"); n != 1 || strings.Count(says, "the store works again") != 1 {
		t.Errorf("the outage is told %d times:\n%s", n, says)
	}
	var report audit.Report
	if err := json.Unmarshal([]byte(must(t, "verify", "--lake", f.where, "--brokers", cfg.Brokers, "--json").stdout), &report); err != nil {
		t.Fatal(err)
	}
	stored := int64(0)
	for _, part := range report.Partitions {
		stored += part.Counts.Accepted
	}
	if report.Wrong != 0 || stored != int64(sent) {
		t.Errorf("%d differences, %d of %d events are in the lake", report.Wrong, stored, sent)
	}
}

// readings are events number from to, each of its own minute.
func readings(from, to int) (all []kafka.Message) {
	now := time.Now().UTC().Truncate(time.Minute)
	for i := from; i < to; i++ {
		patient, at := fmt.Sprintf("p-%d", i%7), now.Add(-time.Duration(i/7)*5*time.Minute)
		all = append(all, kafka.Message{Topic: topicEvents, Key: []byte(patient), Value: fmt.Appendf(nil,
			`{"type":"glucose","patient":%q,"time":%q,"value":%d,"unit":"mg/dL","source":"cgm","device":"g7","backfill":true}`,
			patient, at.Format(time.RFC3339), 100+i%5)})
	}
	return all
}

// eventually waits until something is so.
func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(60 * time.Second); !is(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not within a minute: %s", what)
		}
	}
}

// disk is a small file system in memory, at a directory.
func disk(t *testing.T) string {
	t.Helper()
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "disk")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=4m"); err != nil {
		t.Skipf("a small disk can't be mounted: %v: this runs as root on Linux", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return dir
}

func fullDisk(t *testing.T) failing {
	dir := disk(t)
	filler := filepath.Join(dir, "filler")
	return failing{
		where: filepath.Join(dir, "lake"),
		fail: func() {
			f, err := os.Create(filler)
			if err == nil {
				_, err = io.Copy(f, bytes.NewReader(make([]byte, 5<<20)))
				err = errors.Join(err, f.Close())
			}
			if !errors.Is(err, syscall.ENOSPC) {
				t.Fatalf("filling the disk: %v", err)
			}
		},
		mend: func() { check(t, os.Remove(filler)) },
		says: []string{"no space left", "free some space"},
	}
}

func readOnlyDisk(t *testing.T) failing {
	dir := disk(t)
	remount := func(flags uintptr) {
		eventually(t, "nobody has a file open for writing", func() bool {
			return syscall.Mount("tmpfs", dir, "tmpfs", syscall.MS_REMOUNT|flags, "size=4m") == nil
		})
	}
	return failing{
		where: filepath.Join(dir, "lake"),
		fail:  func() { remount(syscall.MS_RDONLY) },
		mend:  func() { remount(0) },
		says:  []string{"read-only", "make it writable"},
	}
}

func fileInTheWay(t *testing.T) failing {
	t.Parallel()
	dir := t.TempDir()
	temp := filepath.Join(dir, "_tmp")
	return failing{
		where: dir,
		fail:  func() { check(t, os.Rename(temp, temp+"-aside")); check(t, os.WriteFile(temp, nil, 0o644)) },
		mend:  func() { check(t, os.Remove(temp)); check(t, os.Rename(temp+"-aside", temp)) },
		says:  []string{"not a directory", temp},
	}
}

func unmounted(t *testing.T) failing {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "lake")
	return failing{
		where: dir,
		fail:  func() { check(t, os.Rename(dir, dir+"-disk")); check(t, os.Mkdir(dir, 0o755)) },
		mend:  func() { check(t, os.Remove(dir)); check(t, os.Rename(dir+"-disk", dir)) },
		says:  []string{"unmounted"},
	}
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// refusing is a real S3 server behind a door that answers everything by one error.
func refusing(status int, code, says string) func(*testing.T) failing {
	return func(t *testing.T) failing {
		store := s3test.Start(t)
		var refuses atomic.Bool
		door := s3test.Between(t, store, func(w http.ResponseWriter, _ *http.Request) bool {
			return refuses.Load() && s3test.Answer(w, status, code)
		})
		t.Setenv("AWS_ENDPOINT_URL_S3", door)
		t.Setenv("AWS_MAX_ATTEMPTS", "2")
		return failing{
			where: "s3://lake/outage",
			fail:  func() { refuses.Store(true) },
			mend:  func() { refuses.Store(false) },
			says:  []string{says},
		}
	}
}
