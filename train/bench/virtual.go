package bench

import (
	"context"
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
	truths map[time.Time]truth // if wanted
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
	Truths       bool // keep what really was and would come of itself at each reading
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
		l := &life{name: p.Patient()}
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
		forks, truths := newForker(p, o.Forks), newOracle(p, o.Truths)
		p.OnMinute = func(at time.Time, in simulate.Input) {
			forks.minute(at, in)
			truths.minute(at, in)
		}
		if err := p.Advance(lifeStart.AddDate(0, 0, o.Days), take); err != nil {
			return nil, err
		}
		l.forks, l.truths = forks.done, truths.seen
		all.people = append(all.people, l)
	}
	return all, nil
}

// replay tells the lives of all.
func (l *Lives) replay(fn func(string, []cleanse.Event) error) error {
	for _, p := range l.people {
		if err := fn(p.name, p.events); err != nil {
			return err
		}
	}
	return nil
}

// names are the people's.
func (l *Lives) names() (names []string) {
	for _, p := range l.people {
		names = append(names, p.name)
	}
	return names
}

// Virtual trains on virtual people who live hard lives, and reports on others: the
// first half teaches, the next fifth tunes, the rest judges, also by what another
// dose would have done to them.
func Virtual(ctx context.Context, o VirtualOptions, t train.Options) (*train.Report, error) {
	o.Forks = true
	lives, err := Live(o)
	if err != nil {
		return nil, fmt.Errorf("bench virtual: %w", err)
	}
	t.Intervene = lives.parts().judge.Intervene
	lives.teach(&t)
	result, err := train.Run(ctx, t)
	if err != nil {
		return nil, fmt.Errorf("bench virtual: %w", err)
	}
	return &result.Report, nil
}

// parts are the people who tune and those who judge.
type parts struct{ tune, judge *Lives }

func (l *Lives) parts() parts {
	n := len(l.people)
	return parts{&Lives{people: l.people[n/2 : n*7/10]}, &Lives{people: l.people[n*7/10:]}}
}

// teach makes training learn from the others.
func (l *Lives) teach(t *train.Options) {
	names, p := l.names(), l.parts()
	split := train.Split{Train: names[:len(names)/2], Tune: p.tune.names(), Test: p.judge.names()}
	t.Replay = l.replay
	t.Split = func([]string) train.Split { return split }
}
