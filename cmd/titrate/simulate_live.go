package main

import (
	"context"
	"fmt"
	"time"

	"github.com/titrate/titrate/ingest"
)

// liveByClock lets people live together from start to end, on a clock that runs
// --speed times as fast as the wall's and never passes it. Each event goes out
// within liveEvery of its time. Ctrl-C ends their days early, and is no error.
func (j *simulateJob) liveByClock(ctx context.Context, out eventsOut) (events int, err error) {
	put := func(at time.Time, w ingest.Wire) error {
		m, err := message(at, w)
		if err != nil {
			return err
		}
		events++
		return out.Write(m)
	}
	for _, p := range j.people { // settings first, which a clinic knows
		if err := put(j.start, p.Profile()); err != nil {
			return events, err
		}
	}
	clock := newVirtualClock(time.Now, j.start, j.speed)
	tick := time.NewTicker(liveEvery)
	defer tick.Stop()
	minutes := int64(j.end.Sub(j.start) / time.Minute)
	show := startProgress(fmt.Sprintf("Living at %v times real time", j.speed), minutes)
	for now := j.start; now.Before(j.end); {
		select {
		case <-ctx.Done():
			show.end(fmt.Sprintf("%d events until %s", events, now.Format(time.RFC3339)))
			return events, nil
		case <-tick.C:
		}
		if now = clock.Now(); now.After(j.end) {
			now = j.end
		}
		for _, p := range j.people {
			if err := p.Advance(now, put); err != nil {
				return events, err
			}
		}
		if err := out.Flush(); err != nil {
			return events, err
		}
		show.set(int64(now.Sub(j.start)/time.Minute), "")
	}
	show.end(fmt.Sprintf("%d events of %d people", events, len(j.people)))
	return events, nil
}
