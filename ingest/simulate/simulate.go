// Package simulate makes virtual people who wear sensors, eat and dose, and turns
// their lives into wire events.
//
// A person is a Body (the Cambridge glucose-insulin model), a therapy titrated to
// it, habits, and a sensor. Everything random is drawn from a hash of (seed,
// person, purpose, time), never from a running generator: so a person depends on
// nothing but seed and number, and the same meals, noise and whims befall them
// whatever a policy does. No clock is read.
package simulate

import (
	"fmt"
	"slices"
	"strings"
	"time"
	_ "time/tzdata" // a person's time zone must not depend on what this machine has installed
)

// Options say which people to make.
type Options struct {
	Patients int       // how many
	Seed     uint64    // same seed, same people
	Start    time.Time // when their recorded lives begin (UTC, whole minutes)
	Cohort   string    // one of Cohorts; empty means mixed
	Faults   []string  // names from Faults, or "all"
	Strain   Strain    // what makes their lives harder than their habits
	Settings Settings  // by how much their settings are wrong, beyond what clinics err
	// Managed people take no rapid-acting insulin on their own, and all that they
	// are advised awake: a policy takes the place of their habits, for comparing
	// policies. They still treat the lows that they notice.
	Managed bool
}

// Cohorts are the permitted names of a population. Mixed is of the first four.
func Cohorts() []string {
	return []string{"adult", "adolescent", "child", "type2", "type2-mdi", "mixed"}
}

// People makes o.Patients people, p-0001 and on. Person i is the same however many
// are made. Unknown cohorts and faults are refused with the permitted values.
func People(o Options) ([]*Person, error) {
	if err := o.Check(); err != nil {
		return nil, err
	}
	people := make([]*Person, o.Patients)
	for i := range people {
		p, err := One(o, i+1)
		if err != nil {
			return nil, err
		}
		people[i] = p
	}
	return people, nil
}

// One makes the person of a number, from 1 on: the same as People makes.
func One(o Options, number int) (*Person, error) {
	if err := o.Check(); err != nil {
		return nil, err
	}
	p, err := newPerson(o, number)
	if err != nil {
		return nil, fmt.Errorf("person %d: %w", number, err)
	}
	return p, nil
}

// Check fills in what was left to default, and refuses the impossible with the
// permitted values.
func (o *Options) Check() error {
	if o.Patients < 0 {
		return fmt.Errorf("patients must not be negative, got %d", o.Patients)
	}
	if o.Start.IsZero() {
		return fmt.Errorf("start must be given")
	}
	if o.Cohort == "" {
		o.Cohort = "mixed"
	}
	if !slices.Contains(Cohorts(), o.Cohort) {
		return fmt.Errorf("unknown cohort %q: want one of %s", o.Cohort, strings.Join(Cohorts(), ", "))
	}
	if err := o.Settings.check(); err != nil {
		return err
	}
	for _, f := range o.Faults {
		if f != "all" && !slices.Contains(Faults(), f) {
			return fmt.Errorf("unknown fault %q: want one of %s, all", f, strings.Join(Faults(), ", "))
		}
	}
	return nil
}
