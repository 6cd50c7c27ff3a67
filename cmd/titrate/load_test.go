package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// load posts single events or documents to a server from connections that stay
// open, and keeps what was acknowledged.
type load struct {
	host    string                                    // host:port
	request func(n int64) (path, header, body string) // the n-th
	lanes   int                                       // connections

	// rate is how many requests begin each second, whether or not the earlier ones
	// were answered; a request that had to wait for a free connection has waited.
	// 0: each connection sends when it was answered.
	rate int64

	next  atomic.Int64
	mu    sync.Mutex
	acked []int64         // the n of requests that were acknowledged
	took  []time.Duration // of each of those, from when it was due
	other map[int]int     // by status, of those that weren't; 0: no answer
}

// run sends until stop is closed; begun is when the first request is due.
func (l *load) run(stop <-chan struct{}) {
	begun := time.Now()
	l.other = map[int]int{}
	var wait sync.WaitGroup
	for range l.lanes {
		wait.Go(func() { l.lane(begun, stop) })
	}
	wait.Wait()
}

func (l *load) lane(begun time.Time, stop <-chan struct{}) {
	var conn net.Conn
	var in *bufio.Reader
	for {
		select {
		case <-stop:
			if conn != nil {
				conn.Close()
			}
			return
		default:
		}
		n := l.next.Add(1) - 1
		due := time.Now()
		if l.rate > 0 {
			due = begun.Add(time.Duration(n) * time.Second / time.Duration(l.rate))
			time.Sleep(time.Until(due))
		}
		if conn == nil {
			var err error
			if conn, err = net.Dial("tcp", l.host); err != nil {
				l.done(n, due, 0)
				conn = nil
				time.Sleep(10 * time.Millisecond)
				continue
			}
			in = bufio.NewReader(conn)
		}
		status := l.post(conn, in, n)
		if l.done(n, due, status); status == 0 {
			conn.Close()
			conn = nil
		}
	}
}

// post sends the n-th request and gives the status of its answer, 0 if none came.
func (l *load) post(conn net.Conn, in *bufio.Reader, n int64) int {
	path, header, body := l.request(n)
	_, err := fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\n%s\r\nContent-Length: %d\r\n\r\n%s", path, l.host, header, len(body), body)
	if err != nil {
		return 0
	}
	resp, err := http.ReadResponse(in, nil)
	if err != nil {
		return 0
	}
	defer resp.Body.Close()
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		return 0
	}
	return resp.StatusCode
}

func (l *load) done(n int64, due time.Time, status int) {
	took := time.Since(due)
	l.mu.Lock()
	defer l.mu.Unlock()
	if status != http.StatusOK {
		l.other[status]++
		return
	}
	l.acked, l.took = append(l.acked, n), append(l.took, took)
}

// percentile of the times, by the nearest rank.
func (l *load) percentile(p float64) time.Duration {
	sorted := slices.Sorted(slices.Values(l.took))
	return sorted[min(len(sorted)-1, int(p/100*float64(len(sorted))))]
}

// townsfolk are so many patients, and a file of credentials for them.
func townsfolk(n int) (secrets []string, file string) {
	var b strings.Builder
	b.WriteString("credentials:\n")
	for i := range n {
		secrets = append(secrets, fmt.Sprintf("the secret of number %d", i))
		fmt.Fprintf(&b, "  - {patient: p-%d, secret: %q, may: [read, write], rate: 0}\n", i, secrets[i])
	}
	return secrets, b.String()
}

// entry is the n-th request as an uploader of Nightscout sends it: one reading, of
// the n-th patient in turn, five minutes after the same one's last.
func entry(secrets []string, begun time.Time) func(n int64) (path, header, body string) {
	return func(n int64) (string, string, string) {
		who, turn := n%int64(len(secrets)), n/int64(len(secrets))
		at := begun.Add(time.Duration(turn) * 5 * time.Minute)
		return "/api/v1/entries.json", "Authorization: Bearer " + secrets[who],
			fmt.Sprintf(`{"type":"sgv","sgv":%d,"date":%d,"dateString":%q,"direction":"Flat","device":"load %d"}`,
				100+turn%50, at.UnixMilli(), at.UTC().Format("2006-01-02T15:04:05.000Z"), n)
	}
}

// wire is the n-th request as one wire event.
func wire(secrets []string, begun time.Time) func(n int64) (path, header, body string) {
	return func(n int64) (string, string, string) {
		who, turn := n%int64(len(secrets)), n/int64(len(secrets))
		at := begun.Add(time.Duration(turn) * 5 * time.Minute)
		return "/v1/events", "Authorization: Bearer " + secrets[who],
			fmt.Sprintf(`{"type":"glucose","id":"load-%d","patient":"p-%d","time":%q,"value":%d,"unit":"mg/dL","source":"cgm","device":"load %d"}`,
				n, who, at.UTC().Format(time.RFC3339), 100+turn%50, n)
	}
}

// logged are the numbers of the load's requests whose event is in the topic.
func logged(t testing.TB, values [][]byte) map[int64]bool {
	t.Helper()
	found := map[int64]bool{}
	for _, v := range values {
		_, rest, ok := strings.Cut(string(v), `"device":"load `)
		var n int64
		if _, err := fmt.Sscanf(rest, "%d", &n); ok && err == nil {
			found[n] = true
		}
	}
	return found
}
