package faults

import (
	"context"
	"fmt"
	"testing/synctest"
	"time"

	"github.com/titrate/titrate/cleanse/lake"
)

// afterAll is when all days of a schedule's log are over.
var afterAll = epoch.AddDate(0, 1, 0)

// startCompaction has a process compact the lake beside the members.
func (s *sim) startCompaction() *member {
	ctx, cancel := context.WithCancel(context.Background())
	m := &member{sim: s, number: 1000, cancel: cancel, ended: make(chan error, 1), tried: map[string]bool{}}
	go func() {
		summary, err := lake.Compact(ctx, door{m}, lake.CompactOptions{ID: "compaction", Now: afterAll, After: time.Hour, Temp: s.temp})
		s.merges += summary.Merges
		m.ended <- err
	}()
	return m
}

// end lets the members finish, and then compacts in peace: what a writer that hung had
// put once more, after it was merged, is removed by the next compaction.
func (s *sim) end() error {
	if err := s.stop(nil); err != nil {
		return err
	}
	m := s.startCompaction()
	for {
		synctest.Wait()
		select {
		case err := <-m.ended:
			if err != nil {
				return fmt.Errorf("compaction in peace: %w", err)
			}
			return nil
		default:
			s.grant()
		}
	}
}

// Remove implements lake.Remover.
func (d door) Remove(ctx context.Context, name string) error {
	return d.ask(ctx, "remove "+name, func(f fault) error {
		switch f {
		case works:
			d.sim.store.remove(name)
			return nil
		case timesOut:
			d.sim.store.remove(name)
		case crashBefore:
			d.crash()
			return errCrash
		case crashAfter:
			d.sim.store.remove(name)
			d.crash()
			return errCrash
		}
		return fmt.Errorf("remove %s: %w", name, errFault)
	})
}
