package predict

import (
	"github.com/titrate/titrate/ingest"
	"github.com/titrate/titrate/train"
	"github.com/titrate/titrate/train/feature"
)

// Lighten drops what a scorer remembers of the log rather than of people, for who
// weighs people.
func (s *Scorer) Lighten() { s.cleaner = nil }

// VectorOf is what the model is told of a patient as of their newest event.
func VectorOf(s *Scorer, patient string) (v feature.Vector) {
	if p, ok := s.people[patient]; ok {
		p.window.Vector(p.window.Newest(), &v)
	}
	return v
}

// Clean shows a record to the cleaner alone.
func Clean(s *Scorer, rec ingest.Record) { s.cleaner.Clean(rec) }

// LearnedFromAdults is a calibrated model that has seen nobody below 18 years or 45 kg, nor
// of a child's sensitivity. It forecasts 20 mg/dL more than the prior, with half its spread.
func LearnedFromAdults() *train.Model {
	m := narrow(0)
	m.Version = "adults"
	for i := range m.Weights.Spread {
		m.Weights.Spread[i], m.Weights.SpreadBolus[i] = 0.3, 0.3
	}
	least, most := m.Weights.Least, m.Weights.Most
	least[feature.Glucose], most[feature.Glucose] = 40, 400
	least[feature.Years], most[feature.Years] = 18, 85
	least[feature.Weight], most[feature.Weight] = 45, 140
	least[feature.ISF], most[feature.ISF] = 15, 90
	least[feature.CSF], most[feature.CSF] = 2, 6
	return m
}
