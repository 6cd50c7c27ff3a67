package s3

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/titrate/titrate/cleanse"
	"github.com/titrate/titrate/train"
)

// Two trainings publish, promote, roll back and shadow on one bucket at once, each
// through a client of its own. Nobody's version or entry is lost or overwritten, and
// the last entry holds.
func TestTwoWritersShareARegistry(t *testing.T) {
	const writers, rounds = 2, 6
	endpoint, ctx, now := startS3(t), t.Context(), time.Date(2026, 11, 2, 8, 0, 0, 0, time.UTC)
	var published, returned [writers][]string
	var group errgroup.Group
	for w := range writers {
		registry := open(t, endpoint, "models")
		group.Go(func() error {
			for n := range rounds {
				m, err := train.Publish(ctx, registry, &train.Result{Model: train.Prior(), Report: train.Report{Seed: uint64(w)}}, now)
				if err != nil {
					return err
				}
				published[w] = append(published[w], m.Version)
				err = errors.Join(
					train.Promote(ctx, registry, m.Version, fmt.Sprintf("drill %d-%d", w, n), now),
					train.Shadow(ctx, registry, m.Version, now))
				if err != nil {
					return err
				}
				if n == rounds/2 {
					back, err := train.Rollback(ctx, registry, fmt.Sprintf("back %d", w), now)
					if err != nil {
						return err
					}
					returned[w] = append(returned[w], back)
				}
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	registry := open(t, endpoint, "models")
	all := slices.Concat(published[:]...)
	slices.Sort(all)
	if len(slices.Compact(slices.Clone(all))) != writers*rounds {
		t.Fatalf("a version was given twice: %v", published)
	}
	for w, versions := range published {
		for _, version := range versions {
			report, err := train.Published(ctx, registry, version)
			m, err2 := train.Named(ctx, registry, version)
			if errors.Join(err, err2) != nil || report.Seed != uint64(w) || m.Version != version {
				t.Errorf("%s of writer %d: seed %v, %v", version, w, report, errors.Join(err, err2))
			}
		}
	}
	log, err := train.History(ctx, registry, train.ChampionAlias)
	if err != nil || len(log) != writers*(rounds+1) {
		t.Fatalf("%d promotions in the log, want %d (%v)", len(log), writers*(rounds+1), err)
	}
	var promoted, back []string
	for _, entry := range log {
		if entry.Forced {
			promoted = append(promoted, entry.Version)
		} else {
			back = append(back, entry.Version)
		}
	}
	slices.Sort(promoted)
	if !slices.Equal(promoted, all) || !sameSet(back, slices.Concat(returned[:]...)) {
		t.Errorf("promoted %v and went back to %v; want %v and %v", promoted, back, all, returned)
	}
	if m, err := train.Champion(ctx, registry); err != nil || m.Version != log[len(log)-1].Version {
		t.Errorf("in charge is %v (%v), the log ends with %s", m, err, log[len(log)-1].Version)
	}
	beside, err := train.History(ctx, registry, train.ChallengerAlias)
	if err != nil || len(beside) != writers*rounds {
		t.Errorf("%d shadows in the log, want %d (%v)", len(beside), writers*rounds, err)
	}
}

func sameSet(a, b []string) bool {
	slices.Sort(a)
	slices.Sort(b)
	return slices.Equal(a, b)
}

// Two jobs adapt a version on one bucket at once, each through a client of its own: one
// number each is given once, and who reads takes the last.
func TestTwoJobsAdaptAVersion(t *testing.T) {
	endpoint, ctx := startS3(t), t.Context()
	registry := open(t, endpoint, "models")
	m, err := train.Publish(ctx, registry, &train.Result{Model: train.Prior()}, time.Date(2026, 11, 2, 8, 0, 0, 0, time.UTC))
	if err != nil || m.Name() != m.Version {
		t.Fatalf("%v, %v", m, err)
	}
	const days = 5
	var published [2][]int
	var group errgroup.Group
	for w := range published {
		registry := open(t, endpoint, "models")
		group.Go(func() error {
			for day := 2; day < 2+days; day++ {
				learned, err := m.Learn(wave(day))
				if err != nil {
					return err
				}
				a, fresh, err := train.Adapt(ctx, registry, m, learned)
				if err != nil {
					return err
				}
				if fresh {
					published[w] = append(published[w], a.Number)
				}
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	numbers := slices.Concat(published[:]...)
	slices.Sort(numbers)
	if len(numbers) != days || numbers[0] != 1 || numbers[days-1] != days {
		t.Errorf("of %d days the adaptations %v were published", days, published)
	}
	got, err := train.Named(ctx, registry, fmt.Sprintf("%s+%d", m.Version, days))
	if err != nil || got.Adaptation.People() != 1 {
		t.Errorf("the last is %+v, %v", got, err)
	}
}

// wave is so many days of one person's readings, up and down.
func wave(days int) train.Replay {
	return func(fn func(string, []cleanse.Event) error) error {
		var events []cleanse.Event
		for n := range 288 * days {
			events = append(events, cleanse.Event{
				Kind: cleanse.Glucose, Source: "cgm", At: time.Date(2026, 11, 2, 0, 5*n, 0, 0, time.UTC),
				Glucose: cleanse.GlucoseReading{MgdL: cleanse.MgdL(110 + n%80)},
			})
		}
		return fn("p-1", events)
	}
}
