package main

import (
	"context"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/titrate/titrate/ingest/simulate"
	"github.com/titrate/titrate/train/trial"
	"github.com/titrate/titrate/train/trial/detect"
)

func TestTrialComparesAndReports(t *testing.T) {
	file := filepath.Join(t.TempDir(), "trial.html")
	r := runTitrate(t, "trial", "--model", "prior", "--patients", "2", "--days", "1", "--seeds", "2",
		"--report", file)
	if r.exit != 0 {
		t.Fatalf("exit %d: %s", r.exit, r.stderr)
	}
	got := summary[trial.Result](t, r)
	if got.People != 4 || len(got.Arms) != 6 || got.Model != "prior" || got.Reference != trial.ClinicIOB {
		t.Errorf("%+v", got)
	}
	page, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(page), "calculator-iob") {
		t.Error("the report knows no arms")
	}
	everybodyIsBeside(t, strings.TrimSuffix(file, ".html")+".json")
	reportFitsTheScreen(t, file)
}

// everybodyIsBeside checks that means can be computed again from the JSON that goes
// with a report.
func everybodyIsBeside(t *testing.T, file string) {
	t.Helper()
	var beside struct {
		Outcomes []struct{ Name, Label string }
		Arms     []struct {
			Arm    string
			Groups []struct{ Means map[string]float64 }
			People []struct{ Outcomes map[string]float64 }
		}
	}
	text, err := os.ReadFile(file)
	if err == nil {
		err = json.Unmarshal(text, &beside)
	}
	if err != nil || len(beside.Arms) != 6 || len(beside.Outcomes) < 18 {
		t.Fatalf("%v: %+v", err, beside)
	}
	for _, a := range beside.Arms {
		sum := 0.0
		for _, p := range a.People {
			sum += p.Outcomes["tir"]
		}
		if mean := a.Groups[0].Means["tir"]; len(a.People) != 4 || math.Abs(sum/4-mean) > 1e-9 {
			t.Errorf("%s: %d people with a mean of %v, reported %v", a.Arm, len(a.People), sum/4, mean)
		}
	}
}

// reportFitsTheScreen opens a report in a real browser: on a phone and on a desk
// nothing but tables and traces scrolls sideways, and there is a dark page.
func reportFitsTheScreen(t *testing.T, file string) {
	t.Helper()
	chromium := browser(t)
	backgrounds := map[string]bool{}
	for _, scheme := range []string{"preferredColorScheme=1", "preferredColorScheme=0"} { // light, dark
		allocator, release := chromedp.NewExecAllocator(t.Context(), chromedp.ExecPath(chromium), chromedp.UserDataDir(t.TempDir()),
			chromedp.Headless, chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun,
			chromedp.Flag("blink-settings", scheme), chromedp.Flag("disable-dev-shm-usage", true))
		tab, closeTab := chromedp.NewContext(allocator)
		tab, giveUp := context.WithTimeout(tab, time.Minute)
		for _, width := range []int64{390, 1280} {
			if err := chromedp.Do(tab, chromedp.EmulateViewport(width, 844), chromedp.Navigate("file://"+file)); err != nil {
				t.Fatal(err)
			}
			wide, err := chromedp.Run(tab, chromedp.Evaluate[int64]("document.documentElement.scrollWidth"))
			if err != nil || wide > width {
				t.Errorf("at %d px the page is %d px wide (%v)", width, wide, err)
			}
		}
		nothingIsCutOffOnPaper(t, tab)
		ground, err := chromedp.Run(tab, chromedp.Evaluate[string]("getComputedStyle(document.body).backgroundColor"))
		if err != nil {
			t.Error(err)
		}
		backgrounds[ground] = true
		giveUp()
		closeTab()
		release()
	}
	if len(backgrounds) != 2 {
		t.Errorf("light and dark have the same background: %v", backgrounds)
	}
}

// nothingIsCutOffOnPaper: nobody can scroll a sheet, and the last column is Titrate's own.
func nothingIsCutOffOnPaper(t *testing.T, tab context.Context) {
	t.Helper()
	const sheet = 1032 // px: A4 across, without its margins of 12 mm
	if err := chromedp.Do(tab, chromedp.EmulateViewport(sheet, 844)); err != nil {
		t.Fatal(err)
	}
	if _, err := chromedp.Call(tab, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print"}); err != nil {
		t.Fatal(err)
	}
	cut, err := chromedp.Run(tab, chromedp.Evaluate[int](`[...document.querySelectorAll("table, svg")]
		.filter(e => e.getClientRects().length && e.getBoundingClientRect().right > innerWidth + 1).length`))
	if err != nil || cut > 0 {
		t.Errorf("%d tables and pictures don't fit on paper (%v)", cut, err)
	}
	small, err := chromedp.Run(tab, chromedp.Evaluate[int](`[...document.querySelectorAll("svg")]
		.filter(e => e.getClientRects().length && e.getBoundingClientRect().width < .8 * e.viewBox.baseVal.width).length`))
	if err != nil || small > 0 {
		t.Errorf("%d pictures are too small to be read on paper (%v)", small, err)
	}
	traces, err := chromedp.Run(tab, chromedp.Evaluate[int](`[...document.querySelectorAll(".worst svg")].filter(e => e.getClientRects().length).length`))
	if err != nil || traces == 0 {
		t.Errorf("nobody's glucose is on paper (%v)", err)
	}
}

// A policy gone wrong is reported, and fails the command.
func TestTrialFailsWithAFailedArm(t *testing.T) {
	r := &trial.Result{Arms: []trial.ArmResult{{Arm: "a"}, {Arm: "b", Failed: "bolus of NaN U"}}}
	if err := failedArms(r); err == nil || !strings.Contains(err.Error(), "arm b failed: bolus of NaN U") {
		t.Errorf("%v", err)
	}
	if err := failedArms(&trial.Result{Arms: []trial.ArmResult{{Arm: "a"}}}); err != nil {
		t.Error(err)
	}
}

func TestTrialRefusesWhatItDoesNotKnow(t *testing.T) {
	for name, c := range map[string]struct {
		args []string
		exit int
		says string
	}{
		"arm":       {[]string{"--arms", "pray"}, 2, "calculator-iob"},
		"cohort":    {[]string{"--cohort", "elves"}, 2, "adolescent"},
		"condition": {[]string{"--condition", "war"}, 2, "stress"},
		"report":    {[]string{"--report", "x.json"}, 2, "trial.html"},
		"days":      {[]string{"--days", "-1"}, 2, "--days"},
		"model":     {[]string{"--models", filepath.Join(t.TempDir(), "none")}, 1, "titrate train"},
	} {
		r := runTitrate(t, append([]string{"trial"}, c.args...)...)
		if r.exit != c.exit || !strings.Contains(r.stderr, c.says) {
			t.Errorf("%s: exit %d, %q; want %d and a mention of %q", name, r.exit, r.stderr, c.exit, c.says)
		}
	}
}

func TestTrialScoresTheRules(t *testing.T) {
	r := must(t, "trial", "rules", "--patients", "2", "--days", "3", "--faults", "duplicate")
	got := summary[detect.Result](t, r)
	if len(got.Faults) != len(simulate.Faults()) || got.Readings == 0 || !strings.Contains(r.stderr, "| `duplicate` | `duplicate` |") {
		t.Errorf("%+v\n%s", got, r.stderr)
	}
}
