package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"sync"
	"time"

	"github.com/titrate/titrate/infra/kafka"
	"github.com/titrate/titrate/ingest"
	"github.com/titrate/titrate/ingest/gateway"
	"github.com/titrate/titrate/ingest/simulate"
	"github.com/titrate/titrate/predict"
)

// village is the virtual people of `titrate up`, living on their clock.
type village struct {
	who    population
	file   string // where their state is kept
	topic  string
	start  time.Time // virtual: when their recorded lives began
	reach  time.Time // virtual: how far they have lived
	made   int64     // events of history that this start made
	mu     sync.Mutex
	people map[string]*simulate.Person
	order  []*simulate.Person
}

// villageState is the file's content.
type villageState struct {
	Patients int               `json:"patients"`
	Seed     uint64            `json:"seed"`
	Cohort   string            `json:"cohort"`
	Start    time.Time         `json:"start"`
	Reach    time.Time         `json:"reach"`
	People   []json.RawMessage `json:"people"`
}

// openVillage continues the people of the file, or makes new ones whose history
// of who.days ends at end.
func openVillage(file string, who population, end time.Time) (v *village, isNew bool, err error) {
	v = &village{who: who, file: file, topic: topicEvents, start: end.AddDate(0, 0, -who.days)}
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return v, true, v.make()
	}
	if err != nil {
		return nil, false, fmt.Errorf("read virtual people: %w", err)
	}
	return v, false, v.restore(text)
}

func (v *village) make() (err error) {
	v.order, err = v.who.people(v.start)
	v.people = make(map[string]*simulate.Person, len(v.order))
	for _, p := range v.order {
		v.people[p.Patient()] = p
	}
	return err
}

func (v *village) restore(text []byte) error {
	var s villageState
	if err := json.Unmarshal(text, &s); err != nil {
		return fmt.Errorf("read virtual people from %s: %w", v.file, err)
	}
	if s.Patients != v.who.patients || s.Seed != v.who.seed || s.Cohort != v.who.cohort || len(s.People) != s.Patients {
		return usagef("%s holds %d people of cohort %s, seed %d: start with the same --patients, --cohort and --seed, or give another --data",
			v.file, s.Patients, s.Cohort, s.Seed)
	}
	v.start, v.reach = s.Start, s.Reach
	if err := v.make(); err != nil {
		return err
	}
	for i, p := range v.order {
		if err := p.Restore(s.People[i]); err != nil {
			return err
		}
	}
	return nil
}

// save writes the people's state so that a crash leaves the old or the new one.
func (v *village) save() error {
	v.mu.Lock()
	defer v.mu.Unlock()
	s := villageState{Patients: v.who.patients, Seed: v.who.seed, Cohort: v.who.cohort, Start: v.start, Reach: v.reach}
	for _, p := range v.order {
		state, err := p.Snapshot()
		if err != nil {
			return err
		}
		s.People = append(s.People, state)
	}
	text, err := json.Marshal(s)
	if err != nil {
		return fmt.Errorf("save virtual people: %w", err)
	}
	return replaceFile(v.file, text)
}

// history lives the people's first days and writes them as declared history.
func (v *village) history(ctx context.Context, producer *kafka.Producer, done func(people int)) (events int, err error) {
	end := v.start.AddDate(0, 0, v.who.days)
	events, err = makeHistory(ctx, v.order, v.start, end, func(m kafka.Message) error {
		m.Topic = v.topic
		return producer.Enqueue(ctx, m)
	}, done)
	if err != nil {
		return events, err
	}
	if err := producer.Flush(ctx); err != nil {
		return events, err
	}
	v.reach, v.made = end, int64(events)
	return events, v.save()
}

// How often the people live on, and how often that is saved.
const (
	liveEvery = 200 * time.Millisecond
	saveEvery = 10 * time.Second
)

// live lets the people live by the clock until ctx is done.
func (v *village) live(ctx context.Context, producer *kafka.Producer, clock *virtualClock) error {
	tick := time.NewTicker(liveEvery)
	defer tick.Stop()
	saved := time.Now()
	for {
		select {
		case <-ctx.Done():
			return errors.Join(producer.Flush(context.WithoutCancel(ctx)), v.save())
		case <-tick.C:
		}
		if err := v.advance(ctx, producer, clock.Now()); err != nil && ctx.Err() == nil {
			return err
		}
		if time.Since(saved) < saveEvery {
			continue
		}
		saved = time.Now()
		if err := errors.Join(producer.Flush(ctx), v.save()); err != nil && ctx.Err() == nil {
			return err
		}
	}
}

func (v *village) advance(ctx context.Context, producer *kafka.Producer, until time.Time) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, p := range v.order {
		err := p.Advance(until, func(at time.Time, w ingest.Wire) error {
			m, err := message(at, w)
			if err != nil {
				return err
			}
			m.Topic = v.topic
			m.Headers = []ingest.Header{{Key: gateway.Produced, Value: strconv.AppendInt(nil, time.Now().UnixNano(), 10)}}
			return producer.Enqueue(ctx, m)
		})
		if err != nil {
			return err
		}
	}
	v.reach = until
	return nil
}

// advise hands a recommendation to the person it is for; others are not ours.
func (v *village) advise(rec ingest.Record) {
	var r predict.Recommendation
	if json.Unmarshal(rec.Value, &r) != nil {
		return // the page tells about it
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if p, ok := v.people[r.Patient]; ok {
		p.Advise(simulate.Advice{ID: r.ID, Kind: string(r.Kind), Units: float64(r.Units), CarbsG: float64(r.CarbsG), At: r.Time})
	}
}

// has says whether a patient is one of the virtual people.
func (v *village) has(patient string) bool {
	_, ok := v.people[patient] // never written after the start
	return ok
}
