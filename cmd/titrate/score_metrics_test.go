package main

import (
	"context"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/titrate/titrate/infra/ops"
	"github.com/titrate/titrate/ingest"
	"github.com/titrate/titrate/predict"
	"github.com/titrate/titrate/train"
)

// What the scorer applied is counted by outcome and rule, and what it said by kind.
func TestScorerCountsWhatItApplied(t *testing.T) {
	now := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
	m := ops.NewMetrics()
	inCharge, err := newCharge(t.Context(), train.Prior(), "", "")
	if err != nil {
		t.Fatal(err)
	}
	f := fold{scorer: predict.NewScorer(nil), charge: inCharge, tally: newTally("score", m)}
	said := 0
	for i, fields := range []string{
		`"type":"profile",` + benchProfile,
		`"type":"glucose","value":62,"unit":"mg/dL","source":"fingerstick"`,
		`"type":"glucose","value":5.5,"unit":"mg/dL","source":"cgm"`,
	} {
		value := fmt.Sprintf(`{"patient":"p","time":%q,%s}`, now.Format(time.RFC3339), fields)
		for _, out := range f.Apply(ingest.Record{Key: []byte("p"), Value: []byte(value), Offset: int64(i), Seen: now}) {
			if out.Topic == topicRecommendations {
				said++
			}
		}
	}
	w := httptest.NewRecorder()
	m.Handler().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	for _, want := range []string{
		`titrate_events_total{job="score",outcome="accepted"} 2`,
		`titrate_events_total{job="score",outcome="quarantined"} 1`,
		`titrate_rule_breaches_total{job="score",rule="unit_slip"} 1`,
	} {
		if !strings.Contains(w.Body.String(), want) {
			t.Errorf("/metrics lacks %s:\n%s", want, w.Body)
		}
	}
	if said == 0 || !strings.Contains(w.Body.String(), "titrate_recommendations_total{kind=") {
		t.Errorf("%d recommendations; /metrics:\n%s", said, w.Body)
	}
}

func TestMetricsGoWithKafka(t *testing.T) {
	if exit := run(context.Background(), []string{"score", "--model", "prior", "--in", "x.jsonl", "--metrics", "127.0.0.1:0"}); exit != exitUsage {
		t.Errorf("exit %d, want %d", exit, exitUsage)
	}
}
