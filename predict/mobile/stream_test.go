package mobile

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// line is an open stream, read frame by frame.
type line struct {
	t *testing.T
	r *bufio.Reader
}

type frame struct{ id, event, data string }

func (w *ward) listen(url, last string) line {
	w.t.Helper()
	r, err := http.NewRequestWithContext(w.t.Context(), "GET", url+"/v1/patients/"+person+"/stream", nil)
	if err != nil {
		w.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("Last-Event-ID", last)
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { res.Body.Close() })
	if got := res.Header.Get("Content-Type"); !strings.HasPrefix(got, "text/event-stream") {
		w.t.Fatalf("content type %q", got)
	}
	return line{w.t, bufio.NewReader(res.Body)}
}

// next is the next frame; it fails the test if the stream ends.
func (l line) next() frame {
	l.t.Helper()
	var f frame
	for {
		text, err := l.r.ReadString('\n')
		if err != nil {
			l.t.Fatalf("stream: %v", err)
		}
		field, value, _ := strings.Cut(strings.TrimSuffix(text, "\n"), ": ")
		switch field {
		case "id":
			f.id = value
		case "event":
			f.event = value
		case "data":
			f.data = value
		case "":
			return f
		}
	}
}

// events are the names of the next n frames.
func (l line) events(n int) string {
	var names []string
	for range n {
		names = append(names, l.next().event)
	}
	return strings.Join(names, " ")
}

func serve(t *testing.T, h http.Handler) string {
	server := httptest.NewServer(h)
	t.Cleanup(server.CloseClientConnections)
	return server.URL
}

func between(s, left, right string) string {
	_, s, _ = strings.Cut(s, left)
	s, _, _ = strings.Cut(s, right)
	return s
}

func TestStreamBeginsWithHelloAndBringsTheNews(t *testing.T) {
	w := newWard(t)
	w.SetReady()
	w.glucose(-7*time.Hour, 99) // older than the page shows
	w.glucose(0, 143)
	w.advise("a", 0, nil)
	l := w.listen(serve(t, w.Handler()), "")

	first := l.next()
	var h hello
	if err := json.Unmarshal([]byte(first.data), &h); err != nil || first.event != "hello" {
		t.Fatalf("%s %v", first.event, err)
	}
	if len(h.Glucose) != 1 || len(h.Recommendations) != 1 || len(h.Forecast.Points) == 0 || h.Patient != person {
		t.Errorf("hello %s", first.data)
	}

	w.glucose(5*time.Minute, 150)
	w.tell(person, 6*time.Minute, `"type":"meal","carbs_g":45`)
	w.advise("b", 6*time.Minute, nil, produced(30*time.Millisecond))
	if got := l.events(4); got != "glucose forecast meal forecast" {
		t.Errorf("news: %s", got)
	}
	last := l.next()
	var a Advice
	if err := json.Unmarshal([]byte(last.data), &a); err != nil {
		t.Fatal(err)
	}
	if last.event != "recommendation" || a.ID != "b" || a.State != "current" || a.LatencyMs < 30 {
		t.Errorf("%s %+v", last.event, a)
	}
	w.tell(person, 7*time.Minute, `"type":"response","recommendation":"b","action":"accepted","units":3.5`)
	if got := l.next(); got.event != "response" || !strings.Contains(got.data, `"answered"`) {
		t.Errorf("%+v", got)
	}
}

func TestStreamResumesAfterTheLastId(t *testing.T) {
	w := newWard(t)
	url := serve(t, w.Handler())
	w.glucose(0, 143)
	seen := w.listen(url, "").next().id
	w.glucose(5*time.Minute, 150)
	w.glucose(10*time.Minute, 157)

	l := w.listen(url, seen)
	missed := l.next()
	if missed.event != "glucose" || !strings.Contains(missed.data, `"mgdl":150`) {
		t.Errorf("missed: %+v", missed)
	}
	for _, unknown := range []string{"", "other-1", seen + "0000", "garbage"} {
		if got := w.listen(url, unknown).next().event; got != "hello" {
			t.Errorf("after %q comes %s, want hello", unknown, got)
		}
	}
	for i := range replayed + 1 {
		w.glucose(time.Duration(15+i)*time.Minute, 120)
	}
	if got := w.listen(url, seen).next().event; got != "hello" {
		t.Errorf("after too long comes %s, want hello", got)
	}
}

// stuck is a client that takes nothing: its connection's buffers are full.
type stuck struct {
	header  http.Header
	release chan struct{}
	entered sync.Once
	inWrite chan struct{}
}

func (s *stuck) Header() http.Header { return s.header }
func (s *stuck) WriteHeader(int)     {}
func (s *stuck) Flush()              {}
func (s *stuck) Write(p []byte) (int, error) {
	s.entered.Do(func() { close(s.inWrite) })
	<-s.release
	return len(p), nil
}

func TestSlowClientIsDroppedNotWaitedFor(t *testing.T) {
	w := newWard(t)
	w.glucose(0, 143)
	client := &stuck{header: http.Header{}, release: make(chan struct{}), inWrite: make(chan struct{})}
	r := httptest.NewRequest("GET", "/v1/patients/"+person+"/stream", nil)
	r.Header.Set("Authorization", "Bearer "+token)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		w.Handler().ServeHTTP(client, r)
	}()
	<-client.inWrite

	brisk := w.listen(serve(t, w.Handler()), "")
	brisk.next()
	for i := range 2 * queued { // would wait for ever if the slow one were waited for
		w.glucose(time.Duration(i+1)*time.Minute, 140)
		brisk.events(2)
	}
	c, _ := w.chart(person)
	c.mu.Lock()
	open := len(c.feed.clients)
	c.mu.Unlock()
	if open != 1 {
		t.Errorf("%d streams are open, want only the brisk one", open)
	}
	close(client.release)
	<-ended
}

func TestCloseEndsStreams(t *testing.T) {
	w := newWard(t)
	w.glucose(0, 143)
	l := w.listen(serve(t, w.Handler()), "")
	l.next()
	w.Close()
	if _, err := l.r.ReadByte(); err == nil {
		t.Error("the stream goes on")
	}
}

func TestQuietStreamBeats(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWard(t)
		w.glucose(0, 143)
		ctx, cancel := context.WithCancel(t.Context())
		r := httptest.NewRequestWithContext(ctx, "GET", "/v1/patients/"+person+"/stream", nil)
		r.Header.Set("Authorization", "Bearer "+token)
		rec := httptest.NewRecorder()
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			w.Handler().ServeHTTP(rec, r)
		}()
		time.Sleep(beat*3 + time.Second)
		cancel()
		<-ended
		if got := strings.Count(rec.Body.String(), "event: beat\n"); got != 3 {
			t.Errorf("%d beats in 31 s, want 3", got)
		}
	})
}

func TestHandlersReadWhileTheLogIsObserved(t *testing.T) {
	w := newWard(t)
	w.glucose(0, 143)
	var readers sync.WaitGroup
	for range 4 {
		readers.Go(func() {
			for range 20 {
				w.ask("GET", "/v1/patients", "", nil)
				w.ask("GET", "/v1/patients/"+person+"/glucose", "", nil)
				w.ask("POST", "/v1/patients/"+person+"/advice", `{"carbs_g":45}`, nil)
				w.ask("GET", "/v1/patients/"+person+"/recommendations", "", nil)
			}
		})
	}
	for i := range 200 {
		w.glucose(time.Duration(i+1)*time.Minute, 140)
	}
	readers.Wait()
}
