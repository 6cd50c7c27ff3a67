package ops

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

func TestMetricsSpeakPrometheus(t *testing.T) {
	m := NewMetrics()
	m.Event("ingest", "accepted", 3)
	m.Recommendation("bolus")
	m.Latency(30 * time.Millisecond)
	for _, job := range []string{"ingest", "score"} {
		m.Lag(job, func(fn func(string, int32, int64)) { fn("events", 3, int64(len(job))) })
	}
	w := httptest.NewRecorder()
	m.Handler().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	for _, want := range []string{
		`titrate_events_total{job="ingest",outcome="accepted"} 3`,
		`titrate_recommendations_total{kind="bolus"} 1`,
		`titrate_advice_latency_seconds_count 1`,
		`titrate_log_lag{job="ingest",partition="3",topic="events"} 6`,
		`titrate_log_lag{job="score",partition="3",topic="events"} 5`,
	} {
		if !strings.Contains(w.Body.String(), want) {
			t.Errorf("/metrics lacks %s", want)
		}
	}
}

// Who observes no latency shows none: a histogram of zeros would be read as one.
func TestMetricsNotObservedAreNotShown(t *testing.T) {
	w := httptest.NewRecorder()
	NewMetrics().Handler().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	if text := w.Body.String(); strings.Contains(text, "titrate_advice_latency_seconds") || !strings.Contains(text, "go_goroutines") {
		t.Errorf("/metrics of who observed nothing:\n%s", text)
	}
}

func TestReadyzFollowsTheJob(t *testing.T) {
	m := NewMetrics()
	for _, c := range []struct {
		set  func()
		want int
	}{
		{func() {}, http.StatusServiceUnavailable},
		{func() { m.Ready(true) }, http.StatusOK},
		{func() { m.Ready(false) }, http.StatusServiceUnavailable},
	} {
		c.set()
		w := httptest.NewRecorder()
		m.Readyz(w, nil)
		if w.Code != c.want {
			t.Errorf("status %d, want %d", w.Code, c.want)
		}
	}
}

func TestServeEndsOpenStreamsWhenStopped(t *testing.T) {
	l, err := Listen("--listen", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() {
		served <- Serve(ctx, l, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(http.StatusOK)
			w.(http.Flusher).Flush()
			<-r.Context().Done()
		}))
	}()
	resp, err := http.Get("http://" + l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	cancel()
	if _, err := io.ReadAll(resp.Body); err != nil && err != io.ErrUnexpectedEOF {
		t.Errorf("stream ended with %v", err)
	}
	if err := <-served; err != nil {
		t.Errorf("Serve: %v", err)
	}
}

func TestListenSaysWhatToDo(t *testing.T) {
	l, err := Listen("--listen", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if _, err := Listen("--metrics", l.Addr().String()); err == nil || !strings.Contains(err.Error(), "--metrics") {
		t.Errorf("a taken address: %v", err)
	}
}

// A client that sends its header byte by byte is let go, and those that came after
// it were answered meanwhile.
func TestSlowHeadersAreGivenUp(t *testing.T) {
	t.Parallel()
	l, err := Listen("--listen", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error, 1)
	asked := atomic.Int32{}
	go func() {
		served <- Serve(ctx, l, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) }))
	}()
	slow, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer slow.Close()
	given := make(chan error, 1)
	go func() {
		for _, b := range []byte("GET / HTTP/1.1\r\nHost: x\r\nX-Slow: " + strings.Repeat("s", 1000)) {
			if _, err := slow.Write([]byte{b}); err != nil {
				given <- nil
				return
			}
			time.Sleep(100 * time.Millisecond)
		}
		given <- errors.New("a header was listened to for longer than 100 s")
	}()
	resp, err := http.Get("http://" + l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if err := <-given; err != nil {
		t.Error(err)
	}
	if asked.Load() != 1 {
		t.Errorf("%d requests reached the handler, want the whole one alone", asked.Load())
	}
	cancel()
	if err := <-served; err != nil {
		t.Errorf("Serve: %v", err)
	}
}
