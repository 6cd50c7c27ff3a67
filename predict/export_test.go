package predict

import (
	"github.com/titrate/titrate/ingest"
	"github.com/titrate/titrate/train/feature"
)

// Lighten drops what a scorer remembers of the log rather than of people, for who
// weighs people.
func (s *Scorer) Lighten() { s.cleaner = nil }

// VectorOf is what the model is told of a patient as of their newest event.
func VectorOf(s *Scorer, patient string) (v feature.Vector) {
	if p, ok := s.people[patient]; ok {
		p.settleBooks()
		p.window.Vector(p.window.Newest(), &v)
	}
	return v
}

// Clean shows a record to the cleaner alone.
func Clean(s *Scorer, rec ingest.Record) { s.cleaner.Clean(rec) }
