package simulate

import (
	"encoding/json"
	"fmt"
	"time"
)

// snapshot is a person's state as saved. Who they are follows from Seed, Cohort and
// Patient, which are only compared; randomness has no state (see dice).
type snapshot struct {
	Version int
	Patient string
	Seed    uint64
	Cohort  string
	Start   time.Time
	States  []float64
	Eaten   float64
	Given   float64
	Diary   diary
}

const snapshotVersion = 1

// Snapshot is the person's state as JSON, for Restore.
func (p *Person) Snapshot() ([]byte, error) {
	data, err := json.Marshal(snapshot{
		Version: snapshotVersion, Patient: p.id, Seed: p.options.Seed, Cohort: p.options.Cohort, Start: p.start,
		States: p.body.x[:], Eaten: p.body.eaten, Given: p.body.given, Diary: p.d,
	})
	if err != nil {
		return nil, fmt.Errorf("encode snapshot of %s: %w", p.id, err)
	}
	return data, nil
}

// Restore continues from a snapshot of the same person: made with the same seed,
// start and cohort. Others are refused, and the person is then unchanged.
func (p *Person) Restore(data []byte) error {
	var s snapshot
	if err := json.Unmarshal(data, &s); err != nil {
		return fmt.Errorf("decode snapshot of %s: %w", p.id, err)
	}
	if s.Version != snapshotVersion || len(s.States) != int(nStates) {
		return fmt.Errorf("snapshot of %s has version %d with %d states: want version %d with %d",
			p.id, s.Version, len(s.States), snapshotVersion, nStates)
	}
	if s.Patient != p.id || s.Seed != p.options.Seed || s.Cohort != p.options.Cohort || !s.Start.Equal(p.start) {
		return fmt.Errorf("snapshot is of %s (seed %d, cohort %s, start %s), not of %s (seed %d, cohort %s, start %s)",
			s.Patient, s.Seed, s.Cohort, s.Start.Format(time.RFC3339),
			p.id, p.options.Seed, p.options.Cohort, p.start.Format(time.RFC3339))
	}
	copy(p.body.x[:], s.States)
	p.body.eaten, p.body.given = s.Eaten, s.Given
	p.d = s.Diary
	return nil
}
