package bench

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/titrate/titrate/cleanse"
	"github.com/titrate/titrate/ingest"
	"github.com/titrate/titrate/ingest/simulate"
	"github.com/titrate/titrate/train"
)

// Lives are virtual people's logs as cleansing leaves them, with what only the
// simulator knows.
type Lives struct {
	people []*life
}

// life is one person's.
type life struct {
	name   string
	events []cleanse.Event
	forks  []fork
	plasma []float64 // mg/dL every five minutes from the start, what no sensor saw
	start  time.Time
}

// fork is a moment at which a dose was taken, and how glucose would have gone with
// another: the same body, meals, exercise and whims.
type fork struct {
	at    time.Time
	units float64     // that were taken
	other []otherwise // doses instead
}

// otherwise is a change of the dose and what it does to plasma glucose by each horizon.
type otherwise struct {
	units  float64 // more than were taken; negative is less
	effect [len(train.Horizons)]float64
}

// VirtualOptions say which lives.
type VirtualOptions struct {
	People, Days int
	Seed         uint64
	Cohort       string
	Strain       simulate.Strain
	Faults       []string
	Forks        bool // live the other courses too
}

// lifeStart is when virtual lives begin: a Monday.
var lifeStart = time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC)

// Live lives them.
func Live(o VirtualOptions) (*Lives, error) {
	people, err := simulate.People(simulate.Options{
		Patients: o.People, Seed: o.Seed, Start: lifeStart, Cohort: o.Cohort, Strain: o.Strain, Faults: o.Faults,
	})
	if err != nil {
		return nil, err
	}
	all := new(Lives)
	clean := cleanse.New()
	var offset int64
	for _, p := range people {
		l := &life{name: p.Patient(), start: lifeStart}
		take := func(at time.Time, w ingest.Wire) error {
			value, err := json.Marshal(w)
			if err != nil {
				return fmt.Errorf("encode event: %w", err)
			}
			offset++
			v := clean.Clean(ingest.Record{Topic: "events", Offset: offset, Seen: at, Key: []byte(p.Patient()), Value: value})
			if v.Outcome == cleanse.Accepted || v.Outcome == cleanse.Late {
				l.events = append(l.events, v.Event)
			}
			return nil
		}
		if err := take(lifeStart, p.Profile()); err != nil {
			return nil, err
		}
		forks := newForker(p, o.Forks)
		p.OnMinute = func(at time.Time, in simulate.Input) {
			if !at.Before(lifeStart) && at.Sub(lifeStart)%step == 0 {
				l.plasma = append(l.plasma, p.Glucose())
			}
			forks.minute(at, in)
		}
		if err := p.Advance(lifeStart.AddDate(0, 0, o.Days), take); err != nil {
			return nil, err
		}
		l.forks = forks.done
		all.people = append(all.people, l)
	}
	return all, nil
}

// Replay replays the people from..to.
func (l *Lives) replay(people []*life) train.Replay {
	return func(fn func(string, []cleanse.Event) error) error {
		for _, p := range people {
			if err := fn(p.name, p.events); err != nil {
				return err
			}
		}
		return nil
	}
}
