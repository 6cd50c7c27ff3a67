package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/titrate/titrate/cleanse"
	"github.com/titrate/titrate/cleanse/lake"
	"github.com/titrate/titrate/infra/kafka"
	"github.com/titrate/titrate/ingest"
	"github.com/titrate/titrate/predict"
	"github.com/titrate/titrate/train"
)

// publish puts a model into a registry under a version, and into charge.
func publish(t *testing.T, registry, version string) {
	t.Helper()
	m := train.Prior()
	m.Version = version
	if err := m.Save(filepath.Join(registry, version)); err != nil {
		t.Fatal(err)
	}
	bucket, err := lake.Dir(registry)
	if err != nil {
		t.Fatal(err)
	}
	if err := train.Promote(t.Context(), bucket, version, "a test", time.Now()); err != nil {
		t.Fatal(err)
	}
}

// follow collects what a topic holds and gets.
func follow(t *testing.T, cfg kafka.Config, topic string) <-chan ingest.Record {
	t.Helper()
	records := make(chan ingest.Record, 1000)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() {
		ended <- kafka.Tail(ctx, cfg, kafka.TailConfig{Topics: []string{topic}, OnRecord: func(r ingest.Record) { records <- r }})
	}()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return records
}

func next[T any](t *testing.T, records <-chan ingest.Record) T {
	t.Helper()
	select {
	case rec := <-records:
		var v T
		if err := json.Unmarshal(rec.Value, &v); err != nil {
			t.Fatal(err)
		}
		return v
	case <-time.After(30 * time.Second):
		t.Fatal("nothing came within 30 s")
		panic("unreachable")
	}
}

// TestChampionIsSwappedWhileEventsArrive: the running scorer takes the new champion
// from the registry, while a challenger watches and its differences are recorded.
func TestChampionIsSwappedWhileEventsArrive(t *testing.T) {
	cfg := startBroker(t)
	registry := filepath.Join(t.TempDir(), "models")
	publish(t, registry, "2026-11-20.2")
	publish(t, registry, "2026-11-20.1")
	must(t, "models", "shadow", "2026-11-20.2", "--models", registry)
	must(t, "control", "status", "--brokers", cfg.Brokers) // makes the topics
	said, compared := follow(t, cfg, topicRecommendations), follow(t, cfg, topicShadow)
	scorer := start(t, "score", "--brokers", cfg.Brokers, "--models", registry, "--watch", "100ms")

	send(t, cfg, morning("p-1", time.Now())...)
	if r := next[predict.Recommendation](t, said); r.Model != "2026-11-20.1" || r.Kind != predict.Bolus {
		t.Fatalf("the first champion says %+v", r)
	}
	c := next[predict.Comparison](t, compared)
	if c.Champion.Model != "2026-11-20.1" || c.Challenger.Model != "2026-11-20.2" || c.Patient != "p-1" || c.Challenger.Silent {
		t.Errorf("compared: %+v", c)
	}
	untilModel := func(model, who string) predict.Recommendation {
		t.Helper()
		for n := 0; ; n++ {
			patient := who + strings.Repeat("x", n)
			send(t, cfg, morning(patient, time.Now())...)
			r := next[predict.Recommendation](t, said)
			if r.Kind != predict.Bolus || r.Patient != patient {
				t.Fatalf("beside the swap: %+v", r)
			}
			if r.Model == model {
				return r
			}
			if n > 300 {
				t.Fatalf("%s is still in charge", r.Model)
			}
		}
	}
	publish(t, registry, "2026-11-21.1")
	untilModel("2026-11-21.1", "q-")
	learnOf(t, registry, "2026-11-21.1", "r-", "r-x", "r-xx")
	adapted := untilModel("2026-11-21.1+1", "r-")
	learnOf(t, registry, "2026-11-20.2", "r-")
	for n := 0; c.Challenger.Model != "2026-11-20.2+1"; n++ {
		if n > 100 {
			t.Fatalf("%s still watches", c.Challenger.Model)
		}
		untilModel("2026-11-21.1+1", fmt.Sprintf("s%d-", n))
		for len(compared) > 0 {
			c = next[predict.Comparison](t, compared)
		}
	}
	scorer.stop(t)
	again := must(t, "explain", adapted.ID, "--brokers", cfg.Brokers, "--models", registry).stdout
	if !strings.Contains(again, "Reproduced bit for bit") || !strings.Contains(again, "2026-11-21.1+1") {
		t.Errorf("made again:\n%s", again)
	}

	lake := filepath.Join(t.TempDir(), "lake")
	must(t, "ingest", "--brokers", cfg.Brokers, "--lake", lake, "--drain")
	rows := ask(t, lake, "select champion, challenger, challenger_kind from shadow where patient = 'p-1' and not challenger_silent")
	if want := `[{"challenger":"2026-11-20.2","challenger_kind":"bolus","champion":"2026-11-20.1"}]`; rows != want {
		t.Errorf("shadow in the lake: %s, want %s", rows, want)
	}
	must(t, "verify", "--lake", lake, "--brokers", cfg.Brokers)
}

// learnOf publishes an adaptation of a version, of people whose glucose rises by day.
func learnOf(t *testing.T, registry, version string, people ...string) {
	t.Helper()
	bucket, err := lake.Dir(registry)
	if err != nil {
		t.Fatal(err)
	}
	m, err := train.Named(t.Context(), bucket, version)
	if err != nil {
		t.Fatal(err)
	}
	learned, err := m.Learn(func(fn func(string, []cleanse.Event) error) error {
		for _, patient := range people {
			var events []cleanse.Event
			for n := range 3 * 288 {
				events = append(events, cleanse.Event{
					Kind: cleanse.Glucose, Source: "cgm", At: time.Date(2026, 11, 2, 0, 5*n, 0, 0, time.UTC),
					Glucose: cleanse.GlucoseReading{MgdL: 150 + 50*cleanse.MgdL(math.Sin(float64(n)/20))},
				})
			}
			if err := fn(patient, events); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if a, published, err := train.Adapt(t.Context(), bucket, m, learned); err != nil || !published || a.People() != len(people) {
		t.Fatalf("%+v, %t, %v", a, published, err)
	}
}

// TestKillSwitchStopsAdviceAtOnce, keeps it stopped over a restart, and lets it go on.
func TestKillSwitchStopsAdviceAtOnce(t *testing.T) {
	cfg := startBroker(t)
	must(t, "control", "status", "--brokers", cfg.Brokers)
	said := follow(t, cfg, topicRecommendations)
	score := []string{"score", "--brokers", cfg.Brokers, "--model", "prior"}
	scorer := start(t, score...)
	page := start(t, "serve", "--brokers", cfg.Brokers, "--model", "prior", "--listen", "127.0.0.1:0", "--token", "secret")
	host, _, _ := strings.Cut(page.line(t, "http://"), "/#")

	meal := func(patient string) predict.Recommendation {
		send(t, cfg, morning(patient, time.Now())...)
		return next[predict.Recommendation](t, said)
	}
	if r := meal("p-1"); r.Kind != predict.Bolus {
		t.Fatalf("before the stop: %+v", r)
	}
	if r := runTitrate(t, "control", "stop", "--brokers", cfg.Brokers); r.exit != 2 || !strings.Contains(r.stderr, "--reason") {
		t.Errorf("stop without a reason: exit %d, %s", r.exit, r.stderr)
	}
	must(t, "control", "stop", "--brokers", cfg.Brokers, "--reason", "model under review")
	time.Sleep(500 * time.Millisecond) // the order travels by another topic than events
	refused := func(patient string) {
		t.Helper()
		if r := meal(patient); r.Kind != predict.Hold || r.Units != 0 || !strings.Contains(r.Because, "model under review") {
			t.Fatalf("while advice is stopped: %+v", r)
		}
	}
	refused("p-2")
	if _, body := get(t, host+"/v1/patients", "secret"); !strings.Contains(body, `"stopped":"model under review"`) {
		t.Errorf("the app isn't told: %s", body)
	}
	scorer.stop(t)
	scorer = start(t, score...)
	refused("p-3")
	if r := must(t, "control", "go", "--brokers", cfg.Brokers); !strings.Contains(r.stdout, `"stopped":false`) {
		t.Errorf("go says %s", r.stdout)
	}
	time.Sleep(500 * time.Millisecond)
	if r := meal("p-4"); r.Kind != predict.Bolus {
		t.Errorf("after it went on: %+v", r)
	}
	scorer.stop(t)
	page.stop(t)
}
