package predict

import (
	"slices"
	"strings"
	"time"

	"github.com/titrate/titrate/cleanse"
	"github.com/titrate/titrate/ingest"
	"github.com/titrate/titrate/train"
)

// Lookback is how much log time has to be replayed, after what was remembered was
// restored, for a Scorer to know what one knows that saw everything. The cleaner
// wants cleanse.Lookback offsets; whichever begins earlier counts.
const Lookback = 24 * time.Hour

// Scorer answers the events of one partition. A new owner of the partition calls
// Restore with what the people topic holds, then Replay for the log of Lookback,
// then Apply for what is new. It is not safe for concurrent use.
type Scorer struct {
	desk    *desk
	cleaner *cleanse.Cleaner
	people  map[string]*Person
	vigil   vigil
	dirty   []string

	// The record under way and what became of it: what they take is used again.
	rec     ingest.Record
	verdict cleanse.Verdict
}

// NewScorer makes a scorer that knows nobody. A nil model makes no forecast, and
// therefore never advises insulin.
func NewScorer(model *train.Model) *Scorer { return NewScorerBy(cleanse.Standard(), model) }

// NewScorerBy makes a scorer that cleanses by the rules of b, which must be those of
// the job that fills the lake.
func NewScorerBy(b *cleanse.Book, model *train.Model) *Scorer {
	return &Scorer{desk: newDesk(model), cleaner: b.Cleaner(), people: map[string]*Person{}}
}

// AllowLow makes the scorer accept doses that bring at most this chance of less than
// 70 mg/dL, for the trial that chooses the limit.
func (s *Scorer) AllowLow(chance float64) { s.desk.lowChance = chance }

// Apply cleanses the next record, folds it, and returns what is worth saying because of
// it: to its own patient, and to others of whom the log's time tells that nothing has
// come for long, or that a dose was missed.
func (s *Scorer) Apply(rec ingest.Record) ([]Recommendation, cleanse.Verdict) {
	v := s.clean(rec)
	advice := s.fold(v)
	return append(advice, s.wake(rec.Seen, EventRef{rec.Partition, rec.Offset})...), *v
}

// clean is valid until the next record.
func (s *Scorer) clean(rec ingest.Record) *cleanse.Verdict {
	s.rec = rec
	s.cleaner.CleanInto(&s.rec, &s.verdict)
	s.rec = ingest.Record{} // its message isn't ours to keep
	return &s.verdict
}

func (s *Scorer) fold(v *cleanse.Verdict) []Recommendation {
	var p *Person
	var advice []Recommendation
	switch {
	case folds(v.Outcome):
		p = s.person(v.Event.Patient)
		advice = p.Observe(&v.Event)
	case v.Ahead != nil:
		p = s.person(v.Ahead.Patient)
		advice = p.Ahead(v.Ahead)
	default:
		return nil
	}
	s.vigil.watch(p)
	s.note(p)
	return advice
}

func (s *Scorer) note(p *Person) {
	if p.changed {
		p.changed, p.remember = false, 0
		s.dirty = append(s.dirty, p.patient)
	}
}

// Tick tells everybody that it is now, and returns what silence deserves, in order of
// patients. Apply does so with the log's own time; whoever reads a log that nobody writes
// to calls Tick now and then. What a tick changed is to be remembered (Dirty) in the
// transaction that sends what it says.
func (s *Scorer) Tick(now time.Time) []Recommendation {
	return s.wake(now, EventRef{Partition: -1, Offset: now.UnixMicro()})
}

func (s *Scorer) wake(now time.Time, at EventRef) (advice []Recommendation) {
	s.vigil.due(now, func(p *Person) {
		advice = append(advice, p.tick(now, at)...)
		s.note(p)
	})
	slices.SortStableFunc(advice, func(a, b Recommendation) int { return strings.Compare(a.Patient, b.Patient) })
	return advice
}

// Replay folds a record that was answered already; see Person.Replay.
func (s *Scorer) Replay(rec ingest.Record) {
	v := s.clean(rec)
	var p *Person
	switch {
	case folds(v.Outcome):
		p = s.person(v.Event.Patient)
		p.Replay(&v.Event)
	case v.Ahead != nil:
		p = s.person(v.Ahead.Patient)
		p.ReplayAhead(v.Ahead)
	default:
		return
	}
	s.vigil.watch(p)
}

// Restore takes what was remembered of a patient; nothing means: forget them.
func (s *Scorer) Restore(patient string, text []byte) error {
	if len(text) == 0 {
		if p, known := s.people[patient]; known {
			p.forget() // nor waits for them any more
			delete(s.people, patient)
		}
		return nil
	}
	p := s.person(patient)
	err := p.Restore(text)
	s.vigil.watch(p)
	return err
}

// Dirty is the patients, in alphabetical order, whose memory changed since Dirty
// was last called. Memory of each belongs into the transaction that commits the
// records that changed it.
func (s *Scorer) Dirty() []string {
	slices.Sort(s.dirty)
	dirty := slices.Compact(s.dirty)
	s.dirty = nil
	return dirty
}

// Memory is what must be known of a patient beyond Lookback, as Restore takes it.
// It is nil for somebody unknown.
func (s *Scorer) Memory(patient string) []byte {
	p, ok := s.people[patient]
	if !ok {
		return nil
	}
	return p.Memory()
}

// Advise answers what would be advised to a patient now; see Person.Advise. It is
// false for somebody unknown.
func (s *Scorer) Advise(patient string, now time.Time, carbs cleanse.Grams) (Recommendation, bool) {
	p, ok := s.people[patient]
	if !ok {
		return Recommendation{}, false
	}
	return p.Advise(now, carbs), true
}

// People is how many patients are known.
func (s *Scorer) People() int { return len(s.people) }

func (s *Scorer) person(patient string) *Person {
	p, ok := s.people[patient]
	if !ok {
		p = s.desk.person(patient)
		s.people[patient] = p
	}
	return p
}

func folds(o cleanse.Outcome) bool { return o == cleanse.Accepted || o == cleanse.Late }
