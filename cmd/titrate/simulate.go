package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"github.com/titrate/titrate/infra/kafka"
	"github.com/titrate/titrate/ingest"
	"github.com/titrate/titrate/ingest/simulate"
)

// population says which virtual people to make.
type population struct {
	patients int
	days     int
	seed     uint64
	cohort   string
	faults   []string
	settings map[string]string
}

func (p *population) add(cmd *cobra.Command, patients, days int) {
	flags := cmd.Flags()
	flags.IntVar(&p.patients, "patients", patients, "how many virtual people")
	flags.IntVar(&p.days, "days", days, "days of their lives")
	flags.Uint64Var(&p.seed, "seed", 1, "same seed, same people, same lives")
	flags.StringVar(&p.cohort, "cohort", "mixed", strings.Join(simulate.Cohorts(), ", "))
	flags.StringSliceVar(&p.faults, "faults", nil, "sensor faults: "+strings.Join(simulate.Faults(), ", ")+", all")
	settingsFlag(flags, &p.settings)
}

func settingsFlag(flags *pflag.FlagSet, to *map[string]string) {
	flags.StringToStringVar(to, "settings", nil, "by what to multiply people's settings, such as icr=1.3,isf=0.8: "+strings.Join(simulate.SettingNames(), ", "))
}

// wrongSettings reads --settings; names and sizes are checked with the other options.
func wrongSettings(given map[string]string) (simulate.Settings, error) {
	settings := simulate.Settings{}
	for name, text := range given {
		factor, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return nil, usagef("--settings %s=%s: want a number, such as %s=1.3", name, text, name)
		}
		settings[name] = factor
	}
	return settings, nil
}

// options refuses mistakes with the permitted values.
func (p *population) options(start time.Time) (simulate.Options, error) {
	o := simulate.Options{Patients: p.patients, Seed: p.seed, Start: start, Cohort: p.cohort, Faults: p.faults}
	if p.patients < 1 || p.days < 1 {
		return o, usagef("--patients %d --days %d: both must be at least 1", p.patients, p.days)
	}
	var err error
	if o.Settings, err = wrongSettings(p.settings); err != nil {
		return o, err
	}
	if err := o.Check(); err != nil {
		return o, usageError{err}
	}
	return o, nil
}

// people makes them, with lives that begin at start.
func (p *population) people(start time.Time) ([]*simulate.Person, error) {
	o, err := p.options(start)
	if err != nil {
		return nil, err
	}
	people, err := simulate.People(o)
	if err != nil {
		return nil, usageError{err}
	}
	return people, nil
}

// simulateJob makes virtual people live, as fast as possible or by a clock.
type simulateJob struct {
	who    population
	to     outFlags
	until  string
	truth  string // also write here what really happened
	speed  float64
	people []*simulate.Person
	start  time.Time
	end    time.Time
}

func newSimulate() *cobra.Command {
	var job simulateJob
	cmd := &cobra.Command{
		Use:   "simulate",
		Short: "Make virtual people and the events of their lives",
		Long: "Simulate makes the events of some days as fast as it can, as declared history that causes no advice; or,\n" +
			"with --speed, lets people live by a clock and transmit each event when it happens.",
		Example: `  titrate simulate --patients 100 --days 14 > events.jsonl
  titrate simulate --patients 100 --days 14 --faults all --truth truth.jsonl --out events.jsonl
  titrate simulate --patients 100 --speed 1 --brokers localhost:9092`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := job.prepare(time.Now()); err != nil {
				return err
			}
			return job.run(cmd)
		},
	}
	job.who.add(cmd, 20, 14)
	job.to.add(cmd)
	flags := cmd.Flags()
	flags.StringVar(&job.until, "until", "", "when the simulated days end, RFC 3339 (default: today at midnight UTC; with --speed: now)")
	flags.StringVar(&job.truth, "truth", "", "also write what really happened where a fault touched a reading to this file, one JSON object a line")
	flags.Float64Var(&job.speed, "speed", 0, "live by a clock that runs so many times as fast as real time: 1 to 3600; 1 begins now (default: as fast as possible)")
	return cmd
}

// prepare refuses mistakes, and makes the people.
func (j *simulateJob) prepare(now time.Time) (err error) {
	if j.speed != 0 && (j.speed < 1 || j.speed > 3600) {
		return usagef("--speed %v: want 1 to 3600 times real time, or none to be as fast as possible", j.speed)
	}
	if err := directoryOf("--truth", j.truth); err != nil {
		return err
	}
	if j.end, err = lifeEnd(j.until, j.latest(now)); err != nil {
		return err
	}
	j.start = j.end.AddDate(0, 0, -j.who.days)
	j.people, err = j.who.people(j.start)
	return err
}

// latest is where the days end if nothing is said: of history the last midnight;
// of life by a clock the present, which it catches up with, or, where it goes no
// faster than the present, so many days from now.
func (j *simulateJob) latest(now time.Time) time.Time {
	switch now = now.UTC().Truncate(time.Minute); {
	case j.speed == 0:
		return now.Truncate(24 * time.Hour)
	case j.speed == 1:
		return now.AddDate(0, 0, j.who.days)
	}
	return now
}

// lifeEnd is a whole minute: with --until given, the same seed makes the same bytes.
func lifeEnd(until string, latest time.Time) (time.Time, error) {
	if until == "" {
		return latest, nil
	}
	end, err := time.Parse(time.RFC3339, until)
	if err != nil {
		return time.Time{}, usagef("--until %q: want RFC 3339, such as 2026-11-21T00:00:00Z", until)
	}
	return end.UTC().Truncate(time.Minute), nil
}

func (j *simulateJob) run(cmd *cobra.Command) error {
	out, err := j.to.open(cmd.Context(), cmd.OutOrStdout())
	if err != nil {
		return err
	}
	truths, err := tellTruth(j.truth, j.people)
	if err != nil {
		out.Abort()
		return err
	}
	events, err := j.live(cmd.Context(), out)
	if err != nil {
		out.Abort()
		truths.abort()
		return fmt.Errorf("simulate: %w", err)
	}
	if err := errors.Join(out.Close(), truths.close()); err != nil {
		return err
	}
	summary := struct {
		People int `json:"people"`
		Events int `json:"events"`
		Truths int `json:"truths,omitempty"`
	}{len(j.people), events, truths.told}
	return printSummary(j.to.summaryOut(cmd), summary)
}

// live lets people live by the clock, or as fast as possible.
func (j *simulateJob) live(ctx context.Context, out eventsOut) (events int, err error) {
	if j.speed != 0 {
		return j.liveByClock(ctx, out)
	}
	show := startProgress("Simulating", int64(len(j.people)))
	events, err = makeHistory(ctx, j.people, j.start, j.end, out.Write, func(done int) { show.set(int64(done), "") })
	if err == nil {
		show.end(fmt.Sprintf("%d events of %d people", events, len(j.people)))
	}
	return events, err
}

// makeHistory lets people live until end and writes what happened, person by
// person, as declared history: it fills the lake and causes no advice.
func makeHistory(ctx context.Context, people []*simulate.Person, start, end time.Time, write func(kafka.Message) error, done func(people int)) (events int, err error) {
	put := func(at time.Time, w ingest.Wire) error {
		w.Backfill = true
		m, err := message(at, w)
		if err != nil {
			return err
		}
		events++
		return write(m)
	}
	for i, p := range people {
		if err := ctx.Err(); err != nil {
			return events, err
		}
		if err := oneHistory(p, start, end, put); err != nil {
			return events, err
		}
		done(i + 1)
	}
	return events, nil
}

// oneHistory is the person's settings, which a clinic knows from the first day,
// and then their life.
func oneHistory(p *simulate.Person, start, end time.Time, put func(time.Time, ingest.Wire) error) error {
	if err := put(start, p.Profile()); err != nil {
		return err
	}
	return p.Advance(end, put)
}

// message is a wire event that was transmitted at a time.
func message(at time.Time, w ingest.Wire) (kafka.Message, error) {
	value, err := json.Marshal(w)
	if err != nil {
		return kafka.Message{}, fmt.Errorf("encode event of %s: %w", w.Patient, err)
	}
	return kafka.Message{Key: []byte(w.Patient), Value: value, Seen: at}, nil
}
