package replay

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/titrate/titrate/cleanse"
	"github.com/titrate/titrate/cleanse/lake"
	"github.com/titrate/titrate/cmd/titrate/query"
	"github.com/titrate/titrate/infra/kafka"
	"github.com/titrate/titrate/ingest"
)

var now = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// log is a topic of one partition. It ends the process after so many more messages.
type log struct {
	records []ingest.Record
	left    int
}

var errKilled = errors.New("killed")

func (l *log) Send(_ context.Context, messages []kafka.Message) error {
	for _, m := range messages {
		if l.left == 0 {
			return errKilled
		}
		l.left--
		l.records = append(l.records, ingest.Record{Topic: m.Topic, Offset: int64(len(l.records)), Seen: now, Key: m.Key, Value: m.Value, Headers: m.Headers})
	}
	return nil
}

func (l *log) Topic(context.Context, string) (string, map[int32]kafka.Extent, error) {
	return "A", map[int32]kafka.Extent{0: {End: int64(len(l.records))}}, nil
}

func (l *log) Read(_ context.Context, _ string, _ int32, from, to int64, fn func(ingest.Record)) error {
	for _, r := range l.records[from:to] {
		fn(r)
	}
	return nil
}

// store brings a lake up to the end of the log.
func (l *log) store(t *testing.T, b lake.Bucket) lake.Summary {
	t.Helper()
	w := lake.NewWriter(b, lake.WriterOptions{})
	start, err := w.Assign(t.Context(), ingest.Partition{Topic: "events", TopicID: "A"})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Append(t.Context(), l.records[start.From:]); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Flush(t.Context(), true); err != nil {
		t.Fatal(err)
	}
	return w.Summary()
}

const at = `"time":"2026-11-21T08:05:00Z"`

// stored is a log and its lake with some messages in quarantine.
func stored(t *testing.T, payloads ...string) (*log, lake.Bucket, string) {
	t.Helper()
	dir := t.TempDir()
	b, err := lake.Dir(dir)
	if err != nil {
		t.Fatal(err)
	}
	l := &log{left: 1000}
	for _, p := range payloads {
		_, key, _ := strings.Cut(p, `"patient":"`)
		key, _, _ = strings.Cut(key, `"`)
		l.records = append(l.records, ingest.Record{Topic: "events", Offset: int64(len(l.records)), Seen: now, Key: []byte(key), Value: []byte(p)})
	}
	l.store(t, b)
	return l, b, dir
}

func run(t *testing.T, l Log, b lake.Bucket, dir string, o Options) (Summary, error) {
	t.Helper()
	db, err := query.Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	o.Topic, o.Book, o.Now = "events", cleanse.Standard(), now
	return Run(t.Context(), b, db, l, o)
}

func reading(patient string, value int) string {
	return fmt.Sprintf(`{"type":"glucose","patient":%q,%s,"value":%d,"source":"cgm"}`, patient, at, value)
}

// TestRoundTripLosesNothing: what is repaired is in the lake once, whatever number
// of replays select it, and what can't be repaired stays where it was.
func TestRoundTripLosesNothing(t *testing.T) {
	l, b, dir := stored(t, reading("p-1", 100), reading("p-2", 110), "\xff", "{", reading("p-1", 9000))
	o := Options{Selection: query.Selection{Set: []string{`unit="mg/dL"`}}}
	s, err := run(t, l, b, dir, o)
	want := Summary{Selected: 5, Sent: 2, Hopeless: 2, Still: 1, Codes: s.Codes}
	if err != nil || !reflect.DeepEqual(s, want) || len(s.Codes) == 0 {
		t.Fatalf("%+v, %v, want %+v", s, err, want)
	}
	sum := l.store(t, b)
	if sum.Accepted+sum.Late != 2 || sum.Read != 2 {
		t.Errorf("the lake took %+v", sum)
	}
	if last := l.records[len(l.records)-1]; string(last.Key) != "p-2" || string(last.Headers[0].Value) != "A/0/1" {
		t.Errorf("sent with key %s and headers %+v", last.Key, last.Headers)
	}
	s, err = run(t, l, b, dir, o)
	if want := (Summary{Selected: 5, Before: 2, Hopeless: 2, Still: 1, Codes: s.Codes}); err != nil || !reflect.DeepEqual(s, want) {
		t.Errorf("the second time %+v, %v, want %+v", s, err, want)
	}
	if len(l.records) != 7 {
		t.Errorf("%d messages in the log, want 7", len(l.records))
	}
}

// TestReplayThatWasKilled after any number of messages is completed by the next.
func TestReplayThatWasKilled(t *testing.T) {
	o := Options{Selection: query.Selection{Set: []string{`unit="mg/dL"`}}}
	for sent := range 4 {
		l, b, dir := stored(t, reading("p-1", 100), reading("p-2", 110), reading("p-3", 120))
		l.left = sent
		_, err := run(t, l, b, dir, o)
		if sent < 3 && !errors.Is(err, errKilled) {
			t.Fatal(err)
		}
		l.left = 1000
		s, err := run(t, l, b, dir, o)
		if err != nil || s.Resumed != 3-sent || s.Before != 3 || s.Sent != 0 {
			t.Errorf("after %d messages: %+v, %v", sent, s, err)
		}
		if got := l.store(t, b); len(l.records) != 6 || got.Accepted+got.Late != 3 {
			t.Errorf("after %d messages: %d in the log, the lake took %+v", sent, len(l.records), got)
		}
	}
}

func TestSelectionsAndRepairs(t *testing.T) {
	tests := map[string]struct {
		o    Options
		sent []string // parts of the payloads sent
	}{
		"all":      {Options{All: true}, []string{"p-1", "p-2", "{", ""}},
		"by code":  {Options{All: true, Selection: query.Selection{Where: "list_contains(codes, 'payload_empty')"}}, []string{""}},
		"by event": {Options{All: true, Selection: query.Selection{Where: "(event->>'patient') = 'p-2'"}}, []string{"p-2"}},
		"an expression": {Options{Selection: query.Selection{Where: "(event->>'patient') = 'p-1'",
			Set: []string{"unit = 'mmol/L'", "value=round(event.value::DOUBLE / 18.01559, 1)"}}}, []string{`"value":5.6`}},
		"a null takes out": {Options{All: true, Selection: query.Selection{Where: "(event->>'patient') = 'p-1'", Set: []string{"source=null"}}},
			[]string{`,"value":100}`}},
		"a transformation": {Options{Selection: query.Selection{Where: "event IS NOT NULL",
			Transform: `replace(text, '"source"', '"unit":"mg/dL","source"')`}}, []string{`"unit":"mg/dL"`, `"unit":"mg/dL"`}},
		"as they are": {Options{}, nil},
		"dry":         {Options{DryRun: true, Selection: query.Selection{Set: []string{`unit="mg/dL"`}}}, nil},
		"other topic": {Options{All: true, Selection: query.Selection{Where: "topic = 'x'"}}, nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			l, b, dir := stored(t, reading("p-1", 100), reading("p-2", 110), "{", "")
			if _, err := run(t, l, b, dir, tt.o); err != nil {
				t.Fatal(err)
			}
			sent := l.records[4:]
			if len(sent) != len(tt.sent) {
				t.Fatalf("%d messages sent, want %d", len(sent), len(tt.sent))
			}
			for i, part := range tt.sent {
				if !strings.Contains(string(sent[i].Value), part) {
					t.Errorf("message %d is %s, want it to hold %s", i, sent[i].Value, part)
				}
			}
		})
	}
}

func TestMistakesAreTold(t *testing.T) {
	l, b, dir := stored(t, "{")
	for want, s := range map[string]query.Selection{
		"columns: payload, text": {Where: "cods = 1"},
		"field=value":            {Set: []string{"unit"}},
	} {
		if _, err := run(t, l, b, dir, Options{Selection: s}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v, want %q", s, err, want)
		}
	}
}

// TestTwoReplaysAtOnce: the second finds its plan's name taken, and sends nothing.
func TestTwoReplaysAtOnce(t *testing.T) {
	l, b, dir := stored(t, reading("p-1", 100))
	o := Options{Selection: query.Selection{Set: []string{`unit="mg/dL"`}}}
	other := racing{l, func() {
		if _, err := run(t, l, b, dir, o); err != nil {
			t.Error(err)
		}
	}}
	if _, err := run(t, other, b, dir, o); err == nil || !strings.Contains(err.Error(), "another replay") {
		t.Errorf("error %v", err)
	}
	if len(l.records) != 2 {
		t.Errorf("%d messages in the log, want 2", len(l.records))
	}
}

// racing has another replay go through before this one's plan is put.
type racing struct {
	*log
	first func()
}

func (r racing) Topic(ctx context.Context, name string) (string, map[int32]kafka.Extent, error) {
	r.first()
	return r.log.Topic(ctx, name)
}
