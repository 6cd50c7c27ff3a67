package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A mistake gets one clear line that says what, where and what to do; usage is
// told from failure by the exit code, and nothing half-written stays behind.
func TestMistakesGetOneClearLine(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, []byte("x"), 0o644); err != nil {
		t.Fatal(err)
	}
	csv := filepath.Join(dir, "table.csv")
	if err := os.WriteFile(csv, []byte("a,b\n1,2\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	misspelt := filepath.Join(dir, "titrate.yaml")
	if err := os.WriteFile(misspelt, []byte("ingest:\n  lakee: x\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		args []string
		exit int
		says []string
	}{
		"unknown flag":            {[]string{"ingest", "--lakes", "x"}, 2, []string{"--lakes", "--help"}},
		"unknown command":         {[]string{"injest"}, 2, []string{"injest", "did you mean ingest?"}},
		"unknown one of models":   {[]string{"models", "lst"}, 2, []string{"lst", "did you mean list?", "titrate models --help"}},
		"unknown one of trial":    {[]string{"trial", "rule"}, 2, []string{"rule", "did you mean rules?"}},
		"unknown one of moments":  {[]string{"moments", "elves"}, 2, []string{"elves", "titrate moments --help"}},
		"surplus below models":    {[]string{"models", "list", "now"}, 2, []string{"now", "titrate models list --help"}},
		"list of no models":       {[]string{"models", "list", "--models", dir + "/none"}, 1, []string{dir + "/none", "titrate train", "--models"}},
		"surplus argument":        {[]string{"ingest", "now"}, 2, []string{"now"}},
		"no broker":               {[]string{"ingest", "--brokers", "127.0.0.1:9", "--lake", dir + "/a"}, 1, []string{"127.0.0.1:9", "--brokers"}},
		"lake is a file":          {[]string{"query", "--lake", file, "select 1"}, 1, []string{file}},
		"no lake yet":             {[]string{"query", "--lake", dir, "select 1"}, 1, []string{"titrate ingest"}},
		"lake can't be written":   {[]string{"up", "--data", "/proc/titrate"}, 1, []string{"/proc/titrate", "written"}},
		"unknown store":           {[]string{"train", "--lake", "gs://x/y", "--models", dir + "/m"}, 2, []string{"gs://", "s3://"}},
		"no model":                {[]string{"score", "--models", dir + "/none", "--in", "-"}, 1, []string{"titrate train", dir + "/none"}},
		"no model in a directory": {[]string{"score", "--model", dir + "/none", "--in", "-"}, 1, []string{"titrate train", dir + "/none"}},
		"empty lake":              {[]string{"train", "--lake", dir + "/empty", "--models", dir + "/m"}, 1, []string{dir + "/empty", "titrate ingest", "--lake"}},
		"compact of no lake":      {[]string{"compact", "--lake", dir}, 1, []string{dir, "no ledger", "titrate ingest"}},
		"verify of no lake":       {[]string{"verify", "--lake", dir}, 1, []string{dir, "no ledger", "titrate ingest"}},
		"explain of no lake":      {[]string{"explain", "x", "--lake", dir + "/none"}, 1, []string{dir + "/none", "no ledger"}},
		"backtest of no lake":     {[]string{"moments", "backtest", "--lake", dir}, 1, []string{dir, "no ledger"}},
		"dry run of no lake":      {[]string{"replay", "--dry-run", "--lake", dir}, 1, []string{dir, "no ledger"}},
		"negative passes":         {[]string{"train", "--lake", dir + "/empty", "--models", dir + "/m", "--epochs", "-3"}, 2, []string{"--epochs -3"}},
		"unknown format":          {[]string{"import", "abbott", dir}, 2, []string{"abbott", "t1d-uom"}},
		"export without its zone": {[]string{"import", "clarity", file}, 2, []string{"--zone"}},
		"export without a person": {[]string{"import", "clarity", file, "--zone", "UTC"}, 2, []string{"--patient"}},
		"unknown order of dates":  {[]string{"import", "uci", file, "--dates", "YDM"}, 2, []string{"YDM", "--dates"}},
		"csv without a mapping":   {[]string{"import", "csv", csv}, 2, []string{"--mapping"}},
		"no such mapping":         {[]string{"import", "csv", csv, "--mapping", dir + "/none"}, 2, []string{dir + "/none"}},
		"nothing to import":       {[]string{"import", "uci", dir + "/none"}, 1, []string{dir + "/none"}},
		"import to no directory":  {[]string{"import", "uci", file, "--out", dir + "/none/e"}, 2, []string{"--out", dir + "/none"}},
		"unknown form of answers": {[]string{"query", "--format", "xml", "select 1"}, 2, []string{"xml", "table, csv, json, arrow"}},
		"truth has no directory":  {[]string{"simulate", "--truth", dir + "/none/t"}, 2, []string{"--truth", dir + "/none"}},
		"no number":               {[]string{"train", "--seed", "x"}, 2, []string{`--seed "x"`, "whole number"}},
		"no duration":             {[]string{"compact", "--after", "x"}, 2, []string{`--after "x"`, "1h"}},
		"days in no order":        {[]string{"train", "--since", "2026-12-02", "--until", "2026-12-01"}, 2, []string{"--since 2026-12-02", "--until 2026-12-01"}},
		"no such day":             {[]string{"replay", "--dry-run", "--since", "2026-13-01"}, 2, []string{"2026-13-01", "YYYY-MM-DD"}},
		"negative patience":       {[]string{"ingest", "--patience", "-1s"}, 2, []string{"--patience"}},
		"no partition":            {[]string{"ingest", "--partitions", "0"}, 2, []string{"--partitions 0"}},
		"no topic":                {[]string{"score", "--model", "prior", "--topic", ""}, 2, []string{"--topic"}},
		"no name of brokers":      {[]string{"score", "--model", "prior", "--brokers", ""}, 2, []string{"--brokers", "host:port"}},
		"registry is no URL":      {[]string{"ingest", "--schema-registry", "x"}, 2, []string{"--schema-registry", "https://"}},
		"rules before brokers":    {[]string{"ingest", "--rules", dir + "/none"}, 2, []string{"--rules", dir + "/none"}},
		"old rules":               {[]string{"replay", "--dry-run", "--against", dir + "/none"}, 2, []string{"--against", dir + "/none"}},
		"moments before brokers":  {[]string{"score", "--model", "prior", "--moments", file}, 2, []string{file, "name, on, when"}},
		"no address":              {[]string{"serve", "--listen", "nonsense"}, 2, []string{"--listen", "host:port"}},
		"no address of up":        {[]string{"up", "--listen", "nonsense", "--data", dir + "/up"}, 2, []string{"--listen", "host:port"}},
		"days to come":            {[]string{"up", "--behind", "-1h", "--data", dir + "/up"}, 2, []string{"--behind"}},
		"nobody to measure":       {[]string{"bench", "forecast", "--protocol", "virtual", "--people", "0"}, 2, []string{"--people 0"}},
		"help of no command":      {[]string{"help", "injest"}, 2, []string{"injest"}},
		"config is no list":       {[]string{"rules", "--config", file}, 2, []string{file, "line 1", "NAME: VALUE"}},
		"registry is a file":      {[]string{"models", "list", "--models", file}, 1, []string{"--models", file, "is a file"}},
		"train's lake is a file":  {[]string{"train", "--lake", file, "--models", dir + "/m"}, 1, []string{"--lake", file, "is a file"}},
		"no champion":             {[]string{"models", "show", "champion", "--models", dir + "/none"}, 1, []string{"champion", "titrate train"}},
		"not of that format":      {[]string{"import", "t1d-uom", dir}, 1, []string{dir}},
		"unknown cohort":          {[]string{"simulate", "--cohort", "elves"}, 2, []string{"elves", "adolescent"}},
		"negative days":           {[]string{"simulate", "--days", "-3"}, 2, []string{"--days"}},
		"unknown fault":           {[]string{"simulate", "--faults", "gremlins"}, 2, []string{"gremlins", "compression"}},
		"unknown setting":         {[]string{"trial", "--model", "prior", "--settings", "dia=2"}, 2, []string{"dia", "icr, isf, basal"}},
		"no factor":               {[]string{"simulate", "--settings", "icr=much"}, 2, []string{"icr=much", "number"}},
		"factor":                  {[]string{"simulate", "--settings", "icr=-1"}, 2, []string{"icr", "0.33 to 3"}},
		"outside guardrails":      {[]string{"simulate", "--cohort", "adolescent", "--settings", "icr=0.34"}, 2, []string{"2 to 150 g/U"}},
		"clock too fast":          {[]string{"simulate", "--speed", "5000"}, 2, []string{"--speed", "3600"}},
		"rules of unknown fault":  {[]string{"trial", "rules", "--faults", "gremlins"}, 2, []string{"gremlins", "compression"}},
		"each without in":         {[]string{"score", "--each", "--model", "prior"}, 2, []string{"--in"}},
		"speed":                   {[]string{"up", "--speed", "0", "--data", dir + "/up"}, 2, []string{"--speed"}},
		"misspelt config key":     {[]string{"query", "--config", misspelt, "select 1"}, 2, []string{"lakee"}},
		"librdkafka property":     {[]string{"ingest", "--kafka-set", "ssl"}, 2, []string{"property=value"}},
		"guarantee switched off":  {[]string{"ingest", "--kafka-set", "isolation.level=read_uncommitted"}, 2, []string{"isolation.level"}},
		"user without a way in":   {[]string{"score", "--model", "prior", "--kafka-user", "u"}, 2, []string{"--kafka-sasl", "SCRAM-SHA-512"}},
		"unknown way in":          {[]string{"serve", "--model", "prior", "--kafka-sasl", "NTLM"}, 2, []string{"NTLM", "PLAIN"}},
		"certificate without key": {[]string{"ingest", "--kafka-cert", file}, 2, []string{"--kafka-key"}},
		"authority is no PEM":     {[]string{"ingest", "--kafka-ca", file}, 2, []string{"--kafka-ca", file}},
		"no password file":        {[]string{"ingest", "--kafka-sasl", "PLAIN", "--kafka-user", "u", "--kafka-password-file", dir + "/none"}, 2, []string{dir + "/none"}},
		"bad SQL names tables":    {[]string{"query", "--lake", dir, "selec"}, 1, []string{"lake"}},
		"s3 with one slash":       {[]string{"compact", "--lake", "s3:/bucket/x"}, 2, []string{"s3://bucket/x"}},
		"report has no directory": {[]string{"train", "--lake", dir, "--models", dir + "/m", "--report", dir + "/none/r.html"}, 2, []string{"--report", dir + "/none"}},
		"report of trial":         {[]string{"trial", "--model", "prior", "--report", file + "/r.html"}, 2, []string{"--report", file}},
		"two places for events":   {[]string{"simulate", "--out", dir + "/e", "--brokers", "127.0.0.1:9"}, 2, []string{"--out", "--brokers"}},
		"directory can't be made": {[]string{"up", "--data", file + "/data"}, 1, []string{"--data"}},
	} {
		t.Run(name, func(t *testing.T) {
			r := runTitrate(t, c.args...)
			if r.exit != c.exit {
				t.Errorf("exit %d, want %d", r.exit, c.exit)
			}
			lines := strings.Split(strings.TrimSpace(r.stderr), "\n")
			last := lines[len(lines)-1]
			for _, want := range c.says {
				if !strings.Contains(last, want) {
					t.Errorf("says %q, want it to mention %q", last, want)
				}
			}
			for _, ours := range []string{"strconv.", "predict.", "map[string]", "struct"} {
				if strings.Contains(last, ours) {
					t.Errorf("says %q, with the program's own %s", last, ours)
				}
			}
			if strings.Contains(r.stderr, "panic") || strings.Contains(r.stderr, "goroutine") {
				t.Errorf("panicked:\n%s", r.stderr)
			}
		})
	}
	if _, err := os.Stat(filepath.Join(dir, "up")); err == nil {
		t.Error("an up that was called wrongly has made its directory")
	}
	entries, err := os.ReadDir(filepath.Join(dir, "m"))
	if err == nil && len(entries) > 0 {
		t.Errorf("a failed training left %v behind", entries)
	}
}

func TestFlagsWinOverVariablesOverFile(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "titrate.yaml")
	settings := "simulate:\n  patients: 3\n  days: 1\n  until: 2026-01-02T00:00:00Z\n  out: " + filepath.Join(dir, "events.jsonl") + "\n"
	if err := os.WriteFile(file, []byte(settings), 0o644); err != nil {
		t.Fatal(err)
	}
	type people struct{ People int }
	count := func(env string, args ...string) int {
		cmd := titrate(t, append([]string{"simulate", "--config", file}, args...)...)
		cmd.Env = os.Environ()
		if env != "" {
			cmd.Env = append(cmd.Env, "TITRATE_PATIENTS="+env)
		}
		r := finish(t, cmd)
		if r.exit != 0 {
			t.Fatalf("exit %d: %s", r.exit, r.stderr)
		}
		return summary[people](t, r).People
	}
	if got := count(""); got != 3 {
		t.Errorf("file: %d people, want 3", got)
	}
	if got := count("2"); got != 2 {
		t.Errorf("variable over file: %d people, want 2", got)
	}
	if got := count("2", "--patients", "1"); got != 1 {
		t.Errorf("flag over variable: %d people, want 1", got)
	}
}

// What is under models has its settings from variables as well as the rest: promote must not
// work on another registry than the one that TITRATE_MODELS names.
func TestVariablesReachEveryCommand(t *testing.T) {
	dir := t.TempDir()
	cmd := titrate(t, "models", "list")
	cmd.Env = append(os.Environ(), "TITRATE_MODELS="+filepath.Join(dir, "here"))
	if r := finish(t, cmd); r.exit != 1 || !strings.Contains(r.stderr, filepath.Join(dir, "here")) {
		t.Errorf("exit %d: %s", r.exit, r.stderr)
	}
	file := filepath.Join(dir, "titrate.yaml")
	if err := os.WriteFile(file, []byte("models:\n  models: "+dir+"/there\nlimits:\n  seeds: 2\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if r := runTitrate(t, "models", "list", "--config", file); r.exit != 1 || !strings.Contains(r.stderr, dir+"/there") {
		t.Errorf("exit %d: %s", r.exit, r.stderr)
	}
}

// TestAFileThatIsAskedForIsWritten: README exports TITRATE_BROKERS and then asks for a file.
func TestAFileThatIsAskedForIsWritten(t *testing.T) {
	file := filepath.Join(t.TempDir(), "events.jsonl")
	cmd := titrate(t, "simulate", "--patients", "1", "--days", "1", "--out", file)
	cmd.Env = append(os.Environ(), "TITRATE_BROKERS=127.0.0.1:9")
	if r := finish(t, cmd); r.exit != 0 {
		t.Fatalf("exit %d: %s", r.exit, r.stderr)
	}
	if info, err := os.Stat(file); err != nil || info.Size() == 0 {
		t.Errorf("no events in the file: %v", err)
	}
}
