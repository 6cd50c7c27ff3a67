package lake

import (
	"time"

	"github.com/titrate/titrate/cleanse"
	"github.com/titrate/titrate/ingest"
)

// noticed takes the moments that a coach acts on: as advice does, by their JSON alone.
type noticed struct{}

// moment is a message of the topic.
type moment struct {
	ID      string    `json:"id"`
	Patient string    `json:"patient"`
	Time    time.Time `json:"time"`
	Name    string    `json:"name"`
	Says    string    `json:"says"`
	Event   struct {
		Partition int32 `json:"partition"`
		Offset    int64 `json:"offset"`
	} `json:"event"`
}

func (noticed) check(rec *ingest.Record, v *cleanse.Verdict) {
	_, reasons := parseMoment(rec.Value)
	*v = verdictOn(reasons)
}

func (noticed) fold(*ingest.Record, *cleanse.Verdict) {}

func (noticed) row(s *shelves, rec *ingest.Record, _ *cleanse.Verdict) {
	m, _ := parseMoment(rec.Value) // checked already
	s.moments.add(momentRow{
		ID: m.ID, Patient: m.Patient, Time: m.Time.UnixMicro(), Received: rec.Seen.UnixMicro(), Name: m.Name, Says: m.Says,
		EventPartition: m.Event.Partition, EventOffset: m.Event.Offset, Partition: rec.Partition, Offset: rec.Offset,
	})
}

func parseMoment(value []byte) (m moment, reasons []cleanse.Reason) {
	if reasons = parseOwn(value, &m); len(reasons) > 0 {
		return m, reasons
	}
	return m, missing(m.Time, map[string]string{"id": m.ID, "name": m.Name, "patient": m.Patient})
}
