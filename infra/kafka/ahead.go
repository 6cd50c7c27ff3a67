package kafka

import "github.com/titrate/titrate/ingest"

// hand is the batch that Fetch returns. What is taken from now on lies elsewhere, so the
// batch is the caller's until the next one is handed over.
//
// A full batch means that more is there: it is taken at once, beside whatever the caller
// does. Only the funnel is asked, never Poll, so the group's rebalances are still answered
// within Fetch and Hold; until one of them, or Close, has rejoined what reads ahead,
// nothing but Commit touches the Source, and Commit only reads.
func (s *Source) hand() []ingest.Record {
	full := len(s.batch) == batchRecords
	s.batch, s.handed = s.handed[:0], s.batch
	if s.funnel == nil {
		return s.handed
	}
	s.funnel.turn(sourceArena)
	if full {
		s.ahead = make(chan struct{})
		go func(done chan struct{}) {
			defer close(done)
			s.fill(0)
		}(s.ahead)
	}
	return s.handed
}

// rejoin waits until nothing is read ahead any more.
func (s *Source) rejoin() {
	if s.ahead != nil {
		<-s.ahead
		s.ahead = nil
	}
}
