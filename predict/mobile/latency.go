package mobile

import (
	"net/http"
	"slices"
	"sync"
	"time"
)

// lastLatencies is how many of the newest measurements the quantiles speak of.
const lastLatencies = 1000

// latency keeps how long it took from an event being produced to its advice being
// readable here, in milliseconds.
type latency struct {
	mu     sync.Mutex
	values []float64 // a ring once it is full
	count  int
}

// Latency is the summary of the newest measurements, in milliseconds. Count is
// how many there ever were.
type Latency struct {
	Count  int     `json:"count"`
	LastMs float64 `json:"last_ms"`
	P50Ms  float64 `json:"p50_ms"`
	P99Ms  float64 `json:"p99_ms"`
}

func (l *latency) add(d time.Duration) float64 {
	ms := float64(d.Microseconds()) / 1000
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.values) < lastLatencies {
		l.values = append(l.values, ms)
	} else {
		l.values[l.count%lastLatencies] = ms
	}
	l.count++
	return ms
}

func (l *latency) summary() Latency {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.count == 0 {
		return Latency{}
	}
	last := l.values[(l.count-1)%lastLatencies]
	sorted := slices.Sorted(slices.Values(l.values))
	return Latency{Count: l.count, LastMs: last, P50Ms: rank(sorted, 50), P99Ms: rank(sorted, 99)}
}

// rank is the nearest-rank percentile of sorted, which is not empty.
func rank(sorted []float64, percent int) float64 {
	return sorted[(len(sorted)*percent+99)/100-1]
}

func (s *Server) getLatency(v visit) {
	answer(v.w, http.StatusOK, s.latency.summary())
}
