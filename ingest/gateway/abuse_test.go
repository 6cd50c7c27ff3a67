package gateway

import (
	"bufio"
	"bytes"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"time"
)

// rude sends a request in raw bytes to a gateway with the default limits: first the
// header, then body again and again until total bytes are sent or nobody listens. It
// gives the status, and how many bytes of the body went off.
func rude(t *testing.T, header string, body []byte, total int) (status, sent int) {
	t.Helper()
	server := httptest.NewServer(open(t, discard{}, func(o *Options) { o.Now = time.Now }))
	defer server.Close()
	conn, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "POST /v1/events HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n%s\r\n\r\n", header)
	answered := make(chan int, 1)
	go func() {
		resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			answered <- 0
			return
		}
		resp.Body.Close()
		answered <- resp.StatusCode
	}()
	for sent < total {
		n, err := conn.Write(body[:min(len(body), total-sent)])
		if sent += n; err != nil {
			break
		}
	}
	return <-answered, sent
}

// allocated is how many bytes fn allocates, in this process: of the server, mostly.
func allocated(fn func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	fn()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

const bearer = "Authorization: Bearer " + token

// TestAbuseIsCheap: what is far beyond the limits costs about what the limits allow,
// whoever sends it; of a stranger's body nothing is kept at all.
func TestAbuseIsCheap(t *testing.T) {
	block := bytes.Repeat([]byte(" "), 64<<10)
	bomb := []byte(pack(t, make([]byte, 256<<20)))
	million := []byte("[" + strings.Repeat("{},", 1_000_000) + "{}]")
	for _, c := range []struct {
		name, header string
		body         []byte
		total        int
		status       int
		most         uint64 // MB
	}{
		{"100 MB, told", bearer + "\r\nContent-Length: 100000000", block, 100e6, 413, 2},
		{"100 MB, not told", bearer + "\r\nTransfer-Encoding: chunked", chunked(block), 100e6, 413, 48},
		{"100 MB of a stranger", "Content-Length: 100000000", block, 100e6, 401, 2},
		{"100 MB of a stranger, not told", "Transfer-Encoding: chunked", chunked(block), 100e6, 401, 2},
		{"zip bomb", bearer + "\r\nContent-Encoding: gzip\r\nContent-Length: " + fmt.Sprint(len(bomb)), bomb, len(bomb), 413, 48},
		{"a million elements", bearer + "\r\nContent-Length: " + fmt.Sprint(len(million)), million, len(million), 413, 32},
	} {
		t.Run(c.name, func(t *testing.T) {
			var status, sent int
			used := allocated(func() { status, sent = rude(t, c.header, c.body, c.total) })
			// The server hangs up when it has answered; a client that still sends may
			// then miss the answer.
			if status != c.status && status != 0 {
				t.Errorf("status %d, want %d", status, c.status)
			}
			if used > c.most<<20 {
				t.Errorf("%d MB allocated, want at most %d", used>>20, c.most)
			}
			if c.total == 100e6 && sent > 32<<20 {
				t.Errorf("%d MB were taken off the client", sent>>20)
			}
		})
	}
}

func chunked(block []byte) []byte {
	return []byte(fmt.Sprintf("%x\r\n%s\r\n", len(block), block))
}

// TestASlowClientIsGivenUp: who sends a byte now and then is told so when Patience is
// over, and what was reserved for him is free again.
func TestASlowClientIsGivenUp(t *testing.T) {
	g := open(t, discard{}, func(o *Options) {
		o.Now, o.Patience, o.MaxBody, o.MaxHeld = time.Now, 50*time.Millisecond, 1000, 1000
	})
	server := httptest.NewServer(g)
	defer server.Close()
	conn, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "POST /v1/events HTTP/1.1\r\nHost: x\r\n%s\r\nContent-Length: 900\r\n\r\n", bearer)
	stop := make(chan struct{})
	dripped := make(chan struct{})
	go func() {
		defer close(dripped)
		for {
			select {
			case <-stop:
				return
			case <-time.After(5 * time.Millisecond):
				if _, err := conn.Write([]byte(" ")); err != nil {
					return
				}
			}
		}
	}()
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	close(stop)
	<-dripped
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusRequestTimeout {
		t.Errorf("status %d", resp.StatusCode)
	}
	if !g.held.TryAcquire(1000) {
		t.Error("what the slow client reserved is still held")
	}
}
