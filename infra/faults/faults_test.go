package faults

import (
	"flag"
	"fmt"
	"testing"
	"testing/synctest"
)

var (
	schedules = flag.Uint64("schedules", 40, "how many schedules of faults to try")
	seed      = flag.Uint64("seed", 0, "the first schedule's seed")
	repeated  = flag.Uint64("repeated", 4, "how many schedules to play twice")
	only      = flag.String("control", "", "the only protection to do without; none for none")
)

// controls are protections that the suite does without, to show that it would
// notice, each within a hundred schedules.
var controls = map[string]off{
	"a taken name is overwritten":           {overwrite: true},
	"the group's offset decides":            {storedDecides: true},
	"an open claim is taken for done":       {openClaims: true},
	"the past isn't read back":              {readBack: true},
	"an ambiguous put is cleaned up":        {keepAmbiguous: true},
	"a put returns before it is durable":    {sync: true},
	"a put isn't all or nothing":            {atomicPut: true},
	"an assignment may begin at the latest": {resetIsError: true},

	"a file that is put again gets another name":  {sameName: true},
	"a claim that failed isn't made again":        {claimAgain: true},
	"an outage makes a member forget what it has": {keepHeld: true},
	"a merge goes without its record":             {record: true},
}

// repeats plays schedules twice: each request must be granted in the same order and
// with the same fault, and the lake that is left must have the same objects.
func repeats() error {
	for n := range *repeated {
		var traces [2][]string
		for i := range traces {
			s := newSim(*seed+n, off{})
			if err := s.play(); err != nil {
				return err
			}
			traces[i] = append(s.trace, s.store.names()...)
		}
		for i := range max(len(traces[0]), len(traces[1])) {
			first, second := traces[0][min(i, len(traces[0])):], traces[1][min(i, len(traces[1])):]
			if len(first) == 0 || len(second) == 0 || first[0] != second[0] {
				return fmt.Errorf("seed %d differs at request %d of %d: %q, and then %q",
					*seed+n, i, len(traces[0]), first[:min(3, len(first))], second[:min(3, len(second))])
			}
		}
	}
	return nil
}

// TestFaults plays schedules until one loses or doubles a record. All of them are
// in one bubble: parquet-go's pooled encoders belong to the bubble they were made in.
func TestFaults(t *testing.T) {
	var failed error
	var differs error
	var outages, merges, beside int
	noticed := map[string]string{}
	synctest.Test(t, func(*testing.T) {
		for n := range *schedules {
			s, err := run(*seed+n, off{})
			outages, merges, beside = outages+s.outages, merges+s.merges, beside+s.beside
			if err != nil {
				failed = fmt.Errorf("go test ./infra/faults -schedules 1 -seed %d: %w", *seed+n, err)
				return
			}
		}
		differs = repeats()
		for name, without := range controls {
			if *only != "" && name != *only {
				continue
			}
			for n := range uint64(100) {
				if _, err := run(n, without); err != nil {
					noticed[name] = fmt.Sprintf("schedule %d: %v", n, err)
					break
				}
			}
		}
	})
	if failed != nil {
		t.Fatal(failed)
	}
	t.Logf("%d schedules, with %d outages, %d merges, and %d fetches while the member stored", *schedules, outages, merges, beside)
	if *schedules >= 20 && (outages == 0 || merges == 0 || beside == 0) {
		t.Error("that proves nothing")
	}
	t.Run("a seed repeats exactly", func(t *testing.T) {
		if differs != nil {
			t.Error(differs)
		}
	})
	for name := range controls {
		if *only != "" && name != *only {
			continue
		}
		t.Run("without protection: "+name, func(t *testing.T) {
			if noticed[name] == "" {
				t.Error("a hundred schedules noticed nothing")
			}
			t.Log(noticed[name])
		})
	}
}
