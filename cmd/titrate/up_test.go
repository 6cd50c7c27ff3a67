package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/titrate/titrate/predict"
)

// TestUp starts everything as make demo does, sees a recommendation arrive in a
// real browser, stops it, and finds that a second start goes on where it was.
func TestUp(t *testing.T) {
	chromium := browser(t)
	data := filepath.Join(t.TempDir(), "data")
	args := []string{"up", "--data", data, "--listen", "127.0.0.1:0", "--patients", "12", "--days", "4", "--speed", "120", "--behind", beforeBreakfast(time.Now())}

	begun := time.Now()
	first := start(t, args...)
	address := first.line(t, "http://")
	advice := watchPage(t, chromium, address)
	t.Logf("%.0f s from the start to a live recommendation on the page: %q", time.Since(begun).Seconds(), advice)
	host, token := splitAddress(t, address)
	t.Logf("latency: %s", waitForLatency(t, host, token))
	var r predict.Recommendation
	if _, body := request(t, http.MethodPost, host+"/v1/patients/p-0001/advice", token, `{"carbs_g":45}`); json.Unmarshal([]byte(body), &r) != nil || r.Components.MealU <= 0 {
		t.Errorf("asked what 45 g would need, the page says %s: settings that came long ago are to be known to it", body)
	}
	first.stop(t)

	lake := filepath.Join(data, "lake")
	before := rowsOf(t, lake)
	models := entries(t, filepath.Join(data, "models"))
	second := start(t, args...)
	if again := second.line(t, "http://"); !strings.HasSuffix(again, "#token="+token) {
		t.Errorf("a second start asks the open page to sign in again: %s", again)
	}
	time.Sleep(3 * time.Second) // some minutes of virtual life
	second.stop(t)
	if got := entries(t, filepath.Join(data, "models")); got != models {
		t.Errorf("a second start trained again: %s, had %s", got, models)
	}
	must(t, "query", "--lake", lake, "select 1")
	after := rowsOf(t, lake)
	if after.Readings <= before.Readings || !after.Newest.After(before.Newest) || !after.Oldest.Equal(before.Oldest) {
		t.Errorf("did not go on: %+v, then %+v", before, after)
	}
	if after.Readings != after.Distinct {
		t.Errorf("%d readings, %d of them distinct: the restart doubled some", after.Readings, after.Distinct)
	}
	heard := ask(t, lake, `select count(*) > 0 as heard from responses join recommendations on responses.recommendation = recommendations.id`)
	if heard != `[{"heard":true}]` {
		t.Errorf("no virtual person answered a recommendation: %s", heard)
	}
}

// beforeBreakfast is how far before now it was one o'clock UTC a week ago, half past six
// for the person whom the page shows first. Whenever the test runs, two meals are to
// come within the six hours that it waits for.
func beforeBreakfast(now time.Time) string {
	return (7*24*time.Hour + time.Duration((now.UTC().Hour()+24-1)%24)*time.Hour).String()
}

// waitForLatency waits until the page has measured the way of some event.
func waitForLatency(t *testing.T, host, token string) string {
	t.Helper()
	var latency struct {
		Count int
		P99   float64 `json:"p99_ms"`
	}
	for range 300 {
		status, body := get(t, host+"/v1/latency", token)
		if err := json.Unmarshal([]byte(body), &latency); status != 200 || err != nil {
			t.Fatalf("latency: %d %s", status, body)
		}
		if latency.Count > 0 {
			return body
		}
		time.Sleep(200 * time.Millisecond)
	}
	t.Fatal("no live recommendation was measured within a minute")
	return ""
}

// lakeRows is what a restart must not lose, double or begin anew.
type lakeRows struct {
	Readings, Distinct int
	Oldest, Newest     time.Time
}

func rowsOf(t *testing.T, lake string) lakeRows {
	t.Helper()
	var rows []lakeRows
	text := ask(t, lake, `select count(*) as readings, count(distinct id) as "distinct",
		min(time) as oldest, max(time) as newest from glucose`)
	if err := json.Unmarshal([]byte(text), &rows); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return rows[0]
}

func entries(t *testing.T, dir string) string {
	t.Helper()
	list, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprint(list)
}

func splitAddress(t *testing.T, address string) (host, token string) {
	t.Helper()
	host, token, ok := strings.Cut(address, "/#token=")
	if !ok {
		t.Fatalf("no token in %q", address)
	}
	return host, token
}

// watchPage opens the page as on a phone and waits for a recommendation.
func watchPage(t *testing.T, chromium, address string) (advice string) {
	t.Helper()
	allocator, release := chromedp.NewExecAllocator(t.Context(), chromedp.ExecPath(chromium), chromedp.UserDataDir(t.TempDir()),
		chromedp.Headless, chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun,
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-sync", true), chromedp.Flag("disable-dev-shm-usage", true))
	defer release()
	tab, closeTab := chromedp.NewContext(allocator)
	defer closeTab()
	tab, giveUp := context.WithTimeout(tab, 5*time.Minute)
	defer giveUp()
	err := chromedp.Do(tab, chromedp.EmulateViewport(390, 844, chromedp.EmulateMobile), chromedp.Navigate(address))
	if err != nil {
		t.Fatalf("open %s: %v", address, err)
	}
	advice, err = chromedp.Run(tab, chromedp.Poll[string](
		`document.querySelector('[data-testid=glucose]') && document.querySelector('[data-testid=advice]')?.textContent`,
		chromedp.WithPollingTimeout(3*time.Minute)))
	if err == nil {
		// The page measures the way of live events only.
		_, err = chromedp.Run(tab, chromedp.Poll[bool](`document.body.innerText.includes('event → advice')`,
			chromedp.WithPollingTimeout(80*time.Second)))
	}
	if err != nil {
		text, _ := chromedp.Run(tab, chromedp.Evaluate[string]("document.body.innerText"))
		t.Fatalf("no recommendation on the page: %v\n%s", err, text)
	}
	return advice
}

// browser is the path of a Chromium; without one the test is skipped, or fails
// where TITRATE_REQUIRE_BROWSER says that nothing may be missing.
func browser(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	if os.Getenv("TITRATE_REQUIRE_BROWSER") != "" {
		t.Fatal("no browser found")
	}
	t.Skip("no browser found: install chromium, chromium-browser or google-chrome")
	return ""
}
