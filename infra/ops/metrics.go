// Package ops is what an operator sees of a running Titrate: metrics, and HTTP
// servers that start loudly and stop cleanly.
package ops

import (
	"net/http"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Metrics are the counters of one process, in a registry of their own, and whether it is ready.
type Metrics struct {
	registry        *prometheus.Registry
	events          *prometheus.CounterVec
	rules           *prometheus.CounterVec
	recommendations *prometheus.CounterVec
	latency         *prometheus.HistogramVec // without labels: not shown by who observes nothing
	requests        *prometheus.CounterVec
	answering       *prometheus.HistogramVec
	outage          *prometheus.GaugeVec
	failures        *prometheus.CounterVec
	ready           atomic.Bool
}

// NewMetrics registers the counters and the Go runtime's own.
func NewMetrics() *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		events: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "titrate_events_total",
			Help: "Records read from the log, by the job that read them and by what became of them.",
		}, []string{"job", "outcome"}),
		rules: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "titrate_rule_breaches_total",
			Help: "Records that break a rule of cleansing, accepted or not, by the job that read them and the rule.",
		}, []string{"job", "rule"}),
		recommendations: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "titrate_recommendations_total",
			Help: "Recommendations made, by kind.",
		}, []string{"kind"}),
		latency: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "titrate_advice_latency_seconds",
			Help:    "From an event's production to its recommendation being readable.",
			Buckets: prometheus.ExponentialBuckets(0.001, 2, 14),
		}, nil),
	}
	m.requests = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "titrate_gateway_requests_total",
		Help: "Requests of devices and apps, by the door they came to and the status they were answered with.",
	}, []string{"door", "code"})
	m.answering = prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name:    "titrate_gateway_seconds",
		Help:    "From a request's header to its answer, the broker's acknowledgement included, by door.",
		Buckets: prometheus.ExponentialBuckets(0.0005, 2, 15),
	}, []string{"door"})
	m.outage = prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Name: "titrate_store_outage",
		Help: "1 while a job reads nothing because its store fails, 0 otherwise.",
	}, []string{"job"})
	m.failures = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "titrate_store_failures_total",
		Help: "How often a job's store has failed and was waited for.",
	}, []string{"job"})
	m.registry.MustRegister(m.events, m.rules, m.recommendations, m.latency, m.requests, m.answering, m.outage, m.failures,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// Event counts n records of one outcome read by job.
func (m *Metrics) Event(job, outcome string, n int64) {
	m.events.WithLabelValues(job, outcome).Add(float64(n))
}

// Rule counts n records read by job that break a rule.
func (m *Metrics) Rule(job, rule string, n int64) {
	m.rules.WithLabelValues(job, rule).Add(float64(n))
}

// Recommendation counts one recommendation.
func (m *Metrics) Recommendation(kind string) { m.recommendations.WithLabelValues(kind).Inc() }

// Latency observes the time from an event to its readable recommendation.
func (m *Metrics) Latency(d time.Duration) { m.latency.WithLabelValues().Observe(d.Seconds()) }

// Requests is h, counted and timed under the name of a door.
func (m *Metrics) Requests(door string, h http.Handler) http.Handler {
	label := prometheus.Labels{"door": door}
	return promhttp.InstrumentHandlerDuration(m.answering.MustCurryWith(label),
		promhttp.InstrumentHandlerCounter(m.requests.MustCurryWith(label), h))
}

// Outage says whether a job waits for its store, which failed so many more times.
func (m *Metrics) Outage(job string, waits bool, failures int64) {
	m.failures.WithLabelValues(job).Add(float64(failures))
	gauge := m.outage.WithLabelValues(job)
	gauge.Set(0)
	if waits {
		gauge.Set(1)
	}
}

// Lag has each scrape ask a job how many records its log holds beyond what it has taken of each
// partition; each calls fn with them.
func (m *Metrics) Lag(job string, each func(fn func(topic string, partition int32, records int64))) {
	m.registry.MustRegister(&lag{prometheus.NewDesc("titrate_log_lag",
		"Records that the log holds beyond what a job has taken, by partition.", []string{"topic", "partition"}, prometheus.Labels{"job": job}), each})
}

// lag is a job's, as a collector.
type lag struct {
	desc *prometheus.Desc
	each func(func(string, int32, int64))
}

// Describe implements prometheus.Collector.
func (l *lag) Describe(to chan<- *prometheus.Desc) { to <- l.desc }

// Collect implements prometheus.Collector.
func (l *lag) Collect(to chan<- prometheus.Metric) {
	l.each(func(topic string, partition int32, records int64) {
		to <- prometheus.MustNewConstMetric(l.desc, prometheus.GaugeValue, float64(records), topic, strconv.Itoa(int(partition)))
	})
}

// Ready says whether the job does its work now: it has begun, and nothing holds it up.
func (m *Metrics) Ready(ready bool) { m.ready.Store(ready) }

// Readyz answers GET /readyz: 200 while the job is ready, else 503.
func (m *Metrics) Readyz(w http.ResponseWriter, _ *http.Request) {
	if !m.ready.Load() {
		http.Error(w, "not ready: the job has not begun, or waits for its store; its log says which", http.StatusServiceUnavailable)
	}
}

// Handler answers GET /metrics in the Prometheus text format.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}
