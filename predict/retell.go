package predict

import (
	"encoding/json"

	"github.com/titrate/titrate/ingest"
	"github.com/titrate/titrate/train"
)

// Retold is a recommendation made again from the log.
type Retold struct {
	Recommendation Recommendation
	Found          bool // the replay has something to say about that event
	// Earlier recommendations of the same person that the replay made again, and how
	// many of them came out otherwise.
	Earlier, Differ int
}

// Retell folds records, which are the ones of a person and of every event that was
// answered to them, in the order of their partition, and makes the last of said
// again. said is what the person was told, in the same order; model finds a version,
// or nil if it is gone.
//
// The replay follows the record: at each event that was answered the model that
// answered it is in charge, and where nothing was said (advice was stopped, or another
// model was in charge) nothing is. So the state that the last answer rests on is the
// one that the record tells of.
func Retell(records []ingest.Record, said []Recommendation, model func(version string) *train.Model) Retold {
	if len(said) == 0 {
		return Retold{}
	}
	last := said[len(said)-1]
	answered := map[EventRef]Recommendation{}
	for _, r := range said {
		answered[r.Event] = r
	}
	var told Retold
	s := NewScorer(nil)
	for _, rec := range records {
		at := EventRef{rec.Partition, rec.Offset}
		was, spoken := answered[at]
		s.Stop("nothing was said")
		if spoken {
			s.Stop(stopReason(&was))
			s.Use(model(was.Model))
		}
		got, _ := s.Apply(rec)
		if !spoken {
			continue
		}
		r, found := ofPatient(got, last.Patient)
		if at == last.Event {
			told.Recommendation, told.Found = r, found
			return told
		}
		told.Earlier++
		if !found || !r.Same(&was) {
			told.Differ++
		}
	}
	return told
}

// Same tells whether two recommendations are the same to the last bit of their JSON.
func (r *Recommendation) Same(other *Recommendation) bool {
	a, errA := json.Marshal(r)
	b, errB := json.Marshal(other)
	return errA == nil && errB == nil && string(a) == string(b)
}

// stopReason is why advice was stopped when r was said; empty: it wasn't.
func stopReason(r *Recommendation) string {
	if len(r.Gates) == 1 && r.Gates[0].ID == stoppedGate {
		return r.Gates[0].Note
	}
	return ""
}

func ofPatient(list []Recommendation, patient string) (Recommendation, bool) {
	for _, r := range list {
		if r.Patient == patient {
			return r, true
		}
	}
	return Recommendation{}, false
}
