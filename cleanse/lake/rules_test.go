package lake_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/titrate/titrate/cleanse"
	"github.com/titrate/titrate/cleanse/lake"
	"github.com/titrate/titrate/ingest"
)

func book(t *testing.T, text string) *cleanse.Book {
	t.Helper()
	b, err := cleanse.ReadBook([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// What was begun by some rules is finished by the same ones, or not at all.
func TestOpenClaimOfOtherRulesIsRefused(t *testing.T) {
	narrow, narrower := book(t, "rules: {carbs_range: {high: 90}}"), book(t, "rules: {carbs_range: {high: 80}}")
	l := newLog(topic("A", 0), 60, rand.New(rand.NewPCG(8, 8)))
	b := newMemory()
	drain(t, b, lake.WriterOptions{Rules: narrow}, 100, l)
	for name := range b.objects {
		if strings.HasSuffix(name, ".done") { // as if the writer had died before its end
			delete(b.objects, name)
		}
	}
	for _, other := range []*cleanse.Book{nil, narrower} {
		_, err := lake.NewWriter(b, lake.WriterOptions{Rules: other}).Assign(t.Context(), l.Partition)
		if err == nil || !strings.Contains(err.Error(), narrow.Name()) || !strings.Contains(err.Error(), "--rules") {
			t.Errorf("rules %v took over: %v", other, err)
		}
	}
	w := drain(t, b, lake.WriterOptions{Rules: narrow}, 100, l)
	if w.Summary().Read != 60 {
		t.Errorf("%+v, want all 60 stored by the rules that claimed them", w.Summary())
	}
}

// many is a log of readings of which every nth is not JSON.
func many(nth, count int) *log {
	l := &log{Partition: topic("A", 0)}
	for i := range count {
		value := fmt.Appendf(nil, `{"type":"glucose","patient":"p","time":%q,"value":%d,"unit":"mg/dL","source":"lab"}`, epoch.Format("2006-01-02T15:04:05Z07:00"), 60+i)
		if i%nth == nth-1 {
			value = []byte("{")
		}
		l.records = append(l.records, ingest.Record{Topic: "events", Offset: int64(i), Seen: epoch, Value: value})
	}
	return l
}

// A bad release of a producer stops the job before the lake holds much of it, and
// the job stops again when it is started again.
func TestErrorIfStopsTheWriterAndKeepsItStopped(t *testing.T) {
	rules := book(t, "error_if: [{outcome: quarantined, last: 100, above: 0.2}]")
	b := newMemory()
	drain(t, b, lake.WriterOptions{Rules: rules}, 50, many(5, 300)) // 20 %: not above
	for name, l := range map[string]*log{"first": many(4, 900), "again": many(4, 900)} {
		r := &reader{log: l, writer: lake.NewWriter(b, lake.WriterOptions{Rules: rules})}
		if err := r.assign(t.Context()); err != nil {
			t.Fatal(err)
		}
		var err error
		for r.next < len(l.records) && err == nil {
			err = r.step(t.Context(), 50)
		}
		if err == nil || !strings.Contains(err.Error(), "more than 20 % of the last 100 records are quarantined") || !strings.Contains(err.Error(), "events partition 0 offset") {
			t.Errorf("%s: %v", name, err)
		}
		if r.next > 450 {
			t.Errorf("%s: stopped at record %d, long after the share was passed", name, r.next)
		}
	}
}

func TestARuleThatFailsStopsTheWriterBeforeItStores(t *testing.T) {
	rules := book(t, "rules: {payload_not_json: {action: fail}}")
	b := newMemory()
	l := many(70, 100)
	r := &reader{log: l, writer: lake.NewWriter(b, lake.WriterOptions{Rules: rules})}
	if err := r.assign(t.Context()); err != nil {
		t.Fatal(err)
	}
	var err error
	for r.next < len(l.records) && err == nil {
		err = r.step(t.Context(), 10)
	}
	if err == nil || !strings.Contains(err.Error(), "payload_not_json") || !strings.Contains(err.Error(), "offset 69") {
		t.Errorf("error %v, want one that names rule and offset", err)
	}
	for name := range b.objects {
		if strings.HasPrefix(name, lake.Quarantine+"/") {
			t.Errorf("%s was stored", name)
		}
	}
}

// The counters count what is stored, once: what is read back isn't counted again.
func TestVerdictsAreToldOnce(t *testing.T) {
	b := newMemory()
	counts := map[string]int{}
	for range 2 {
		drain(t, b, lake.WriterOptions{OnVerdict: func(v *cleanse.Verdict) {
			counts[v.Outcome.Word()]++
			for _, r := range v.Reasons {
				counts[r.Code]++
			}
		}}, 100, many(10, 300))
	}
	if counts["accepted"] != 270 || counts["quarantined"] != 30 || counts["payload_not_json"] != 30 {
		t.Errorf("%v, want 270 accepted and 30 quarantined", counts)
	}
}

// A scorer that goes by other rules is noticed, once.
func TestOtherRulesOfAScorerAreTold(t *testing.T) {
	l := &log{Partition: ingest.Partition{Topic: "recommendations", TopicID: "R"}}
	for i, rules := range []string{"", book(t, "").Name(), "3+other", "3+other"} {
		rec := ingest.Record{Topic: "recommendations", Offset: int64(i), Seen: epoch,
			Value: []byte(`{"id":"a","patient":"p","kind":"hold","time":"2026-11-20T22:00:00Z","expires":"2026-11-20T22:10:00Z"}`)}
		if rules != "" {
			rec.Headers = []ingest.Header{{Key: lake.RulesHeader, Value: []byte(rules)}}
		}
		l.records = append(l.records, rec)
	}
	var told []string
	b := newMemory()
	drain(t, b, lake.WriterOptions{OnOtherRules: func(theirs string) { told = append(told, theirs) }}, 100, l)
	if len(told) != 1 || told[0] != "3+other" {
		t.Errorf("told of %v", told)
	}
	got := scan(t, b, lake.ScanOptions{Table: lake.Recommendations, Columns: []string{"rules"}})
	if want := []string{"(null)", book(t, "").Name(), "3+other", "3+other"}; strings.Join(sorted(got), " ") != strings.Join(sorted(want), " ") {
		t.Errorf("rules %v, want %v", got, want)
	}
}

// Messages of several versions of a schema go to the same files as if all were plain
// JSON; raw keeps what arrived, and what couldn't be decoded is there to be replayed.
func TestSchemaVersionsShareFiles(t *testing.T) {
	versions := []string{
		`{"type":"meal","patient":"p","time":"2026-11-20T21:00:00Z","carbs_g":%d}`,
		`{"type":"meal","patient":"p","time":"2026-11-20T21:00:00Z","carbs_g":%d,"replaces":"m-1"}`,
		`{"type":"meal","patient":"p","time":"2026-11-20T21:00:00Z","carbs_g":%d,"firmware":"1.0"}`,
	}
	plain, framed := &log{Partition: topic("A", 0)}, &log{Partition: topic("A", 0)}
	for i := range 90 {
		rec := ingest.Record{Topic: "events", Offset: int64(i), Seen: epoch, Value: fmt.Appendf(nil, versions[i%3], i+1)}
		plain.records = append(plain.records, rec)
		rec.Value, rec.Decoded = []byte("\x00\x00\x00\x00\x07binary"), rec.Value
		framed.records = append(framed.records, rec)
	}
	a, b := newMemory(), newMemory()
	drain(t, a, lake.WriterOptions{}, 30, plain)
	drain(t, b, lake.WriterOptions{}, 30, framed)
	if len(a.objects) != len(b.objects) {
		t.Errorf("%d objects, want %d", len(b.objects), len(a.objects))
	}
	if got, want := rowsOf(t, b)[lake.Meals], rowsOf(t, a)[lake.Meals]; strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Error("the meals differ")
	}
	if extras := strings.Count(strings.Join(rowsOf(t, b)[lake.Meals], "\n"), `{"firmware":"1.0"}`); extras != 30 {
		t.Errorf("%d firmwares are kept, want 30", extras)
	}
	unknown := &log{Partition: topic("A", 1), records: []ingest.Record{{Topic: "events", Partition: 1, Seen: epoch, Value: framed.records[0].Value, Undecoded: "schema 7: unknown"}}}
	w := drain(t, b, lake.WriterOptions{}, 30, unknown)
	if w.Summary().Quarantined != 1 {
		t.Errorf("%+v, want the message quarantined", w.Summary())
	}
	messages := 0
	err := lake.Messages(t.Context(), b, epoch.AddDate(0, 0, -1), epoch.AddDate(0, 0, 2), func(rec ingest.Record, outcome string) error {
		messages++
		if string(rec.Value) != "\x00\x00\x00\x00\x07binary" {
			t.Errorf("raw holds %q", rec.Value)
		}
		return nil
	})
	if err != nil || messages != 91 {
		t.Errorf("%d messages, %v", messages, err)
	}
}
