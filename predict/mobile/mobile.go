// Package mobile turns the log into what a phone shows: a person's glucose, the
// forecast, and the advice that came through the log, with its reasons.
//
// It folds events with the same pure code as the scorer, so the forecast on the
// screen is the forecast that was used. It invents no advice: what it shows as a
// recommendation was read from the log, and what has expired is never shown as
// current, whoever sends it again.
package mobile

import (
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/titrate/titrate/cleanse"
	"github.com/titrate/titrate/train"
)

// Options are what a Server needs to know. Admit, Clock and Wall are required.
type Options struct {
	// Admit finds who asks: which patients they may see; or the status to refuse
	// with and, of 429, the seconds to wait. Nil lets nobody in.
	Admit func(*http.Request) (sees func(patient string) bool, status, retry int)
	// Model makes the forecasts. Nil shows readings and advice without a forecast.
	Model *train.Model
	// Rules are those by which the scorer cleanses. Nil: the standard ones.
	Rules *cleanse.Book
	// Clock is the time a patient lives in: virtual people have their own.
	Clock func(patient string) time.Time
	// Wall is the time that latency is measured in.
	Wall func() time.Time
	// Label says who is a virtual person. Nil: everybody is real.
	Label func(patient string) Label
}

// Label tells the reader of the page whom they look at.
type Label struct {
	Simulated bool    `json:"simulated"`
	Speed     float64 `json:"speed"` // how many of the patient's seconds pass in one of ours; 1 for real people
}

// Server answers the app and other HTTP clients. One goroutine calls Observe,
// Recommended and Remembered; any number call the handler.
type Server struct {
	options Options
	handler http.Handler
	assets  *assets
	ready   atomic.Bool
	latency latency
	epoch   string // tells this run's stream ids from an earlier run's

	cleaners map[int32]*cleanse.Cleaner // by partition; only the goroutine that observes touches it

	mu      sync.RWMutex
	charts  map[string]*chart
	stopped string // why nothing may be advised; empty: it may

	closing sync.Once
	closed  chan struct{}
}

// New makes a server that knows nobody yet and is not ready.
func New(options Options) *Server {
	if options.Label == nil {
		options.Label = func(string) Label { return Label{Speed: 1} }
	}
	if options.Rules == nil {
		options.Rules = cleanse.Standard()
	}
	s := &Server{
		options:  options,
		assets:   openAssets(built()),
		epoch:    epoch(options.Wall()),
		cleaners: map[int32]*cleanse.Cleaner{},
		charts:   map[string]*chart{},
		closed:   make(chan struct{}),
	}
	s.handler = s.routes()
	return s
}

// Handler serves the app and the API, except POST /v1/events, which is the
// gateway's.
func (s *Server) Handler() http.Handler { return s.handler }

// SetReady says that the log was read to its end once: until then /readyz is 503
// and nothing counts towards the latency, because old records are being replayed.
func (s *Server) SetReady() { s.ready.Store(true) }

// Close ends all streams, so that an http.Server can shut down.
func (s *Server) Close() { s.closing.Do(func() { close(s.closed) }) }

// chart is the chart of patient, and whether there is one.
func (s *Server) chart(patient string) (*chart, bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	c, ok := s.charts[patient]
	return c, ok
}

// open is the chart of patient, made if there was none.
func (s *Server) open(patient string) *chart {
	if c, ok := s.chart(patient); ok {
		return c
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	c := newChart(patient, s.epoch, s.options)
	c.stop(s.stopped)
	s.charts[patient] = c
	return c
}
