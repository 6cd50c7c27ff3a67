package mobile

import (
	"fmt"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/titrate/titrate/cleanse"
	"github.com/titrate/titrate/ingest"
	"github.com/titrate/titrate/predict"
	"github.com/titrate/titrate/train"
)

// gate takes the place of the gateway: it keeps what the page sends, and lets the
// server observe it, as if it had gone through the log.
type gate struct {
	mu   sync.Mutex
	sent []string
	ward *ward
}

func (g *gate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil || r.Header.Get("Authorization") != "Bearer "+token {
		http.Error(w, `{"error":"no"}`, http.StatusBadRequest)
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.sent = append(g.sent, string(body))
	for line := range strings.Lines(string(body)) {
		g.ward.offset++
		g.ward.Observe(ingest.Record{Topic: "events", Partition: 3, Offset: g.ward.offset, Seen: g.ward.options.Clock(person),
			Key: []byte(person), Value: []byte(strings.TrimSpace(line))})
	}
	w.WriteHeader(http.StatusAccepted)
}

func (g *gate) all() string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return strings.Join(g.sent, "")
}

// lively is a ward of twenty people, whose clock runs sixty times as fast as ours.
func lively(t *testing.T) (*ward, *gate, string) {
	w := newWard(t)
	start := time.Now()
	w.Server = New(Options{
		Admit: admit,
		Model: train.Prior(),
		Clock: func(string) time.Time { return morning.Add(60 * time.Since(start)) },
		Wall:  time.Now,
		Label: func(string) Label { return Label{Simulated: true, Speed: 60} },
	})
	t.Cleanup(w.Close)
	w.SetReady()
	for n := range 20 {
		w.sixHours(n)
	}
	g := &gate{ward: w}
	mux := http.NewServeMux()
	mux.Handle("POST /v1/events", g)
	mux.Handle("/", w.Handler())
	server := httptest.NewServer(mux)
	t.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
	})
	return w, g, server.URL
}

// sixHours is the morning of person n: breakfast at 03:30, a snack, and doses.
func (w *ward) sixHours(n int) {
	id := fmt.Sprintf("p-%04d", n)
	w.tell(id, -24*time.Hour, settings)
	w.tell(id, -270*time.Minute, `"type":"meal","carbs_g":52,"meal":"breakfast"`)
	w.tell(id, -265*time.Minute, `"type":"insulin","units":5,"kind":"rapid","reason":"meal","product":"lispro"`)
	w.tell(id, -90*time.Minute, `"type":"meal","carbs_g":18,"meal":"snack"`)
	w.tell(id, -88*time.Minute, `"type":"insulin","units":1.5,"kind":"rapid","reason":"meal","product":"lispro"`)
	for m := -360; m <= 0; m += 5 {
		x := float64(m)
		hump := 95*math.Exp(-math.Pow((x+195)/48, 2)) + 38*math.Exp(-math.Pow((x+30)/35, 2))
		mgdl := 104 + hump + 3*math.Sin(x/7) + float64((n*37)%80) - 35
		w.tell(id, time.Duration(m)*time.Minute, fmt.Sprintf(`"type":"glucose","value":%.0f,"unit":"mg/dL","source":"cgm"`, mgdl))
	}
}

// lunch is the advice for a meal of 45 g at the log position offset.
func lunch(r *predict.Recommendation, offset int64) {
	r.Expires = r.Time.Add(30 * time.Minute)
	r.Because = "45 g ÷ 12 g/U = 3.75 U; (136 − 110) ÷ 50 = 0.52 U, less 1.2 U still active; rounded down to 3.5 U"
	r.Components = predict.Components{MealU: 3.75, CorrectionU: 0, IOBU: 1.2, ModelFactor: 0.97}
	r.Gates = []predict.Gate{
		{ID: "sensor_age", Outcome: "pass", Note: "last reading 1 min ago"},
		{ID: "predicted_low", Outcome: "pass", Note: "lowest 95 % bound 84 mg/dL at 150 min"},
		{ID: "stacking", Outcome: "reduce", Note: "1.2 U still active covers the correction"},
		{ID: "max_bolus", Outcome: "pass", Note: "3.5 U of at most 10 U"},
	}
	for _, m := range train.Horizons {
		x := float64(m)
		mid := 106 + 58*math.Exp(-math.Pow((x-75)/48, 2)) - 5*(1-math.Exp(-x/60))
		r.Forecast = append(r.Forecast, predict.ForecastPoint{Minutes: m, P05: cleanse.MgdL(mid - 24*(1-math.Exp(-x/70))), P50: cleanse.MgdL(mid), P95: cleanse.MgdL(mid + 52*(1-math.Exp(-x/80)))})
	}
	r.Model, r.Event = "2026-11-20.3", predict.EventRef{Partition: 3, Offset: offset}
}
