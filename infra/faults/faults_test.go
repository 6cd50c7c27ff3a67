package faults

import (
	"flag"
	"fmt"
	"testing"
	"testing/synctest"
)

var (
	schedules = flag.Uint64("schedules", 100, "how many schedules of faults to try")
	seed      = flag.Uint64("seed", 0, "the first schedule's seed")
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
}

// TestFaults plays schedules until one loses or doubles a record. All of them are
// in one bubble: parquet-go's pooled encoders belong to the bubble they were made in.
func TestFaults(t *testing.T) {
	var failed error
	noticed := map[string]string{}
	synctest.Test(t, func(*testing.T) {
		for n := range *schedules {
			if err := run(*seed+n, off{}); err != nil {
				failed = fmt.Errorf("go test ./infra/faults -schedules 1 -seed %d: %w", *seed+n, err)
				return
			}
		}
		for name, without := range controls {
			if *only != "" && name != *only {
				continue
			}
			for n := range uint64(100) {
				if err := run(n, without); err != nil {
					noticed[name] = fmt.Sprintf("schedule %d: %v", n, err)
					break
				}
			}
		}
	})
	if failed != nil {
		t.Fatal(failed)
	}
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
