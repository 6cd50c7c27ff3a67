package query

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/titrate/titrate/cleanse/lake"
	"github.com/titrate/titrate/ingest"
)

// store writes messages of p-1 and p-2 to a lake, each a minute after the last.
func store(t *testing.T, dir string, payloads ...string) {
	t.Helper()
	bucket, err := lake.Dir(dir)
	if err != nil {
		t.Fatal(err)
	}
	w := lake.NewWriter(bucket, lake.WriterOptions{ID: "test"})
	if _, err := w.Assign(t.Context(), ingest.Partition{Topic: "events", TopicID: "topic-1"}); err != nil {
		t.Fatal(err)
	}
	seen := time.Date(2026, 11, 21, 8, 6, 0, 0, time.UTC)
	var records []ingest.Record
	for i, text := range payloads {
		records = append(records, ingest.Record{Topic: "events", Offset: int64(i), Seen: seen.Add(time.Duration(i) * time.Minute), Value: []byte(text)})
	}
	if err := w.Append(t.Context(), records); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Flush(t.Context(), true); err != nil {
		t.Fatal(err)
	}
}

func TestViewsHideWhatWasReplaced(t *testing.T) {
	dir := t.TempDir()
	const at = `,"time":"2026-11-21T08:05:00Z"`
	store(t, dir,
		`{"type":"meal","patient":"p-1","id":"a"`+at+`,"carbs_g":10}`, // edited, and edited again
		`{"type":"meal","patient":"p-1","id":"b","replaces":"a"`+at+`,"carbs_g":20}`,
		`{"type":"meal","patient":"p-1","id":"c","replaces":"b"`+at+`,"carbs_g":30}`,
		`{"type":"meal","patient":"p-2","id":"a"`+at+`,"carbs_g":40}`, // another person's
		`{"type":"insulin","patient":"p-1","id":"d"`+at+`,"units":1,"kind":"rapid"}`,
		`{"type":"retraction","patient":"p-1","replaces":"d"`+at+`}`,
		`{"type":"insulin","patient":"p-1"`+at+`,"units":2,"kind":"rapid"}`,             // has no id
		`{"type":"meal","patient":"p-1","id":"late","replaces":"f"`+at+`,"carbs_g":50}`, // what it replaces comes after
		`{"type":"glucose","patient":"p-1","id":"f"`+at+`,"value":90,"unit":"mg/dL","source":"lab"}`,
	)
	for sql, want := range map[string]string{
		`select carbs_g from meals order by 1`:                             "carbs_g\n30\n40\n50\n",
		`select count(*) as n from meals_all`:                              "n\n5\n",
		`select units from insulin`:                                        "units\n2\n",
		`select count(*) as n from insulin_all`:                            "n\n2\n",
		`select count(*) as n from retractions`:                            "n\n1\n",
		`select mgdl from glucose`:                                         "mgdl\n90\n",
		`select count(*) as n from raw`:                                    "n\n9\n",
		`select count(*) as n from raw_all`:                                "n\n9\n",
		`select replaces from meals where replaces is not null order by 1`: "replaces\nb\nf\n",
	} {
		if got := answer(t, dir, sql, "csv"); got != want {
			t.Errorf("%s: %q, want %q", sql, got, want)
		}
	}
}

// A lake of the first version has no column that says what replaces what.
func TestViewsOfOldFiles(t *testing.T) {
	got := answer(t, "../../../cleanse/lake/testdata/v1", `select (select count(*) from meals) as meals, (select count(*) from meals_all) as all_meals`, "csv")
	if got != "meals,all_meals\n2,2\n" {
		t.Errorf("meals: %q", got)
	}
}

// TestViewsOfALakeThatIsCompacted between two queries, and while files are swapped.
func TestViewsOfALakeThatIsCompacted(t *testing.T) {
	dir := t.TempDir()
	bucket, err := lake.Dir(dir)
	if err != nil {
		t.Fatal(err)
	}
	w := lake.NewWriter(bucket, lake.WriterOptions{RotateRows: 1})
	if _, err := w.Assign(t.Context(), ingest.Partition{Topic: "events", TopicID: "topic-1"}); err != nil {
		t.Fatal(err)
	}
	seen := time.Date(2026, 11, 21, 8, 6, 0, 0, time.UTC)
	for i := range 5 {
		record := ingest.Record{Topic: "events", Offset: int64(i), Seen: seen,
			Value: fmt.Appendf(nil, `{"type":"meal","patient":"p-1","id":"%d","time":"2026-11-21T08:05:00Z","carbs_g":10}`, i)}
		if err := w.Append(t.Context(), []ingest.Record{record}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Flush(t.Context(), true); err != nil {
			t.Fatal(err)
		}
	}
	db, err := Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	count := func(when string) {
		t.Helper()
		var out strings.Builder
		if err := db.Run(t.Context(), "select count(*) as n, sum(carbs_g) as g from meals", "csv", &out); err != nil || out.String() != "n,g\n5,50\n" {
			t.Errorf("%s: %q, %v", when, out.String(), err)
		}
	}
	count("before")
	s, err := lake.Compact(t.Context(), bucket.(lake.Remover), lake.CompactOptions{Now: seen.AddDate(0, 0, 2)})
	if err != nil || s.Merges != 2 {
		t.Fatal(s, err)
	}
	count("after, in a database that was open")
	// A swap that was killed in the middle leaves old and new side by side.
	if err := os.Link(mustGlob(t, dir+"/meals/*/*-compact-*"), dir+"/meals/date=2026-11-21/events-0-0-1.topic-1.parquet"); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(mustGlob(t, dir+"/_compact/meals/*/*.done")); err != nil {
		t.Fatal(err)
	}
	if got := answer(t, dir, "select count(*) as n from meals", "csv"); got != "n\n5\n" {
		t.Errorf("while files are swapped: %q", got)
	}
}

func mustGlob(t *testing.T, pattern string) string {
	t.Helper()
	found, err := filepath.Glob(pattern)
	if err != nil || len(found) != 1 {
		t.Fatal(found, err)
	}
	return found[0]
}
