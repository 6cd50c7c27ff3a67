package lake_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/titrate/titrate/cleanse"
	"github.com/titrate/titrate/cleanse/lake"
	"github.com/titrate/titrate/ingest"
)

// TestASensorThatWasOfflineLandsInItsOwnDates: 576 readings of two days come at once
// among others' live ones. They are in the files of their dates, flagged late but for
// the last hour's, in the one claim that holds the live ones too.
func TestASensorThatWasOfflineLandsInItsOwnDates(t *testing.T) {
	l := &log{Partition: topic("A", 0)}
	reading := func(patient string, at, seen time.Time) {
		l.records = append(l.records, ingest.Record{
			Topic: l.Topic, Partition: l.Number, Offset: int64(len(l.records)), Seen: seen, Key: []byte(patient),
			Value: fmt.Appendf(nil, `{"type":"glucose","patient":%q,"time":%q,"value":%d,"unit":"mg/dL","source":"cgm"}`,
				patient, at.Format(time.RFC3339), 90+len(l.records)%9),
		})
	}
	const offline = 576
	for i := range offline {
		seen := epoch.Add(time.Duration(i) * time.Millisecond)
		reading(fmt.Sprintf("live-%03d", i), seen.Add(-5*time.Second), seen)
		reading("offline", epoch.Add(time.Duration(i-offline)*5*time.Minute), seen)
	}
	b := newMemory()
	s := drain(t, b, lake.WriterOptions{}, 100, l).Summary()
	if want := (lake.Counts{Read: 2 * offline, Accepted: offline + 11, Late: offline - 11}); s.Counts != want {
		t.Errorf("outcomes %+v, want %+v", s.Counts, want)
	}
	if s.Files != 4 { // raw of the day of arrival, and readings of three dates
		t.Errorf("%d files, want 4", s.Files)
	}
	claims := 0
	for _, err := range lake.Claims(t.Context(), b, l.Partition) {
		if err != nil {
			t.Fatal(err)
		}
		claims++
	}
	if claims != 1 {
		t.Errorf("%d claims, want 1: late rows must not make the others wait or split", claims)
	}
	late := map[string]int{}
	err := lake.Events(t.Context(), b, lake.EventOptions{Patients: []string{"offline"}}, func(_ string, events []cleanse.Event) error {
		for _, e := range events {
			if e.Late {
				late[e.At.Format(time.DateOnly)]++
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if want := map[string]int{"2026-11-18": 24, "2026-11-19": 288, "2026-11-20": 253}; fmt.Sprint(late) != fmt.Sprint(want) {
		t.Errorf("late readings by date %v, want %v", late, want)
	}
	var dates []string
	for _, o := range objectsOf(t, b) {
		if date, ok := strings.CutPrefix(o.Name, lake.Glucose+"/date="); ok {
			dates = append(dates, date[:len(time.DateOnly)])
		}
	}
	if want := []string{"2026-11-18", "2026-11-19", "2026-11-20"}; !slices.Equal(dates, want) {
		t.Errorf("files of %v, want %v", dates, want)
	}
}
