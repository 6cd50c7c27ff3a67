package lake

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/titrate/titrate/cleanse"
)

// EventOptions say whose events are wanted, and of what time.
type EventOptions struct {
	Since, Until time.Time // Since <= At < Until; zero is unbounded
	Patients     []string  // nil for everyone's
	// AtOnce bounds memory: so many events are held (default 200,000, about
	// 100 MB), or one person's if they are more.
	AtOnce int
}

// Events calls fn once for each person, in the order of their names, with what
// was accepted of their glucose, meals, insulin, profiles, responses, activity,
// notes and retractions, what was replaced as well as what replaces it, in the
// order of the log: kafka_partition, then kafka_offset. Where a topic was deleted
// and made again, the older one's events come first. The slice is fn's to read
// until it returns.
func Events(ctx context.Context, bucket Bucket, o EventOptions, fn func(patient string, events []cleanse.Event) error) error {
	h := &history{
		bucket: bucket, bounds: newBounds(o.Since, o.Until, o.Patients),
		sources: sources(), words: map[string]string{}, generations: map[string]int32{},
	}
	if err := h.index(ctx); err != nil {
		return fmt.Errorf("read events: %w", err)
	}
	for people := range h.groups(cmp.Or(o.AtOnce, 200_000)) {
		if err := h.read(ctx, people, fn); err != nil {
			return fmt.Errorf("read events: %w", err)
		}
	}
	return nil
}

// history reads people's events from several tables.
type history struct {
	bucket Bucket
	bounds
	sources     []source
	indices     []*index          // of the sources
	words       map[string]string // one copy of each repeated word
	generations map[string]int32  // topics of one name by the id in file names
}

func (h *history) index(ctx context.Context) error {
	for _, s := range h.sources {
		x, err := indexTable(ctx, h.bucket, s.table, &h.bounds)
		if err != nil {
			return err
		}
		h.indices = append(h.indices, x)
	}
	return nil
}

// groups yields people in the order of their names, as many at once as have no
// more than limit rows together.
func (h *history) groups(limit int) iter.Seq[[]string] {
	rows := map[string]int64{}
	for _, x := range h.indices {
		for patient, runs := range x.runs {
			for _, r := range runs {
				rows[patient] += r.rows
			}
		}
	}
	people := make([]string, 0, len(rows))
	for patient := range rows {
		people = append(people, patient)
	}
	slices.Sort(people)
	return func(yield func([]string) bool) {
		start, held := 0, int64(0)
		for i, patient := range people {
			if i > start && held+rows[patient] > int64(limit) {
				if !yield(people[start:i]) {
					return
				}
				start, held = i, 0
			}
			held += rows[patient]
		}
		if start < len(people) {
			yield(people[start:])
		}
	}
}

// told is an event and which topic of its name told it.
type told struct {
	cleanse.Event
	generation int32
}

// read hands the events of some people to fn.
func (h *history) read(ctx context.Context, people []string, fn func(string, []cleanse.Event) error) error {
	held := make(map[string][]told, len(people))
	for i, s := range h.sources {
		err := s.read(ctx, h, h.indices[i].pick(people), func(e cleanse.Event, generation int32) {
			if e.At.UnixMicro() >= h.since && e.At.UnixMicro() < h.until {
				h.intern(&e)
				held[e.Patient] = append(held[e.Patient], told{e, generation})
			}
		})
		if err != nil {
			return err
		}
	}
	for _, patient := range people {
		if err := ctx.Err(); err != nil {
			return err
		}
		if len(held[patient]) == 0 {
			continue
		}
		if err := fn(patient, inLogOrder(held[patient])); err != nil {
			return err
		}
		delete(held, patient)
	}
	return nil
}

// intern keeps one copy of the words that every row of a file repeats.
func (h *history) intern(e *cleanse.Event) {
	for _, word := range [...]*string{&e.Patient, &e.Device, &e.Source} {
		known, ok := h.words[*word]
		if !ok {
			known = *word
			h.words[known] = known
		}
		*word = known
	}
}

// inLogOrder sorts by position in the log. Offsets begin again at 0 in a topic
// that was made anew, so topics are put in the order of their first message.
func inLogOrder(all []told) []cleanse.Event {
	first := map[int32]time.Time{}
	order := make([]int32, len(all))
	for i := range all {
		order[i] = int32(i)
		t, ok := first[all[i].generation]
		if !ok || all[i].Seen.Before(t) {
			first[all[i].generation] = all[i].Seen
		}
	}
	slices.SortFunc(order, func(a, b int32) int {
		x, y := &all[a], &all[b]
		if x.generation != y.generation {
			if c := first[x.generation].Compare(first[y.generation]); c != 0 {
				return c
			}
		}
		return cmp.Or(cmp.Compare(x.generation, y.generation), cmp.Compare(x.Partition, y.Partition),
			cmp.Compare(x.Offset, y.Offset))
	})
	events := make([]cleanse.Event, len(all))
	for i, n := range order {
		events[i] = all[n].Event
	}
	return events
}
