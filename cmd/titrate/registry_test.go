package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A registry's life: two models, a comparison, a promotion, a way back, a shadow, an
// export; and mistakes that say what to do.
func TestModelsOfARegistry(t *testing.T) {
	dir := t.TempDir()
	models := filepath.Join(dir, "models")
	cfg, _ := startCluster(t)
	lake := filepath.Join(dir, "lake")
	must(t, "simulate", "--brokers", cfg.Brokers, "--patients", "8", "--days", "4", "--until", "2026-01-05T00:00:00Z")
	must(t, "ingest", "--brokers", cfg.Brokers, "--lake", lake, "--drain")
	for _, seed := range []string{"1", "2"} {
		must(t, "train", "--lake", lake, "--models", models, "--epochs", "1", "--seed", seed, "--force", "--reason", "a test of few people")
	}
	if r := runTitrate(t, "train", "--lake", lake, "--models", "/proc/titrate"); r.exit != 1 ||
		!strings.Contains(r.stderr, "--models: ") || !strings.Contains(r.stderr, "can be written") || strings.Contains(r.stderr, "msg=Training") {
		t.Errorf("train into a registry that can't be written: exit %d, %s", r.exit, r.stderr)
	}
	list := must(t, "models", "list", "--models", models).stdout
	lines := strings.Split(strings.TrimSpace(list), "\n")
	if len(lines) != 3 || strings.Contains(lines[1], "champion") || !strings.Contains(lines[2], "champion") {
		t.Fatalf("listed\n%s", list)
	}
	first, second := strings.Fields(lines[1])[0], strings.Fields(lines[2])[0]
	show := must(t, "models", "show", "champion", "--models", models).stdout
	for _, want := range []string{"# Model " + second, "direction: wrong in 0 of", "ledger"} {
		if !strings.Contains(show, want) {
			t.Errorf("show lacks %q:\n%s", want, show)
		}
	}
	var report struct {
		Lineage struct {
			Ledger []struct{ Next int64 } `json:"ledger"`
		} `json:"lineage"`
		Interventions struct{ Pairs int } `json:"interventions"`
	}
	if err := json.Unmarshal([]byte(must(t, "models", "show", first, "--json", "--models", models).stdout), &report); err != nil ||
		len(report.Lineage.Ledger) == 0 || report.Lineage.Ledger[0].Next == 0 || report.Interventions.Pairs == 0 {
		t.Errorf("the report says %+v, %v", report, err)
	}
	adapts(t, lake, models, second, cfg.Brokers)
	if diff := must(t, "models", "diff", first, "champion", "--models", models).stdout; !strings.Contains(diff, "seed") || !strings.Contains(diff, "≠") {
		t.Errorf("diff:\n%s", diff)
	}
	must(t, "models", "rollback", "--reason", "a drill", "--models", models)
	must(t, "models", "shadow", second, "--models", models)
	list = must(t, "models", "list", "--models", models).stdout
	if lines := strings.Split(list, "\n"); !strings.Contains(lines[1], "champion") || !strings.Contains(lines[2], "challenger") {
		t.Errorf("after rollback and shadow\n%s", list)
	}
	for name, c := range map[string]struct{ args, wants string }{
		"baseline of nothing": {"--baseline 2020-01-01.1", "models list"},
		"nobody of that name": {"--patients nobody", "people and days asked for"},
	} {
		args := append([]string{"train", "--lake", lake, "--models", models}, strings.Fields(c.args)...)
		if got := runTitrate(t, args...); got.exit != 1 || !strings.Contains(got.stderr, c.wants) {
			t.Errorf("%s: exit %d, %q", name, got.exit, got.stderr)
		}
	}
	if after := must(t, "models", "list", "--models", models).stdout; after != list {
		t.Errorf("a training that can't be compared published\n%s", after)
	}
	must(t, "models", "export", "champion", "--onnx", filepath.Join(dir, "m.onnx"), "--models", models)
	resumesAfterKill(t, lake, filepath.Join(dir, "killed"))
	for name, c := range map[string]struct {
		args []string
		exit int
		want string
	}{
		"no such version":     {[]string{"models", "promote", "2020-01-01.1", "--models", models}, 1, "models list"},
		"force, no reason":    {[]string{"models", "promote", first, "--force", "--models", models}, 2, "--reason"},
		"shadow of nothing":   {[]string{"models", "shadow", "--models", models}, 2, "--stop"},
		"export to nowhere":   {[]string{"models", "export", "champion", "--models", models}, 2, "--onnx"},
		"diff with none such": {[]string{"models", "diff", first, "2020-01-01.1", "--models", models}, 1, "models list"},
	} {
		if got := runTitrate(t, c.args...); got.exit != c.exit || !strings.Contains(got.stderr, c.want) {
			t.Errorf("%s: exit %d, %q", name, got.exit, got.stderr)
		}
	}
}

// adapts learns of the people of a lake again: nothing if it holds nothing new, the next
// adaptation once they have lived on.
func adapts(t *testing.T, lake, models, champion, brokers string) {
	t.Helper()
	job := func(args ...string) (a adapted) {
		t.Helper()
		out := must(t, append([]string{"models", "adapt", "--lake", lake, "--models", models}, args...)...).stdout
		if err := json.Unmarshal([]byte(out), &a); err != nil {
			t.Fatalf("%s: %v", out, err)
		}
		return a
	}
	if a := job(); a.Model != champion+"+1" || a.Published || a.People != 8 || a.Moments < 8*3*100 {
		t.Errorf("training has learned of the people of this lake already, and the job says %+v", a)
	}
	if show := must(t, "models", "show", "champion", "--models", models).stdout; !strings.Contains(show, "Adaptations: 1; the newest knows 8 people, up to 2026-01-04 2") {
		t.Errorf("show:\n%s", show)
	}
	must(t, "simulate", "--brokers", brokers, "--patients", "9", "--days", "2", "--until", "2026-01-07T00:00:00Z")
	must(t, "ingest", "--brokers", brokers, "--lake", lake, "--drain")
	if a := job("champion"); a.Model != champion+"+2" || !a.Published || a.People != 9 {
		t.Errorf("two days later it says %+v", a)
	}
	for want, args := range map[string][]string{
		"models list": {"models", "adapt", "2020-01-01.1", "--lake", lake, "--models", models},
		"sensor data": {"models", "adapt", "--lake", models, "--models", models},
	} {
		if got := runTitrate(t, args...); got.exit != 1 || !strings.Contains(got.stderr, want) {
			t.Errorf("%v: exit %d, %s", args, got.exit, got.stderr)
		}
	}
}

// resumesAfterKill kills a training between two passes, and lets another go on from
// what was kept: the weights are those of one that was left alone.
func resumesAfterKill(t *testing.T, lake, models string) {
	t.Helper()
	state := filepath.Join(t.TempDir(), "state")
	args := []string{"train", "--lake", lake, "--models", models, "--epochs", "8", "--checkpoint", state, "--force", "--reason", "a test of few people"}
	cmd := titrate(t, args...)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(2 * time.Minute); ; time.Sleep(time.Millisecond) {
		if _, err := os.Stat(state); err == nil || time.Now().After(deadline) {
			break
		}
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err == nil {
		t.Fatal("training was done before it could be killed")
	}
	kept, err := os.ReadFile(state)
	if err != nil || len(kept) == 0 {
		t.Fatalf("nothing was kept: %v", err)
	}
	must(t, args...)
	if _, err := os.Stat(state); !os.IsNotExist(err) {
		t.Errorf("the state stays after the model is published: %v", err)
	}
	must(t, args...)
	if found, err := filepath.Glob(filepath.Join(models, "20*", "weights.json")); err != nil || len(found) != 2 || sum(t, found[0]) != sum(t, found[1]) {
		t.Errorf("%v, %v: the resumed model differs from the one that was left alone", found, err)
	}
}

// sum is a model's checksum over its weights.
func sum(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var m struct{ Sum string }
	if err := json.Unmarshal(data, &m); err != nil || m.Sum == "" {
		t.Fatalf("%s: %v", path, err)
	}
	return m.Sum
}
