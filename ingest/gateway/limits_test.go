package gateway

import (
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
)

func TestLimits(t *testing.T) {
	exactly := "[" + anna + "]"
	for _, c := range []struct {
		name   string
		change func(*Options)
		body   string
		status int
	}{
		{"body that just fits", func(o *Options) { o.MaxBody = int64(len(exactly)) }, exactly, 200},
		{"body too large", func(o *Options) { o.MaxBody = int64(len(exactly)) - 1 }, exactly, 413},
		{"events that just fit", func(o *Options) { o.MaxEvents = 2 }, "[" + anna + "," + bert + "]", 200},
		{"an event too many", func(o *Options) { o.MaxEvents = 1 }, "[" + anna + "," + bert + "]", 413},
		{"a line too many", func(o *Options) { o.MaxEvents = 1 }, anna + "\n" + bert, 413},
		{"event that just fits", func(o *Options) { o.MaxEvent = len(anna) }, anna, 200},
		{"event too large", func(o *Options) { o.MaxEvent = len(anna) - 1 }, "[" + anna + "," + bert + "]", 207},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, length := range []int64{int64(len(c.body)), -1} {
				log := &memory{}
				r := request("", c.body)
				r.ContentLength = length
				w := do(open(t, log, c.change), r)
				if w.Code != c.status {
					t.Errorf("length %d: status %d, want %d: %s", length, w.Code, c.status, w.Body)
				}
				if c.status == 413 && len(log.messages) > 0 {
					t.Errorf("length %d: %d logged", length, len(log.messages))
				}
			}
		})
	}
}

func pack(t testing.TB, body []byte) string {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write(body); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestPackedBodies(t *testing.T) {
	good := pack(t, []byte(anna))
	bomb := pack(t, append([]byte(anna), bytes.Repeat([]byte(" "), 9<<20)...))
	for _, c := range []struct {
		name, encoding, body string
		status               int
	}{
		{"gzip", "gzip", good, 200},
		{"bomb", "gzip", bomb, 413},
		{"not gzip", "gzip", anna, 400},
		{"broken off", "gzip", good[:len(good)-9], 400},
		{"unknown", "br", anna, 415},
		{"none", "identity", anna, 200},
	} {
		r := request(plain, c.body)
		r.Header.Set("Content-Encoding", c.encoding)
		if w := do(open(t, &memory{}, nil), r); w.Code != c.status {
			t.Errorf("%s: status %d, want %d: %s", c.name, w.Code, c.status, w.Body)
		}
	}
}

// waiting answers when told to.
type waiting struct{ begun, proceed chan struct{} }

func (l waiting) Send(context.Context, []Message) error {
	l.begun <- struct{}{}
	<-l.proceed
	return nil
}

func TestRequestsBeyondWhatMayBeHeldAreToldToRetry(t *testing.T) {
	log := waiting{make(chan struct{}), make(chan struct{})}
	g := open(t, log, func(o *Options) { o.MaxBody, o.MaxHeld = 1000, 1000 })
	first := make(chan int)
	big := request(plain, anna+strings.Repeat(" ", 950-len(anna)))
	go func() { first <- do(g, big).Code }()
	<-log.begun
	w := do(g, request(plain, anna))
	if w.Code != 429 || w.Header().Get("Retry-After") == "" {
		t.Errorf("status %d, Retry-After %q", w.Code, w.Header().Get("Retry-After"))
	}
	close(log.proceed)
	if code := <-first; code != 200 {
		t.Errorf("first: status %d", code)
	}
	go func() { <-log.begun }()
	if w := do(g, request(plain, anna)); w.Code != 200 {
		t.Errorf("after release: status %d", w.Code)
	}
}

func TestARefusedRequestIsNoLongerHeld(t *testing.T) {
	g := open(t, &memory{}, func(o *Options) { o.MaxBody, o.MaxHeld = 1000, 1000 })
	for range 5 {
		r := request(plain, "not packed")
		r.Header.Set("Content-Encoding", "gzip")
		if w := do(g, r); w.Code != 400 {
			t.Fatalf("status %d, want 400", w.Code)
		}
	}
}

// Packed bytes count too: noise packs to more than itself.
func TestAPackedBodyThatIsTooLargePacked(t *testing.T) {
	noise := make([]byte, 1000)
	random := rand.NewChaCha8([32]byte{})
	if _, err := random.Read(noise); err != nil {
		t.Fatal(err)
	}
	g := open(t, &memory{}, func(o *Options) { o.MaxBody = 1000 })
	r := request(plain, pack(t, noise))
	r.Header.Set("Content-Encoding", "gzip")
	r.ContentLength = -1
	if w := do(g, r); w.Code != 413 {
		t.Errorf("status %d, want 413: %s", w.Code, w.Body)
	}
}

// endless yields zeros almost for ever, and counts them.
type endless struct{ read int64 }

func (e *endless) Read(p []byte) (int, error) {
	if e.read > 1<<20 {
		return 0, io.ErrNoProgress
	}
	e.read += int64(len(p))
	return len(p), nil
}

func (e *endless) Close() error { return nil }

func TestABombIsNotUnpackedBeyondTheLimit(t *testing.T) {
	g := open(t, &memory{}, func(o *Options) { o.MaxBody = 1000 })
	bomb := &endless{}
	_, p := g.readBody(strings.NewReader("x"), func(io.Reader) (io.ReadCloser, error) { return bomb, nil })
	if p == nil || p.status != 413 || bomb.read > 10_000 {
		t.Errorf("problem %+v after %d bytes", p, bomb.read)
	}
}
