// Package detect turns the streams of virtual people with faulty sensors into how
// well cleansing finds the faults: of each, which share it marks (recall), and
// which share of its marks are right (precision). The truth is the simulator's.
package detect

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/titrate/titrate/cleanse"
	"github.com/titrate/titrate/ingest"
	"github.com/titrate/titrate/ingest/simulate"
)

// Options say whose streams to cleanse.
type Options struct {
	Patients int
	Days     int
	Seed     uint64
	Cohort   string    // one of simulate.Cohorts; empty means mixed
	Faults   []string  // of simulate.Faults; none means all
	Start    time.Time // when the days begin; zero means 2 November 2026
}

// step is how much of everybody's life goes into the log before the next is lived.
const step = time.Hour

// Run lets the people live, puts what they transmit into one partition in the order
// of transmission, cleanses it, and compares the marks with the truth.
func Run(ctx context.Context, o Options) (*Result, error) {
	people, err := o.people()
	if err != nil {
		return nil, err
	}
	log := newLog(people)
	end := o.Start.AddDate(0, 0, o.Days)
	for until := o.Start; !until.After(end); until = until.Add(step) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if until.Sub(o.Start)%(24*time.Hour) == 0 {
			if err := log.introduce(people, until); err != nil {
				return nil, err
			}
		}
		if err := log.live(people, until); err != nil {
			return nil, err
		}
	}
	r := score(log.truths, log.marks)
	r.Patients, r.Days, r.Seed, r.Cohort = o.Patients, o.Days, o.Seed, o.Cohort
	r.RulesVersion = cleanse.RulesVersion
	return r, nil
}

// people makes them, and fills in what was left to default.
func (o *Options) people() ([]*simulate.Person, error) {
	if o.Patients < 1 || o.Days < 1 {
		return nil, fmt.Errorf("%d patients, %d days: both must be at least 1", o.Patients, o.Days)
	}
	if o.Start.IsZero() {
		o.Start = time.Date(2026, 11, 2, 0, 0, 0, 0, time.UTC)
	}
	if o.Cohort == "" {
		o.Cohort = "mixed"
	}
	if len(o.Faults) == 0 {
		o.Faults = []string{"all"}
	}
	return simulate.People(simulate.Options{
		Patients: o.Patients, Seed: o.Seed, Start: o.Start, Cohort: o.Cohort, Faults: o.Faults,
	})
}

// sent is an event on its way into the log.
type sent struct {
	at   time.Time
	wire ingest.Wire
}

// log is one partition, and what is known of it.
type log struct {
	cleaner *cleanse.Cleaner
	offset  int64
	truths  []simulate.Truth
	marks   []mark
}

func newLog(people []*simulate.Person) *log {
	l := &log{cleaner: cleanse.New()}
	for _, p := range people {
		p.OnTruth = func(t simulate.Truth) { l.truths = append(l.truths, t) }
	}
	return l
}

// introduce has everybody's app send the settings, as apps do when they sync. Rules
// about the night need the person's zone, and remember no further back than
// cleanse.Lookback.
func (l *log) introduce(people []*simulate.Person, at time.Time) error {
	for _, p := range people {
		w := p.Profile()
		w.Time = at.Format(time.RFC3339)
		if err := l.append(sent{at, w}); err != nil {
			return err
		}
	}
	return nil
}

// live lets everybody live, and appends what they transmitted, oldest first.
func (l *log) live(people []*simulate.Person, until time.Time) error {
	var batch []sent
	for _, p := range people {
		err := p.Advance(until, func(at time.Time, w ingest.Wire) error {
			batch = append(batch, sent{at, w})
			return nil
		})
		if err != nil {
			return err
		}
	}
	slices.SortStableFunc(batch, func(a, b sent) int { return a.at.Compare(b.at) })
	for _, s := range batch {
		if err := l.append(s); err != nil {
			return err
		}
	}
	return nil
}

// append cleanses the next event and notes how it was marked.
func (l *log) append(s sent) error {
	value, err := json.Marshal(s.wire)
	if err != nil {
		return fmt.Errorf("encode event: %w", err)
	}
	v := l.cleaner.Clean(ingest.Record{Topic: "events", Offset: l.offset, Seen: s.at, Key: []byte(s.wire.Patient), Value: value})
	l.offset++
	if s.wire.Type == "glucose" && s.wire.Source == "cgm" {
		l.marks = append(l.marks, mark{key{s.wire.Patient, s.wire.ID, s.at.UnixNano()}, rulesOf(&v)})
	}
	return nil
}

// rulesOf are the ids of the rules that a verdict names: of its outcome, the
// reasons and the flags.
func rulesOf(v *cleanse.Verdict) []string {
	var ids []string
	switch v.Outcome {
	case cleanse.Duplicate:
		ids = append(ids, cleanse.ActionDuplicate)
	case cleanse.Late:
		ids = append(ids, cleanse.ActionLate)
	}
	for _, r := range v.Reasons {
		ids = append(ids, r.Code)
	}
	if v.Event.Flags != "" {
		ids = append(ids, strings.Split(string(v.Event.Flags), ",")...)
	}
	return ids
}
