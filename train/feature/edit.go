package feature

import (
	"time"

	"github.com/titrate/titrate/cleanse/slab"
)

// id is an event's id in short, 0 for none. That an edit hits another of the 120
// events of its person's window has a chance of one in 35 million.
type id uint32

// name is the id in short (FNV-1a, folded).
func name(text string) id {
	if text == "" {
		return 0
	}
	h := uint64(14695981039346656037)
	for i := range len(text) {
		h = (h ^ uint64(text[i])) * 1099511628211
	}
	return id(max(uint32(h^h>>32), 1))
}

// forget drops the event of an id that another event replaces. One that it doesn't
// remember, because it is too old or was never seen, changes nothing.
func (w *Window) forget(replaced string, as extent) {
	old := name(replaced)
	if old == 0 {
		return
	}
	r := w.lists()
	if s, ok := remove(&r.readings, &w.readings, old); ok && as == summed {
		w.level.take(&r.periods, s.at(), s.glucose())
	}
	if s, ok := remove(&r.doses, &w.doses, old); ok && as == summed {
		w.totals.take(&r.insulin, s.at, time.Duration(s.minutes)*time.Minute, s.units)
	}
	remove(&r.meals, &w.meals, old)
	if w.long.id == old {
		if as == summed {
			w.totals.take(&r.insulin, w.long.at, 0, w.long.units)
		}
		w.long = injection{}
	}
	if w.workout != nil && w.workout.id == old {
		w.workout = nil
	}
	if w.profile == old {
		r.settings.keep(&w.settings, nil)
		w.since, w.profile = 0, 0
	}
}

// remove takes the entry of an id out of l.
func remove[T identified](s *slab.Slab[T], l *slab.List, old id) (gone T, ok bool) {
	for i, x := range s.Of(*l) {
		if x.what() == old {
			s.Cut(l, i, 1)
			return x, true
		}
	}
	return gone, false
}

// identified is an entry that knows whose it is.
type identified interface{ what() id }

func (s sample) what() id { return s.id }
func (s shot) what() id   { return s.id }
func (p plate) what() id  { return p.id }
