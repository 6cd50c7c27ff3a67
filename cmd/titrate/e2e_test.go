package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/titrate/titrate/infra/kafka"
	"github.com/titrate/titrate/predict"
)

// counts is the summary of an ingest job.
type counts struct {
	Read, Accepted, Quarantined, Duplicate, Late int64
	Files                                        int
	Bytes                                        int64
	Seconds                                      float64
}

// TestWholeWay takes events through the broker's real protocol: each becomes a row
// of Parquet, and the meal becomes a recommendation that a page can read.
func TestWholeWay(t *testing.T) {
	cfg, topic := startCluster(t)
	lake := filepath.Join(t.TempDir(), "lake")
	must(t, "ingest", "--brokers", cfg.Brokers, "--lake", lake, "--drain") // makes the topics

	scorer := start(t, "score", "--brokers", cfg.Brokers, "--model", "prior")
	page := start(t, "serve", "--brokers", cfg.Brokers, "--model", "prior", "--listen", "127.0.0.1:0", "--token", "secret")
	address := page.line(t, "http://")
	host, _, _ := strings.Cut(address, "/#")

	send(t, cfg, to(topic, morning("p-1", time.Now()))...)
	advice := waitForAdvice(t, host, "p-1")
	if advice.Kind != predict.Bolus || advice.Units <= 0 || advice.Because == "" || len(advice.Gates) < 10 {
		t.Errorf("advice for the meal: %+v", advice)
	}
	if _, text := get(t, host+"/metrics", ""); !strings.Contains(text, `titrate_recommendations_total{kind="bolus"} 1`) {
		t.Errorf("/metrics doesn't count the recommendation:\n%s", text)
	}
	scorer.stop(t)
	page.stop(t)
	tellWhatTheyDo(t, scorer, page)

	got := summary[counts](t, must(t, "ingest", "--brokers", cfg.Brokers, "--lake", lake, "--drain"))
	sent := int64(len(morning("p-1", time.Now())))
	if got.Accepted != sent-3+1 || got.Quarantined != 2 || got.Duplicate != 1 || got.Read != got.Accepted+got.Quarantined+got.Duplicate+got.Late {
		t.Errorf("of %d events and one recommendation: %+v", sent, got)
	}
	rows := ask(t, lake, "select patient, carbs_g, meal from meals")
	if want := `[{"carbs_g":45,"meal":"breakfast","patient":"p-1"}]`; rows != want {
		t.Errorf("meals: %s, want %s", rows, want)
	}
	rows = ask(t, lake, "select kind, units, id from recommendations")
	if want := fmt.Sprintf(`[{"id":%q,"kind":"bolus","units":%v}]`, advice.ID, advice.Units); rows != want {
		t.Errorf("recommendations: %s, want %s", rows, want)
	}
	codes := ask(t, lake, "select r.code from (select unnest(reasons) as r from quarantine) order by 1")
	for _, want := range []string{"unit", "json"} {
		if !strings.Contains(codes, want) {
			t.Errorf("quarantine's reasons %s lack one about %q", codes, want)
		}
	}
	again := summary[counts](t, must(t, "ingest", "--brokers", cfg.Brokers, "--lake", lake, "--drain"))
	if again.Read != 0 || again.Files != 0 {
		t.Errorf("a second drain found %+v, want nothing new", again)
	}
}

// to names the topic of messages.
func to(topic string, messages []kafka.Message) []kafka.Message {
	for i := range messages {
		messages[i].Topic = topic
	}
	return messages
}

// TestSimulatedPeopleArriveOnce drains, twice, what virtual people with faulty
// devices sent: each message is in the raw table once.
func TestSimulatedPeopleArriveOnce(t *testing.T) {
	cfg, _ := startCluster(t)
	lake := filepath.Join(t.TempDir(), "lake")
	sent := summary[struct{ Events int64 }](t, must(t, "simulate", "--brokers", cfg.Brokers,
		"--patients", "20", "--days", "2", "--seed", "7", "--faults", "all", "--until", "2026-01-02T00:00:00Z"))
	if sent.Events < 10_000 {
		t.Fatalf("only %d events were sent", sent.Events)
	}
	for range 2 {
		must(t, "ingest", "--brokers", cfg.Brokers, "--lake", lake, "--drain")
	}
	count := func(sql string) int64 {
		var rows []struct{ N int64 }
		if err := json.Unmarshal([]byte(ask(t, lake, sql)), &rows); err != nil {
			t.Fatal(err)
		}
		return rows[0].N
	}
	raw := "from raw where topic = '" + os.Getenv("TITRATE_TOPIC") + "' or topic = 'events'"
	if n := count("select count(*) n " + raw); n != sent.Events {
		t.Errorf("%d messages are in the raw table, %d were sent", n, sent.Events)
	}
	if n := count("select count(distinct (kafka_partition, kafka_offset)) n " + raw); n != sent.Events {
		t.Errorf("%d places in the log are in the raw table, %d were sent", n, sent.Events)
	}
	if out := must(t, "verify", "--lake", lake, "--brokers", cfg.Brokers).stdout; !strings.Contains(out, "every offset is accounted for once") {
		t.Error(out)
	}
}

// morning is a person's profile, two hours of readings, a breakfast, one doubled
// message and two bad ones.
func morning(patient string, now time.Time) []kafka.Message {
	var out []kafka.Message
	add := func(text string) {
		out = append(out, kafka.Message{Topic: topicEvents, Key: []byte(patient), Value: []byte(text)})
	}
	stamp := func(ago time.Duration) string { return now.Add(-ago).UTC().Format(time.RFC3339) }
	add(fmt.Sprintf(`{"type":"profile","patient":%q,"time":%q,"birth_year":1984,"weight_kg":72,"diabetes":"type1","regimen":"mdi",
		"icr_g_per_u":10,"isf_mgdl_per_u":45,"target_low_mgdl":100,"target_high_mgdl":120,"basal_u_per_day":18,"max_bolus_u":10,
		"dose_step_u":0.5,"insulin":"lispro","dia_min":360,"timezone":"Europe/Berlin"}`, patient, stamp(50*time.Minute)))
	for m := 50; m >= 0; m -= 5 {
		add(fmt.Sprintf(`{"type":"glucose","patient":%q,"time":%q,"value":%d,"unit":"mg/dL","source":"cgm","device":"g7","trend":"flat"}`,
			patient, stamp(time.Duration(m)*time.Minute), 128+m%3))
	}
	out = append(out, out[len(out)-1]) // sent twice
	add(fmt.Sprintf(`{"type":"glucose","patient":%q,"time":%q,"value":7.1,"source":"cgm"}`, patient, stamp(0)))
	add(`{"type":"glucose",`)
	add(fmt.Sprintf(`{"type":"meal","patient":%q,"time":%q,"carbs_g":45,"meal":"breakfast"}`, patient, stamp(0)))
	return out
}

func waitForAdvice(t *testing.T, host, patient string) predict.Recommendation {
	t.Helper()
	url := fmt.Sprintf("%s/v1/patients/%s/recommendations", host, patient)
	deadline := time.Now().Add(20 * time.Second)
	for time.Now().Before(deadline) {
		if status, body := get(t, url, "secret"); status == http.StatusOK {
			var found struct{ Recommendations []predict.Recommendation }
			if err := json.Unmarshal([]byte(body), &found); err != nil {
				t.Fatalf("%s: %v\n%s", url, err, body)
			}
			if n := len(found.Recommendations); n > 0 {
				return found.Recommendations[n-1]
			}
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatal("no recommendation within 20 s")
	return predict.Recommendation{}
}

func get(t *testing.T, url, token string) (status int, body string) {
	t.Helper()
	return request(t, http.MethodGet, url, token, "")
}

// request gives the answer's status and body; status 0 and the error if none came.
func request(t *testing.T, method, url, token, content string) (status int, body string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, err.Error()
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(text)
}

// ask queries the lake and gives the rows as compact JSON with sorted keys.
func ask(t testing.TB, lake, sql string) string {
	t.Helper()
	name, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(name, "query", "--lake", lake, "--format", "json", sql).Output()
	if err != nil {
		t.Fatalf("query %s: %v", sql, err)
	}
	var rows []map[string]any
	if err := json.Unmarshal(out, &rows); err != nil {
		t.Fatalf("query %s: %v\n%s", sql, err, out)
	}
	text, err := json.Marshal(rows)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// tellWhatTheyDo: whoever is called at night reads in the log what runs, on what, and since
// when it answers; and a job that was told to stop ends with its summary.
func tellWhatTheyDo(t *testing.T, scorer, page *process) {
	t.Helper()
	for p, want := range map[*process][]string{
		scorer: {"msg=scoring", "brokers=", "group=titrate-score", "model=prior", "rules=", "events are answered"},
		page:   {"msg=serving", "listen=", "model=prior", "msg=\"ready"},
	} {
		for _, text := range want {
			if log := p.stderr.String(); !strings.Contains(log, text) {
				t.Errorf("the log doesn't tell %s:\n%s", text, log)
			}
		}
	}
	var sum scoringSummary
	if err := json.Unmarshal([]byte(scorer.last), &sum); err != nil || sum.Events == 0 || sum.Model != "prior" {
		t.Errorf("the scorer ended with %q (%v)", scorer.last, err)
	}
}

// process is a job that runs beside the test.
type process struct {
	cmd    *exec.Cmd
	stdout *bufio.Scanner
	stderr strings.Builder
	last   string // line of stdout, once it is stopped
}

func start(t *testing.T, args ...string) *process {
	t.Helper()
	p := &process{cmd: titrate(t, args...)}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	p.cmd.Stderr = &p.stderr
	p.stdout = bufio.NewScanner(out)
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if p.cmd.ProcessState == nil {
			_ = p.cmd.Process.Kill()
			_ = p.cmd.Wait()
		}
		if t.Failed() {
			t.Logf("titrate %s:\n%s", args[0], p.stderr.String())
		}
	})
	return p
}

// line waits for a line of stdout that holds text, and gives it from there on.
func (p *process) line(t *testing.T, text string) string {
	t.Helper()
	for p.stdout.Scan() {
		if i := strings.Index(p.stdout.Text(), text); i >= 0 {
			return p.stdout.Text()[i:]
		}
	}
	_ = p.cmd.Wait()
	t.Fatalf("no line with %q:\n%s", text, p.stderr.String())
	return ""
}

// stop asks the job to end, as Ctrl-C does; it must end well.
func (p *process) stop(t *testing.T) {
	t.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	for p.stdout.Scan() {
		p.last = p.stdout.Text()
	}
	if err := p.cmd.Wait(); err != nil {
		t.Errorf("after Ctrl-C: %v\n%s", err, p.stderr.String())
	}
}
