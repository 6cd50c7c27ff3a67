package main

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/titrate/titrate/predict"
	"github.com/titrate/titrate/train"
)

// imported is the summary of an import.
type imported struct{ Lines, Derived, Events, Defects int64 }

// TestRealPeople takes ten adults with type 1 diabetes the whole way: every line of
// the study is accounted for, what can't be right is quarantined, and the model
// forecasts people it hasn't seen better than their last value does.
func TestRealPeople(t *testing.T) {
	study := shared(t, "t1d_uom")
	cfg := startBroker(t)
	dir := t.TempDir()
	lake, models := filepath.Join(dir, "lake"), filepath.Join(dir, "models")

	in := summary[imported](t, must(t, "import", "t1d-uom", study, "--brokers", cfg.Brokers))
	if in.Lines != 222_140 || in.Events != in.Lines+in.Derived {
		t.Errorf("imported %+v, want 222,140 lines and an event for each", in)
	}
	got := summary[counts](t, must(t, "ingest", "--brokers", cfg.Brokers, "--lake", lake, "--drain"))
	want := counts{Read: in.Events, Accepted: 206_362, Quarantined: 126, Duplicate: 15_662, Files: got.Files, Bytes: got.Bytes, Seconds: got.Seconds}
	if got != want {
		t.Errorf("ingested %+v, want %+v", got, want)
	}
	checkQuarantine(t, lake)

	report := summary[trainSummary](t, must(t, "train", "--lake", lake, "--models", models))
	for _, minutes := range []int{30, 60} {
		checkBeatsPersistence(t, report.Horizons, minutes)
	}
	if report.Probes.DoseWrong != 0 || report.Probes.CarbsWrong != 0 {
		t.Errorf("effects with the wrong sign: %+v", report.Probes)
	}
	checkScoring(t, study, models, in.Events)
}

// checkQuarantine holds the quarantine to the defects that the study is known to
// have: by what is wrong, and how often.
func checkQuarantine(t *testing.T, lake string) {
	t.Helper()
	got := ask(t, lake, `select r.code as code, count(*) as n from (select unnest(reasons) as r from quarantine) group by 1 order by 1`)
	want := `[{"code":"carbs_missing","n":10},{"code":"source_defect","n":9},{"code":"time_in_future","n":1},{"code":"time_unparseable","n":4},{"code":"units_missing","n":100},{"code":"value_implausible","n":7}]`
	if got != want {
		t.Errorf("quarantined:\n got %s\nwant %s", got, want)
	}
}

func checkBeatsPersistence(t *testing.T, horizons []train.HorizonScore, minutes int) {
	t.Helper()
	for _, h := range horizons {
		if h.Minutes != minutes {
			continue
		}
		for _, f := range h.Forecasters {
			t.Logf("%d min: %-14s RMSE %.1f, MAE %.1f mg/dL", minutes, f.Name, f.RMSE.Value, f.MAE.Value)
		}
		if h.Gain.Value >= 0 || h.Forecasters[0].Name != "model" {
			t.Errorf("%d min: the model's RMSE is %+.2f mg/dL against the last value", minutes, h.Gain.Value)
		}
		return
	}
	t.Errorf("no score at %d min", minutes)
}

// checkScoring asks for advice at each event of the study, as if it were live.
func checkScoring(t *testing.T, study, models string, events int64) {
	t.Helper()
	dir := t.TempDir()
	in, out := filepath.Join(dir, "events.jsonl"), filepath.Join(dir, "advice.jsonl")
	must(t, "import", "t1d-uom", study, "--out", in)
	must(t, "score", "--in", in, "--out", out, "--model", models+"/")
	file, err := os.Open(out)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	kinds := map[predict.Kind]int{}
	var lines int64
	scan := bufio.NewScanner(file)
	scan.Buffer(nil, maxLine)
	for scan.Scan() {
		lines++
		var answer predict.Answer
		if err := json.Unmarshal(scan.Bytes(), &answer); err != nil || answer.N != lines {
			t.Fatalf("line %d: %v: %s", lines, err, scan.Text())
		}
		for _, r := range answer.Recommendations {
			kinds[r.Kind]++
			if r.Because == "" || r.Units < 0 || r.Units > 25 || strings.Contains(r.Because, "NaN") {
				t.Errorf("line %d: %+v", lines, r)
			}
		}
	}
	if scan.Err() != nil || lines != events {
		t.Errorf("%d answers to %d events: %v", lines, events, scan.Err())
	}
	t.Logf("advice over the study: %v", kinds)
	if kinds[predict.Bolus] == 0 || kinds[predict.Carbs] == 0 || kinds[predict.Hold] == 0 {
		t.Errorf("advice over the study: %v", kinds)
	}
}

// TestOldOutpatients takes the fifty outpatients' records, defects and all.
func TestOldOutpatients(t *testing.T) {
	study := shared(t, "uci_diabetes")
	cfg := startBroker(t)
	lake := filepath.Join(t.TempDir(), "lake")
	in := summary[imported](t, must(t, "import", "uci", study, "--brokers", cfg.Brokers))
	got := summary[counts](t, must(t, "ingest", "--brokers", cfg.Brokers, "--lake", lake, "--drain"))
	want := counts{Read: 19_873, Accepted: 19_670, Quarantined: 197, Duplicate: 6, Files: got.Files, Bytes: got.Bytes, Seconds: got.Seconds}
	if in.Events != in.Lines || got != want {
		t.Errorf("imported %+v, ingested %+v, want %+v", in, got, want)
	}
	if rows := ask(t, lake, `select count(*) as n from quarantine where payload is null or len(reasons) = 0`); rows != `[{"n":0}]` {
		t.Errorf("quarantined without payload or reason: %s", rows)
	}
}

// TestEachLineIsAnsweredAtOnce talks with the scorer: the answer to a line comes
// before the next line is sent, also to what is no event.
func TestEachLineIsAnsweredAtOnce(t *testing.T) {
	cmd := titrate(t, "score", "--model", "prior", "--in", "-", "--out", "-", "--each")
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	answers := bufio.NewScanner(out)
	answers.Buffer(nil, maxLine)
	for i, line := range []string{
		`{"type":"profile","patient":"p","time":"2026-11-01T08:00:00Z","diabetes":"type1","regimen":"mdi","icr_g_per_u":10,"isf_mgdl_per_u":45,"target_low_mgdl":100,"target_high_mgdl":120,"dose_step_u":0.5,"birth_year":1980,"timezone":"UTC"}`,
		`{"type":"glucose","patient":"p","time":"2026-11-01T08:00:00Z","value":7.2,"unit":"mmol/L","source":"cgm"}`,
		``,
		`not JSON`,
		`{"type":"glucose","patient":"p","time":"2026-02-30T08:00:00Z","value":"x"}`,
		`{"type":"meal","patient":"p","time":"2026-11-01T08:02:00Z","carbs_g":50}`,
	} {
		if _, err := in.Write([]byte(line + "\n")); err != nil {
			t.Fatal(err)
		}
		if !answers.Scan() {
			t.Fatalf("no answer to line %d", i+1)
		}
		var answer predict.Answer
		if err := json.Unmarshal(answers.Bytes(), &answer); err != nil || answer.N != int64(i+1) || answer.Recommendations == nil {
			t.Errorf("answer to line %d: %v %s", i+1, err, answers.Text())
		}
		if wrong := i >= 2 && i <= 4; wrong != (len(answer.Reasons) > 0) {
			t.Errorf("line %d: reasons %v", i+1, answer.Reasons)
		}
		if i == 5 && (len(answer.Recommendations) != 1 || answer.Recommendations[0].Kind != predict.Bolus) {
			t.Errorf("answer to a meal: %s", answers.Text())
		}
	}
	if err := in.Close(); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
}
