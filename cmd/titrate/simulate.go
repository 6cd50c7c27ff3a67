package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"
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
}

func (p *population) add(cmd *cobra.Command, patients, days int) {
	flags := cmd.Flags()
	flags.IntVar(&p.patients, "patients", patients, "how many virtual people")
	flags.IntVar(&p.days, "days", days, "days of their lives")
	flags.Uint64Var(&p.seed, "seed", 1, "same seed, same people, same lives")
	flags.StringVar(&p.cohort, "cohort", "mixed", strings.Join(simulate.Cohorts(), ", "))
	flags.StringSliceVar(&p.faults, "faults", nil, "sensor faults: "+strings.Join(simulate.Faults(), ", ")+", all")
}

// people makes them, with lives that begin at start.
func (p *population) people(start time.Time) ([]*simulate.Person, error) {
	if p.patients < 1 || p.days < 1 {
		return nil, usagef("--patients %d --days %d: both must be at least 1", p.patients, p.days)
	}
	people, err := simulate.People(simulate.Options{
		Patients: p.patients, Seed: p.seed, Start: start, Cohort: p.cohort, Faults: p.faults,
	})
	if err != nil {
		return nil, usageError{err}
	}
	return people, nil
}

func newSimulate() *cobra.Command {
	var who population
	var to outFlags
	var until string
	cmd := &cobra.Command{
		Use:   "simulate",
		Short: "Make virtual people and the events of their lives",
		Example: `  titrate simulate --patients 100 --days 14 > events.jsonl
  titrate simulate --patients 100 --days 14 --faults all --brokers localhost:9092`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			end, err := lifeEnd(until, time.Now())
			if err != nil {
				return err
			}
			start := end.AddDate(0, 0, -who.days)
			people, err := who.people(start)
			if err != nil {
				return err
			}
			return runSimulate(cmd, &to, people, start, end)
		},
	}
	who.add(cmd, 20, 14)
	to.add(cmd)
	cmd.Flags().StringVar(&until, "until", "", "when the simulated days end, RFC 3339 (default: today at midnight UTC)")
	return cmd
}

// lifeEnd is a whole minute: with --until given, the same seed makes the same bytes.
func lifeEnd(until string, now time.Time) (time.Time, error) {
	if until == "" {
		return now.UTC().Truncate(24 * time.Hour), nil
	}
	end, err := time.Parse(time.RFC3339, until)
	if err != nil {
		return time.Time{}, usagef("--until %q: want RFC 3339, such as 2026-11-21T00:00:00Z", until)
	}
	return end.UTC().Truncate(time.Minute), nil
}

func runSimulate(cmd *cobra.Command, to *outFlags, people []*simulate.Person, start, end time.Time) error {
	out, err := to.open(cmd.Context(), cmd.OutOrStdout())
	if err != nil {
		return err
	}
	show := startProgress("Simulating", int64(len(people)))
	events, err := makeHistory(cmd.Context(), people, start, end, out.Write, func(done int) { show.set(int64(done), "") })
	if err != nil {
		out.Abort()
		return fmt.Errorf("simulate: %w", err)
	}
	if err := out.Close(); err != nil {
		return err
	}
	show.end(fmt.Sprintf("%d events of %d people", events, len(people)))
	summary := struct {
		People int `json:"people"`
		Events int `json:"events"`
	}{len(people), events}
	return printSummary(to.summaryOut(cmd), summary)
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
