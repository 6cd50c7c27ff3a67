package lake_test

import (
	"math/rand/v2"
	"regexp"
	"testing"

	"github.com/titrate/titrate/cleanse/lake"
	"github.com/titrate/titrate/ingest"
)

var nameForm = regexp.MustCompile(`^([a-z]+)/date=\d{4}-\d\d-\d\d/events-\d+-\d+-\d+\.([A-Za-z0-9_-]+)\.parquet$`)

func splitName(t testing.TB, name string) (table, generation string) {
	t.Helper()
	parts := nameForm.FindStringSubmatch(name)
	if parts == nil {
		t.Fatalf("unexpected name %s", name)
	}
	return parts[1], parts[2]
}

func topic(id string, number int32) ingest.Partition {
	return ingest.Partition{Topic: "events", TopicID: id, Number: number}
}

func TestWriterConservesRecords(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	logs := []*log{newLog(topic("A", 0), 700, random), newLog(topic("A", 1), 900, random)}
	b := openDir(t)
	w := drain(t, b, lake.WriterOptions{RotateRows: 250}, 100, logs...)
	expect(t, b, logs...)
	s := w.Summary()
	if s.Read != 1600 || s.Read != s.Accepted+s.Quarantined+s.Duplicate+s.Late {
		t.Errorf("summary %+v doesn't add up", s)
	}
	if s.Accepted == 0 || s.Quarantined == 0 || s.Duplicate == 0 || s.Late == 0 {
		t.Errorf("summary %+v: the log should hold every outcome", s)
	}
}
