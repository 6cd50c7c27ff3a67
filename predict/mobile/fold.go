package mobile

import (
	"encoding/json"
	"fmt"

	"github.com/titrate/titrate/cleanse"
	"github.com/titrate/titrate/ingest"
)

// clean is what the scorer's rules say of rec: the same decide here and there, so both
// know the same past.
func (s *Server) clean(rec ingest.Record) cleanse.Verdict {
	cleaner := s.cleaners[rec.Partition]
	if cleaner == nil {
		cleaner = s.options.Rules.Cleaner()
		s.cleaners[rec.Partition] = cleaner
	}
	return cleaner.Clean(rec)
}

// sight folds a reading by a clock that is ahead, as the scorer does. The page shows
// nothing of it but what the scorer says.
func (s *Server) sight(a *cleanse.Ahead) {
	c := s.open(a.Patient)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.remembered && !s.ready.Load() {
		c.person.ReplayAhead(a)
	} else {
		c.person.Ahead(a)
	}
}

// Remembered takes the next record of the compacted topic people: what the scorer
// must know of a person beyond the stretch of the log that is read back. It is to
// be read before the events. From then until SetReady, events of that person are
// replayed: answered they were by the scorer.
func (s *Server) Remembered(rec ingest.Record) error {
	patient := string(rec.Key)
	if c, ok := s.chart(patient); len(rec.Value) == 0 || ok && !c.remembered {
		return nil // forgotten; or folded from the log, which tells more
	}
	c := s.open(patient)
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.person.Restore(rec.Value); err != nil {
		return fmt.Errorf("people at %d/%d: %w", rec.Partition, rec.Offset, err)
	}
	c.remembered = true
	c.recall(rec.Value)
	return nil
}

// Informed takes a record of the topic people that comes while events are read: the
// scorer may have got to a person only since Remembered was done. It brings the settings,
// if neither memory nor a profile has brought any; all else the log has told.
func (s *Server) Informed(rec ingest.Record) error {
	c, ok := s.chart(string(rec.Key))
	if !ok && !s.ready.Load() {
		return s.Remembered(rec)
	}
	if !ok || len(rec.Value) == 0 {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.remembered || !c.zoned.IsZero() {
		return nil
	}
	if err := c.person.Inform(rec.Value); err != nil {
		return fmt.Errorf("people at %d/%d: %w", rec.Partition, rec.Offset, err)
	}
	c.recall(rec.Value)
	return nil
}

// recall takes the zone out of what was remembered.
func (c *chart) recall(memory []byte) {
	var known struct{ Zone string }
	if err := json.Unmarshal(memory, &known); err == nil && known.Zone != "" {
		c.zone = known.Zone
	}
}
